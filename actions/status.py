"""The status of a ticket: only its own customer's, known by the identity they write from."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.engine import Row

from actions.choices import AGENT, ask_for_more
from actions.turn import Turn, action
from bot.client import Client
from bot.tickets.service import get, of_customer
from bot.wording import say_date


@action("action_ticket_status")
async def ticket_status(turn: Turn) -> None:
    """By number if one is named, else the newest three."""
    turn.unit.topic = "cek_status"
    turn.unit.mark("kebutuhan")
    client, customer = turn.client, turn.unit.conversation.customer_id
    named = re.search(rf"\b{client.tickets.prefix}[ -]?(\d{{4,8}})\b", turn.text, re.IGNORECASE)
    async with turn.unit.db.read() as tx:
        if named:
            row = await get(tx, f"{client.tickets.prefix}-{named.group(1)}")
            rows = [row] if row is not None and row.customer_id == customer else []
        else:
            rows = await of_customer(tx, customer, 3)
    if not rows and named:
        turn.say(
            "Mohon maaf, tiket tersebut tidak kami temukan atas nama akun ini. Demi keamanan, status hanya kami berikan kepada pelapornya. "
            "Bila Bapak/Ibu melapor melalui kanal lain, petugas kami dapat membantu setelah verifikasi.",
            [AGENT],
        )
    elif not rows:
        turn.say("Belum ada tiket atas nama akun ini. Bila Bapak/Ibu memiliki nomor tiket, silakan tuliskan nomornya.", [AGENT])
    else:
        for row in rows:
            turn.say(f"Tiket *{row.number}* ({row.summary}): {_standing(row, client)}")
        turn.unit.mark("solusi")
    ask_for_more(turn)


def _standing(row: Row[Any], client: Client) -> str:
    """Where it stands and what comes next. While it waits for the customer the clock stands still, so no day is named."""
    status = client.tickets.statuses.get(row.status, row.status)
    if row.closed_at is not None:
        return f"*{status}* pada {say_date(row.closed_at, client.zone)}."
    if row.status in client.ticketing.sla.paused_in:
        return f"*{status}*. Kami menunggu tanggapan Bapak/Ibu."
    return f"*{status}*. Jawaban paling lambat {say_date(row.due_at or row.promised_at, client.zone)}."
