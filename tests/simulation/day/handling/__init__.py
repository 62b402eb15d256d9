"""How a ticket is handled from its first unit to its end: one file a course. See README.md for what a file holds."""
