"""Pure rules of the room ``calendar``; what the room is, ``models/calendar`` says."""
