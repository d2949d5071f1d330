"""Pure rules of the room ``claims``; what the room is, ``models/claims`` says."""
