"""Helpers of the room ``crediario``; what the room is, ``models/crediario`` says."""
