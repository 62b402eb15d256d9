"""Choices that stand in several places, as the customer sees them."""

from __future__ import annotations

import json
from typing import Any

from actions.turn import Turn
from bot.channels.messages import Choice
from bot.client import Client

YES = Choice("/setuju", "Ya")
NO = Choice("/tolak", "Tidak")
AGENT = Choice("/minta_agen", "Hubungi petugas")
TICKET = Choice("/buat_tiket", "Buat tiket")
MORE_HELP = "Ada yang bisa dibantu lagi?"


def pick(value: str, title: str, description: str | None = None) -> Choice:
    """A choice that fills the form's present question with `value`."""
    return Choice(f"/pilih{json.dumps({'nilai': value})}", title, description)


def topic(client: Client, intent: str) -> Choice:
    """A choice that means an intent, titled by its topic."""
    return Choice(f"/{intent}", client.topic_label(client.topic_of(intent)))


def quick(client: Client) -> list[Choice]:
    """The client's menu for a customer who has only greeted."""
    return [Choice(f"/{q.intent}", q.title) for q in client.brand.quick]


def ask_for_more(turn: Turn, before: str = "") -> None:
    """'Ada yang bisa dibantu lagi?' (SOP step 5). Within a form nothing is asked: the form goes on by itself."""
    text = before
    need = turn.slot("next_need")
    if need and turn.form is None:
        label = turn.client.topic_label(turn.client.topic_of(need["name"]))
        turn.say(f"{before} Bapak/Ibu juga menyampaikan hal lain (*{label}*). Apakah ingin kami bantu sekarang?".strip(), [YES, NO])
        turn.set("expects", "next_need")
        return
    if turn.form is None:
        text = f"{before} {MORE_HELP}".strip()
        turn.unit.mark("bantuan_lain")
        turn.set("expects", "other_help")
    if text:
        turn.say(text)


def keep_other_needs(turn: Turn) -> None:
    """A message that asked for several things: the first is being answered, the second is offered when that is done."""
    other = turn.needs[1] if len(turn.needs) > 1 else None
    if other or turn.slot("next_need"):
        turn.set("next_need", other)


def context(slots: dict[str, Any], form: str | None, failed: int) -> dict[str, Any]:
    """What a person who takes over is shown of the dialogue."""
    return {"slots": slots, "form": form, "failed_turns": failed}
