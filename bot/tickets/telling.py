"""What a customer is told when their ticket changes: on the channel they came from, in the client's words (tickets.yml, notices).

Inside WhatsApp's 24 hours and on live chat it is a message. After them a template says that there is news, at most one a day, and the
news is kept and sent with the customer's next message. A ticket of a phone call or a visit has nobody to write to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from bot.channels.delivery import CHANNELS, send, window_open
from bot.channels.messages import Outbound, TemplateCall
from bot.conversations import facts, survey
from bot.conversations.courtesy import salutation
from bot.conversations.records import conversations
from bot.customers.records import customers
from bot.dialogue.unit import Library
from bot.store.database import Tx
from bot.tickets.records import tickets
from bot.wording import say_date

AGAIN = timedelta(days=1)  # so long after a template that nobody answered, the next may be sent
OVER = ("solved",)  # with these the satisfaction survey is asked


async def tell(tx: Tx, library: Library, ticket: Row[Any], notice: str, said: str = "") -> None:
    """Tell the customer. `said`: what the agent wrote for them, the notice's {penyelesaian}. Nothing where the client tells nothing."""
    wanted = library.client.ticketing.notices.get(notice)
    if wanted is None:
        return
    conversation = await _place(tx, ticket)
    how = "none"
    if conversation is not None:
        name = await _name(tx, ticket)
        text = " ".join(_filled(library, wanted.text, ticket, name, said).split())
        how = await _say(tx, library, conversation, ticket, text, wanted.template, name, notice in OVER)
    await facts.record(
        tx,
        "ticket_told",
        conversation=conversation.id if conversation is not None else None,
        customer=ticket.customer_id,
        ticket=ticket.number,
        notice=notice,
        how=how,
    )


async def write_to(tx: Tx, library: Library, ticket: Row[Any], text: str) -> str:
    """Send a note meant for the customer; how: `message`, `template`, `kept` or `none`."""
    conversation = await _place(tx, ticket)
    how = "none"
    if conversation is not None:
        how = await _say(tx, library, conversation, ticket, text, "kabar_tiket", await _name(tx, ticket), False)
    place = conversation.id if conversation is not None else None
    await facts.record(tx, "ticket_told", conversation=place, customer=ticket.customer_id, ticket=ticket.number, notice="note", how=how)
    return how


async def bring_news(tx: Tx, conversation: Row[Any]) -> int:
    """Say what was kept until the customer wrote again; how many messages."""
    waiting = select(tickets.c.number, tickets.c.news).where(tickets.c.customer_id == conversation.customer_id, tickets.c.news.is_not(None))
    rows = (await tx.execute(waiting.order_by(tickets.c.number).with_for_update())).all()
    for row in rows:
        await send(tx, conversation, Outbound(row.news), author="system")
        await tx.execute(update(tickets).where(tickets.c.number == row.number).values(news=None, news_at=None))
    return len(rows)


async def _place(tx: Tx, ticket: Row[Any]) -> Row[Any] | None:
    """The customer's newest conversation on the ticket's channel, locked; None where nobody can be written to."""
    if ticket.channel not in CHANNELS:
        return None
    theirs = (conversations.c.customer_id == ticket.customer_id) & (conversations.c.channel == ticket.channel)
    newest = select(conversations).where(theirs).order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(1)
    return (await tx.execute(newest.with_for_update())).first()


async def _say(tx: Tx, library: Library, conversation: Row[Any], ticket: Row[Any], text: str, template: str, name: str, over: bool) -> str:
    if ticket.news is not None:  # not read yet: it comes first, and nothing is lost
        text = f"{ticket.news}\n\n{text}"
    of_ticket = update(tickets).where(tickets.c.number == ticket.number)
    if not window_open(conversation, tx.now):
        if ticket.news is not None and ticket.news_at is not None and tx.now - ticket.news_at < AGAIN:
            await tx.execute(of_ticket.values(news=text))  # they were told that there is news, and it is this now
            return "kept"
        call, reads = _template(library, template, ticket, name, tx)
        await send(tx, conversation, Outbound(reads, template=call), author="system")
        await tx.execute(of_ticket.values(news=text, news_at=tx.now))
        return "template"
    if over and await survey.ask_again(tx, conversation):
        asked = survey.question(library.client)
        await send(tx, conversation, Outbound(f"{text}\n\n{asked.text}", asked.choices, asked.list_label), author="system")
    else:
        await send(tx, conversation, Outbound(text), author="system")
    await tx.execute(of_ticket.values(news=None, news_at=None))
    return "message"


def _template(library: Library, template: str, ticket: Row[Any], name: str, tx: Tx) -> tuple[TemplateCall, str]:
    """The call of a template and the text that it reads like."""
    chosen = next(each for each in library.client.templates if each.id == template)
    time_of_day = salutation(tx.now, library.client.zone).removeprefix("Selamat ")
    known = {"nama": name or "nasabah", "tiket": ticket.number, "waktu": time_of_day}
    values = {place: known.get(place, "-") for place in chosen.places}
    return TemplateCall(chosen.name, chosen.language, tuple(values.values())), chosen.text.format(**values)


def _filled(library: Library, text: str, ticket: Row[Any], name: str, said: str) -> str:
    client = library.client
    until = ticket.due_at or ticket.promised_at
    places = {
        "sapaan": "Bapak/Ibu",
        "nama": name,
        "nomor": ticket.number,
        "status": client.tickets.statuses.get(ticket.status, ticket.status),
        "tanggal": say_date(until, client.zone),
        "merek": client.brand.name,
        "penyelesaian": said.strip(),
    }
    for place, value in places.items():  # not str.format: what people wrote may hold braces
        text = text.replace(f"{{{place}}}", value)
    return text.replace("Bapak/Ibu ,", "Bapak/Ibu,")


async def _name(tx: Tx, ticket: Row[Any]) -> str:
    known = (await tx.execute(select(customers.c.name).where(customers.c.id == ticket.customer_id))).scalar()
    return str(ticket.reporter or known or "")
