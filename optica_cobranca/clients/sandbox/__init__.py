"""A provider that sends nothing and answers as told."""
