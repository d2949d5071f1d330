"""Tests of the pure rules of the room ``crediario``."""
