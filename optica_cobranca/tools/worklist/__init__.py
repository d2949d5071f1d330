"""Helpers of the room ``worklist``; what the room is, ``models/worklist`` says."""
