"""Helpers of the room ``shop``; what the room is, ``models/shop`` says."""
