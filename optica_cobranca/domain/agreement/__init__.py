"""Pure rules of the room ``agreement``; what the room is, ``models/agreement`` says."""
