"""Pure rules of the room ``rating``; what the room is, ``models/rating`` says."""
