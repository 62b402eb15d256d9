"""How fast one WhatsApp number sends, and whether it may at all: Meta's limits for the number and for each customer, and halts of the account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.channels.records import halts, pace
from bot.channels.whatsapp.errors import pair_delay
from bot.channels.whatsapp.pace import PAIR, THROUGHPUT, Level, drained, full, take
from bot.channels.whatsapp.render import Recipient
from bot.conversations import facts
from bot.customers.service import identities_of
from bot.store.database import Tx


class Pacing:
    """The pace of one number. The number's own throughput is counted in this process, each customer's in the database."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._throughput: Level | None = None

    async def wait(self, tx: Tx, to: Recipient) -> float:
        """Seconds to wait for the number's throughput and the customer's pair rate; takes one of each when there is none."""
        now = tx.now.timestamp()
        level, wait = take(THROUGHPUT, self._throughput, now)
        if wait:
            return wait
        recipient = to.wa_id or to.bsuid or ""
        stored = (await tx.execute(select(pace).where(*self._of(recipient)).with_for_update())).first()
        pair, wait = take(PAIR, Level(stored.tokens, stored.updated_at.timestamp()) if stored else full(PAIR, now), now)
        if wait:
            return wait
        self._throughput = level
        await self._keep(tx, recipient, pair, None)
        return 0.0

    async def refused(self, tx: Tx, customer: str) -> float:
        """Meta refused for the pair rate: seconds until the next try, longer each time in a row."""
        recipient = await _recipient(tx, customer)
        stored = (await tx.execute(select(pace.c.strikes).where(*self._of(recipient)))).first()
        strikes = stored.strikes if stored else 0
        await self._keep(tx, recipient, drained(tx.now.timestamp()), strikes + 1)
        return pair_delay(strikes)

    async def taken(self, tx: Tx, customer: str) -> None:
        """A message was taken: refusals in a row are over."""
        where = (*self._of(await _recipient(tx, customer)), pace.c.strikes > 0)
        await tx.execute(update(pace).where(*where).values(strikes=0))

    def _of(self, recipient: str) -> tuple[Any, ...]:
        return pace.c.account == self._account, pace.c.recipient == recipient

    async def _keep(self, tx: Tx, recipient: str, level: Level, strikes: int | None) -> None:
        new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
        values: dict[str, Any] = {"tokens": level.tokens, "updated_at": datetime.fromtimestamp(level.updated_at, UTC)}
        if strikes is not None:
            values["strikes"] = strikes
        statement = new_insert(pace).values(account=self._account, recipient=recipient, **{"strikes": 0, **values})
        await tx.execute(statement.on_conflict_do_update(index_elements=["account", "recipient"], set_=values))


async def _recipient(tx: Tx, customer: str) -> str:
    known = await identities_of(tx, customer)
    return known.get("wa_id") or known.get("bsuid") or ""


async def halted(tx: Tx, account: str) -> bool:
    """Whether sending stands still for the account."""
    row = (await tx.execute(select(halts).where(halts.c.account == account))).first()
    return row is not None and (row.until is None or row.until > tx.now)


async def halt(tx: Tx, account: str, code: int | None, until: datetime | None) -> None:
    """Sending stands still until then, or until `resume`."""
    new_insert = sqlite_insert if tx.dialect == "sqlite" else pg_insert
    values = {"code": code, "at": tx.now, "until": until}
    statement = new_insert(halts).values(account=account, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))
    await facts.record(tx, "channel_halted", account=account, code=code, until=until.isoformat() if until else None)


async def resume(tx: Tx, account: str) -> bool:
    """An operator says that sending may go on. False: it was not stopped."""
    result = await tx.execute(delete(halts).where(halts.c.account == account))
    if result.rowcount:
        await facts.record(tx, "channel_resumed", account=account)
    return bool(result.rowcount)
