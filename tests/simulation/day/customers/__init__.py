"""Customers: one file a kind. See README.md for what a file holds."""
