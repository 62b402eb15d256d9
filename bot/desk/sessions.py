"""Who is at the desk: users, logging in and out, sessions kept on the server."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, text, update

from bot.conversations import facts
from bot.desk.errors import DeskError
from bot.desk.passwords import hash_password, needs_rehash, verify_password
from bot.desk.records import login_tries, sessions, users
from bot.handoff.presence import get_presence, set_presence
from bot.ids import new_id
from bot.store.database import Database, Tx

ROLES = ("agent", "leader", "trainer", "admin", "division")
LASTS = timedelta(hours=12)
TRY_WINDOW = timedelta(minutes=15)
TRIES_PER_USER, TRIES_PER_IP = 5, 20
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")


@dataclass(frozen=True, slots=True)
class User:
    """A person at the desk. `role`: agent, leader, trainer, admin, or division (tickets only)."""

    id: str
    username: str
    name: str
    role: str
    unit: str | None = None  # of another system's token; a person's is their team, kept with them

    def to_json(self) -> dict[str, str]:
        """As docs/protocols.md shows it."""
        return {"id": self.id, "username": self.username, "name": self.name, "role": self.role}


@dataclass(frozen=True, slots=True)
class Session:
    """A login that holds. `key` is the SHA-256 of the cookie's token; the token itself is nowhere kept."""

    key: str
    csrf: str
    user: User


async def create_user(tx: Tx, username: str, name: str, role: str, password: str) -> User:
    """Add a user. Raises ValueError with what is wrong: the name, the role, the password, or that the name is taken."""
    username, name = username.strip().lower(), name.strip()
    if not _USERNAME.fullmatch(username):
        raise ValueError("a username has 2 to 60 of a-z 0-9 . _ @ - and begins with a letter or digit")
    if not 1 <= len(name) <= 100:
        raise ValueError("a name has 1 to 100 characters")
    if role not in ROLES:
        raise ValueError(f"the role is one of {', '.join(ROLES)}")
    if (await tx.execute(select(users.c.id).where(users.c.username == username))).first():
        raise ValueError(f"the username {username} is taken")
    user = User(new_id(), username, name, role)
    hashed = await hash_password(password)
    await tx.execute(insert(users).values(**user.to_json(), password_hash=hashed, active=True, created_at=tx.now))
    await facts.record(tx, "user_created", agent=user.id, role=role)
    return user


async def deactivate_user(tx: Tx, user_id: str, by: str) -> None:
    """The user may not log in any more; every session ends at once. Raises LookupError."""
    result = await tx.execute(update(users).where(users.c.id == user_id).values(active=False))
    if result.rowcount != 1:
        raise LookupError(user_id)
    await tx.execute(delete(sessions).where(sessions.c.user_id == user_id))
    await _leave(tx, user_id, by)
    await facts.record(tx, "user_deactivated", agent=user_id, by=by)
    tx.publish("session", user=user_id)


async def log_in(db: Database, username: str, password: str, ip: str, old_token: str | None = None) -> tuple[str, Session]:
    """The cookie's token and the session. Raises DeskError `bad_login` or `too_many_tries`; an old session of the browser ends."""
    username = username.strip().lower()[:60]
    by_user, by_ip = f"user:{username}", f"ip:{ip[:100]}"
    async with db.write() as tx:
        # The try is counted before the password is looked at, so that tries side by side do not slip through.
        await _count_try(tx, by_user, TRIES_PER_USER)
        own = await _count_try(tx, by_ip, TRIES_PER_IP)
        row = (await tx.execute(select(users).where(users.c.username == username, users.c.active.is_(True)))).first()
    good = await verify_password(row.password_hash if row else None, password)
    rehashed = await hash_password(password) if good and row and needs_rehash(row.password_hash) else None
    async with db.write() as tx:
        if good and row is not None:
            still = users.c.id == row.id, users.c.active.is_(True)
            changed = await tx.execute(update(users).where(*still).values(password_hash=rehashed or row.password_hash))
            good = changed.rowcount == 1
        if good and row is not None:
            await tx.execute(delete(login_tries).where((login_tries.c.subject == by_user) | (login_tries.c.id == own)))
            return await _begin(tx, User(row.id, row.username, row.name, row.role), old_token)
        await facts.record(tx, "login_failed", agent=row.id if row else None)
    raise DeskError(401, "bad_login", "Nama pengguna atau kata sandi salah.")


