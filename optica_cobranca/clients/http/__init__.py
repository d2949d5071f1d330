"""How requests leave and answers are read, whoever answers; what strangers send is untrusted."""
