"""Texts that strangers wrote, made fit to be stored. Pure."""

from __future__ import annotations


def storable(text: str) -> str:
    """Without NUL and halves of characters: valid JSON, but databases and encoders refuse them."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
