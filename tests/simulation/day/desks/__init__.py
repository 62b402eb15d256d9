"""What happens at the desks beside serving: one file each. See README.md for what a file holds."""
