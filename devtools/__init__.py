"""Developer tooling behind ``./dev``: standard library only, one file per theme."""
