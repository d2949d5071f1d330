"""Helpers of the room ``receiving``; what the room is, ``models/receiving`` says."""
