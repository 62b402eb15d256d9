"""Up to where the event log is settled: no fact with a smaller id can still appear.

On PostgreSQL ids are given out before transactions commit, and they commit in any order: whoever reads up to the greatest id it sees misses
for ever what commits a moment later with a smaller one. A transaction that inserts holds a lock on the table (ROW EXCLUSIVE) from before its
ids are given out until it is over. So whatever was given out up to now is settled as soon as those that hold that lock now have let it go.
Nobody is held up by looking.
"""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import func, select, text

from bot.conversations.records import facts
from bot.store.database import Tx

PATIENCE_S = 1.0
_GIVEN_OUT = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM facts_id_seq")
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'facts'::regclass AND mode = 'RowExclusiveLock' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def settled(tx: Tx) -> int | None:
    """The greatest id up to which every fact that will ever be there can be read now; None if a writer did not end while we looked."""
    if tx.dialect == "sqlite":  # one writer at a time: ids are given out in the order of commits
        return int((await tx.execute(select(func.max(facts.c.id)))).scalar() or 0)
    given_out = int((await tx.execute(_GIVEN_OUT)).scalar_one())
    before = set((await tx.execute(_WRITERS)).scalars())
    end = time.monotonic() + PATIENCE_S
    while before:
        before &= set((await tx.execute(_WRITERS)).scalars())
        if before:
            if time.monotonic() > end:
                return None
            await asyncio.sleep(0.02)
    return given_out
