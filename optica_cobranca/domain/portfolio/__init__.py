"""Pure rules of the room ``portfolio``; what the room is, ``models/portfolio`` says."""
