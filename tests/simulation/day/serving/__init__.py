"""How an agent serves a conversation: one file a way. See README.md for what a file holds."""
