"""Pure rules of the room ``recovery``; what the room is, ``models/recovery`` says."""
