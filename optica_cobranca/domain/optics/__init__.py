"""Pure rules of the room ``optics``; what the room is, ``models/optics`` says."""
