"""Every table, gathered: importing this module fills `metadata`."""

from __future__ import annotations

import bot.assist.records
import bot.channels.records
import bot.consent.records
import bot.conversations.records
import bot.customers.records
import bot.desk.records
import bot.dialogue.records
import bot.handoff.records
import bot.outside.records
import bot.procedure.records
import bot.reservations.records
import bot.supervision.records
import bot.tickets.case_records
import bot.tickets.records
import bot.tickets.search_records
import bot.training.models_records
import bot.training.records  # noqa: F401
from bot.store.types import metadata
from bot.tickets.search_records import compared

__all__ = ["compared", "metadata"]
