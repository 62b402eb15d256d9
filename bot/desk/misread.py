"""An agent says that the bot misread a message: trainers see it first."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.conversations import facts
from bot.conversations.records import messages
from bot.desk.access import require_desk
from bot.desk.errors import bad_field, not_found
from bot.desk.sessions import User
from bot.store.database import Database


async def mark(db: Database, user: User, conversation: str, message: str, wrong: bool) -> None:
    """Mark a customer's message as misread, or take the mark away. Said twice changes nothing more."""
    require_desk(user)
    async with db.write() as tx:
        m = messages.c
        mine = (m.id == message) & (m.conversation_id == conversation) & (m.author == "customer")
        row = (await tx.execute(select(m.content).where(mine).with_for_update())).first()
        if row is None:
            raise not_found()
        content = dict(row.content or {})
        if not content.get("insight"):
            raise bad_field("Pesan ini tidak dibaca oleh bot.")
        if bool(content.pop("marked_wrong", False)) == wrong:
            return
        if wrong:
            content["marked_wrong"] = True
        await tx.execute(update(messages).where(mine).values(content=content))
        await facts.record(tx, "misread_marked", conversation=conversation, agent=user.id, message=message, wrong=wrong)
        tx.publish("card", conversation=conversation)
