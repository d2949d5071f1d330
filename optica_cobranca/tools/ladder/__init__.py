"""Helpers of the room ``ladder``; what the room is, ``models/ladder`` says."""
