"""The pure rules: tables worked out by hand and properties; no database, no clock."""
