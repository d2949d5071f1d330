"""Walks of every screen as every role. ``VISITED`` is told at the end of the tests' output."""

# The walk and who walked: the pages, in the order in which they were opened.
VISITED: dict[str, list[str]] = {}
