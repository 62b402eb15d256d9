"""Tickets: how they are spoken of and where they may go, as pure rules."""

from __future__ import annotations


def summary_of(detail: str) -> str:
    """The first sentence or so of a complaint, at most 120 characters, cut at a word."""
    line = " ".join(detail.split())
    if len(line) <= 120:
        return line
    return line[:119].rsplit(" ", 1)[0] + "…"
