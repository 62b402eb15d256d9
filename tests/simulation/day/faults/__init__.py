"""What goes wrong: one file a fault. See README.md for what a file holds."""
