"""`sapa train …`: what trainers do, on the command line. Each part adds its own subcommands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.operations import models, reviewing

PARTS: list[Callable[[Any], None]] = [reviewing.add_commands, models.add_commands]  # each takes the subparsers of `sapa train`


def add_commands(commands: Any) -> None:
    """Register the commands of every part."""
    parts = commands.add_parser("train", help="reviewing messages and seeing to the models").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for add in PARTS:
        add(parts)
