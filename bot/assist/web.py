"""The assist over HTTP: what is suggested, what became of it, canned replies."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import select, update

from bot.assist.fates import decide
from bot.assist.records import assists
from bot.assist.replies import Draft, Replies
from bot.assist.service import Assist
from bot.conversations.ownership import Owner
from bot.conversations.records import messages
from bot.desk.access import locked, require_desk, require_own_or_lead
from bot.desk.errors import bad_field, not_found
from bot.desk.guard import Guard, body_of, text_of
from bot.desk.sessions import Session, User
from bot.store.database import Tx

_ID = "{id:[0-9A-Za-z_-]{1,40}}"
TOLD = ("inserted", "wrong")


def add_assist_routes(app: web.Application, assist: Assist, guard: Guard) -> None:
    """Mount …/assist, …/assist/fate and /api/desk/replies."""
    pages, signed_in = _Pages(assist), guard.signed_in
    one, reply = f"/api/desk/conversations/{_ID}/assist", f"/api/desk/replies/{_ID}"
    app.add_routes(
        [
            web.get(one, signed_in(pages.show)),
            web.post(f"{one}/fate", signed_in(pages.fate)),
            web.get("/api/desk/replies", signed_in(pages.replies)),
            web.post("/api/desk/replies", signed_in(pages.add)),
            web.put(reply, signed_in(pages.change)),
            web.delete(reply, signed_in(pages.remove)),
        ]
    )


class _Pages:
    """The handlers."""

    def __init__(self, assist: Assist) -> None:
        self._assist = assist
        self._replies = Replies(assist)

    async def show(self, request: web.Request, session: Session) -> web.Response:
        require_desk(session.user)
        shown = await self._assist.show(request.match_info["id"], session.user.name)
        if shown is None:
            raise not_found()
        return web.json_response(shown)

    async def fate(self, request: web.Request, session: Session) -> web.Response:
        require_desk(session.user)
        body = await body_of(request)
        fate = text_of(body, "fate", 10)
        if fate not in TOLD:
            raise bad_field("Isian 'fate' tidak sesuai.")
        message, suggestion = text_of(body, "message", 26), text_of(body, "suggestion", 60)
        fates = await _decide(self._assist, session.user, request.match_info["id"], message, suggestion, fate)
        return web.json_response({"fates": fates})

    async def replies(self, request: web.Request, session: Session) -> web.Response:
        conversation = request.query.get("conversation") or None
        if conversation and not (conversation.isascii() and conversation.isalnum() and len(conversation) <= 26):
            raise not_found()
        return web.json_response({"replies": await self._replies.listed(session.user, conversation)})

    async def add(self, request: web.Request, session: Session) -> web.Response:
        require_desk(session.user)
        return web.json_response({"reply": await self._replies.add(session.user, _draft(await body_of(request)))}, status=201)

    async def change(self, request: web.Request, session: Session) -> web.Response:
        require_desk(session.user)
        draft = _draft(await body_of(request))
        return web.json_response({"reply": await self._replies.change(session.user, request.match_info["id"], draft)})

    async def remove(self, request: web.Request, session: Session) -> web.Response:
        await self._replies.remove(session.user, request.match_info["id"])
        return web.Response(status=204)


async def _decide(assist: Assist, user: User, conversation: str, message: str, suggestion: str, fate: str) -> dict[str, str]:
    """What an agent did with a suggestion, or thinks of it. A wrong one brings its message before the trainers."""
    async with assist.db.write() as tx:
        row = await locked(tx, conversation)
        if row.owner != Owner.QUEUE:
            require_own_or_lead(row, user)
        where = (assists.c.message_id == message) & (assists.c.conversation_id == conversation)
        kept = (await tx.execute(select(assists).where(where).with_for_update())).first()
        fates = await decide(tx, kept, suggestion, fate, user.id) if kept is not None else None
        if fates is None:
            raise not_found()
        if fate == "wrong":
            await _to_trainers(tx, message)
        return fates


async def _to_trainers(tx: Tx, message: str) -> None:
    m = messages.c
    found = (await tx.execute(select(m.content).where(m.id == message).with_for_update())).first()
    content = dict(found.content or {}) if found is not None else {}
    if not content.get("insight") or content.get("suggested_wrong"):
        return
    await tx.execute(update(messages).where(m.id == message).values(content={**content, "suggested_wrong": True}))


def _draft(body: dict[str, Any]) -> Draft:
    topics = body.get("topics") or []
    if not isinstance(topics, list):
        raise bad_field("Isian 'topics' tidak sesuai.")
    return Draft(text_of(body, "scope", 10), text_of(body, "shortcut", 100), text_of(body, "title", 1000), text_of(body, "text"), topics)
