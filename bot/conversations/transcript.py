"""The transcript: appending messages in order, and showing them as docs/protocols.md says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row

from bot.channels.messages import Outbound
from bot.channels.records import media
from bot.conversations.records import conversations, messages
from bot.ids import new_id
from bot.store.database import Tx
from bot.store.prepared import Prepared

HIDDEN_KINDS = ("reaction", "edit", "revoke")  # they change another message and are not shown as their own


async def append(
    tx: Tx,
    conversation: str,
    *,
    author: str,
    text: str,
    message_id: str | None = None,
    conversation_changes: Mapping[str, Any] | None = None,
    **columns: Any,
) -> dict[str, Any]:
    """Append a message; returns its row as a dict. `seq` grows by one per conversation, in the order of the commits.

    The conversation's last text, author and time follow, except for notes and for what only changes another message;
    `conversation_changes` are written along; in them `unread` is by how much it grows.
    """
    note = bool(columns.get("note"))
    changes: dict[str, Any] = dict(conversation_changes or {})
    hidden = columns.get("kind") in HIDDEN_KINDS
    if not note and not hidden:
        changes |= {"last_at": tx.now, "last_text": text[:200], "last_author": author}
    row = (await tx.run(_next_place(frozenset(changes)), of=conversation, **changes))[0]
    values = {
        "id": message_id or new_id(),
        "conversation_id": conversation,
        "seq": row.last_seq,
        "author": author,
        "channel": row.channel,
        "account": row.account,
        "kind": "text",
        "text": text,
        "content": {},
        "note": False,
        "created_at": tx.now,
        **columns,
    }
    await tx.insert(messages, **values)
    tx.publish("message", conversation=conversation, seq=row.last_seq)
    return values


@lru_cache(maxsize=64)
def _next_place(changed: frozenset[str]) -> Prepared:
    """Take the next `seq` of a conversation and set these columns; `unread` grows by what is given."""
    values: dict[str, Any] = {name: bindparam(name, type_=conversations.c[name].type) for name in sorted(changed)}
    if "unread" in values:
        values["unread"] = conversations.c.unread + values["unread"]
    return Prepared(
        update(conversations)
        .where(conversations.c.id == bindparam("of"))
        .values(last_seq=conversations.c.last_seq + 1, **values)
        .returning(conversations.c.last_seq, conversations.c.channel, conversations.c.account)
    )


_AFTER = Prepared(
    select(messages)
    .where(messages.c.conversation_id == bindparam("of"), messages.c.seq > bindparam("after"))
    .order_by(messages.c.seq.desc())
    .limit(bindparam("most"))
)


def content_of(outbound: Outbound) -> dict[str, Any]:
    """What a message of ours keeps besides its text."""
    content: dict[str, Any] = {}
    if outbound.choices:
        content["choices"] = [{"id": c.id, "title": c.title, "description": c.description} for c in outbound.choices]
        content["list_label"] = outbound.list_label
    if outbound.media_id:
        content["media"] = [outbound.media_id]
    return content


async def offered(tx: Tx, conversation: str, choice: str) -> bool:
    """Whether we offered this choice in the conversation: only then may a tap be taken at its word."""
    rows = await tx.execute(
        select(messages.c.content)
        .where(messages.c.conversation_id == conversation, messages.c.author != "customer")
        .order_by(messages.c.seq.desc())
        .limit(50)
    )
    return any(choice == c.get("id") for row in rows for c in (row.content or {}).get("choices", ()))


async def read(tx: Tx, conversation: str, after: int = 0, notes: bool = True, limit: int = 2000) -> list[dict[str, Any]]:
    """The messages after `after`, oldest first, as shown; the newest `limit` of them."""
    rows = await tx.run(_AFTER, of=conversation, after=after, most=limit)
    shown = [row for row in reversed(rows) if row.kind not in HIDDEN_KINDS and (notes or not row.note)]
    return await present(tx, conversation, shown)


async def present(tx: Tx, conversation: str, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Rows as docs/protocols.md shows them."""
    wanted = [media_id for row in rows for media_id in (row.content or {}).get("media", ())]
    files = {}
    if wanted:
        found = await tx.execute(select(media).where(media.c.id.in_(wanted)))
        files = {row.id: row for row in found}
    return [_shown(row, files) for row in rows]


def _shown(row: Row[Any], files: Mapping[str, Row[Any]]) -> dict[str, Any]:
    content = row.content or {}
    shown: dict[str, Any] = {
        "id": row.id,
        "seq": row.seq,
        "client_id": row.external_id.rpartition(":")[2]
        if row.channel == "livechat" and row.author == "customer"
        else content.get("client_id"),
        "author": row.author,
        "name": row.name,
        "text": "" if row.revoked else row.text,
        "at": iso(row.created_at),
        "kind": row.kind,
        "note": row.note,
        "edited": row.edited,
        "revoked": row.revoked,
    }
    if row.reply_to:
        shown["reply_to"] = row.reply_to
    if row.delivery:
        shown["delivery"] = row.delivery
    if content.get("error"):
        shown["error"] = content["error"]
    shown |= _choices(content)
    if content.get("media"):
        shown["media"] = [_file(files[m]) for m in content["media"] if m in files]
    for key in ("location", "contacts", "order", "insight", "reactions"):
        if key in content:
            shown[key] = content[key]
    if content.get("reactions"):
        shown["reaction"] = {"to": row.id, "emoji": content["reactions"]}
    return shown


def _choices(content: Mapping[str, Any]) -> dict[str, Any]:
    choices: Iterable[Mapping[str, Any]] = content.get("choices", ())
    rows = [{k: v for k, v in c.items() if v is not None} for c in choices]
    if not rows:
        return {}
    if len(rows) <= 3 and not any(r.get("description") for r in rows):
        return {"buttons": rows}
    return {"list": {"label": content.get("list_label", "Pilih"), "sections": [{"rows": rows}]}}


def _file(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "mime": row.mime,
        "size": row.size,
        "url": f"/media/{row.id}",
        "state": row.state,
    }


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 UTC with Z, milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
