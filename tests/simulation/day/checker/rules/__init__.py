"""Invariants: one file each."""