async def _count_try(tx: Tx, subject: str, most: int) -> int:
    if tx.dialect == "postgresql":  # SQLite has one writer anyway
        await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(:subject))"), {"subject": subject})
    since = tx.now - TRY_WINDOW
    await tx.execute(delete(login_tries).where(login_tries.c.subject == subject, login_tries.c.at <= since))
    tries = (await tx.execute(select(func.count()).select_from(login_tries).where(login_tries.c.subject == subject))).scalar_one()
    if tries >= most:
        raise DeskError(429, "too_many_tries", "Terlalu banyak percobaan masuk. Mohon tunggu 15 menit lalu coba lagi.")
    added = await tx.execute(insert(login_tries).values(subject=subject, at=tx.now).returning(login_tries.c.id))
    return int(added.scalar_one())


async def _begin(tx: Tx, user: User, old_token: str | None) -> tuple[str, Session]:
    await tx.execute(delete(sessions).where(sessions.c.expires_at <= tx.now))
    await tx.execute(delete(login_tries).where(login_tries.c.at <= tx.now - TRY_WINDOW))
    if old_token:
        await tx.execute(delete(sessions).where(sessions.c.token_sha256 == _key(old_token)))
    token = secrets.token_urlsafe(32)
    session = Session(_key(token), secrets.token_urlsafe(32), user)
    await tx.execute(
        insert(sessions).values(token_sha256=session.key, user_id=user.id, csrf=session.csrf, created_at=tx.now, expires_at=tx.now + LASTS)
    )
    await facts.record(tx, "agent_logged_in", agent=user.id)
    return token, session


async def find_session(db: Database, token: str) -> Session | None:
    """The session of a cookie, None if it ended, expired or its user is deactivated."""
    return await session_of_key(db, _key(token))


async def session_of_key(db: Database, key: str) -> Session | None:
    """The same by the token's SHA-256."""
    joined = select(sessions.c.csrf, users.c.id, users.c.username, users.c.name, users.c.role).join(users, users.c.id == sessions.c.user_id)
    async with db.read() as tx:
        where = (sessions.c.token_sha256 == key) & (sessions.c.expires_at > tx.now) & users.c.active.is_(True)
        row = (await tx.execute(joined.where(where))).first()
    return Session(key, row.csrf, User(row.id, row.username, row.name, row.role)) if row else None


async def valid_keys(db: Database, keys: Collection[str]) -> set[str]:
    """Which of the sessions still hold."""
    if not keys:
        return set()
    joined = select(sessions.c.token_sha256).join(users, users.c.id == sessions.c.user_id)
    async with db.read() as tx:
        where = sessions.c.token_sha256.in_(keys) & (sessions.c.expires_at > tx.now) & users.c.active.is_(True)
        return {row.token_sha256 for row in await tx.execute(joined.where(where))}


async def log_out(db: Database, session: Session) -> None:
    """End the session; with the user's last one they are offline."""
    async with db.write() as tx:
        await tx.execute(delete(sessions).where(sessions.c.token_sha256 == session.key))
        others = (sessions.c.user_id == session.user.id) & (sessions.c.expires_at > tx.now)
        if not (await tx.execute(select(sessions.c.user_id).where(others).limit(1))).first():
            await _leave(tx, session.user.id, session.user.id)
        await facts.record(tx, "agent_logged_out", agent=session.user.id)
        tx.publish("session", user=session.user.id)


async def _leave(tx: Tx, user_id: str, by: str) -> None:
    present = await get_presence(tx, user_id)
    if present is not None and present.state != "offline":
        await set_presence(tx, user_id, "offline", None, by=by)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
