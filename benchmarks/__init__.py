"""Measurements: run them with ``./dev bench NAME``."""
