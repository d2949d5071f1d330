"""Helpers of the room ``messaging``; what the room is, ``models/messaging`` says."""
