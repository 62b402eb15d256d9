"""`sapa train queue|decide|diff`: the review queue on the command line, as the user that is named."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select

from bot.client import load_client
from bot.clock import SystemClock
from bot.desk.errors import DeskError
from bot.desk.records import users
from bot.desk.sessions import User
from bot.settings import load_settings
from bot.store.database import Database
from bot.training.deciding import Choice
from bot.training.messages import DECISIONS
from bot.training.queue import Wanted
from bot.training.service import Training

Use = Callable[[Training, User], Awaitable[None]]


def add_commands(parts: Any) -> None:
    """Register the subcommands of `sapa train`."""
    queue = parts.add_parser("queue", help="list what is to be decided, most useful first")
    queue.add_argument("--search", default="")
    queue.add_argument("--topic", default="")
    queue.add_argument("--reason", default="")
    queue.set_defaults(run=lambda options: _run(options, lambda training, user: _queue(training, user, options)))
    decide = parts.add_parser("decide", help="decide about one message and those like it")
    decide.add_argument("message", help="the id that `queue` shows")
    decide.add_argument("decision", choices=[*DECISIONS, "undo"])
    decide.add_argument("--intent", default="")
    decide.add_argument("--text", help="the example in place of the message's own words")
    decide.add_argument("--only", action="store_true", help="not the others of its group")
    decide.set_defaults(run=lambda options: _run(options, lambda training, user: _decide(training, user, options)))
    diff = parts.add_parser("diff", help="what the decisions changed in data/nlu")
    diff.set_defaults(run=lambda options: _run(options, _diff))
    for part in (queue, decide, diff):
        part.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who decides: a trainer, leader or admin")


def _run(options: argparse.Namespace, use: Use) -> int:
    return asyncio.run(_with_training(options.username, use))


async def _with_training(username: str, use: Use) -> int:
    settings = load_settings()
    db = Database(settings.database, SystemClock())
    try:
        async with db.read() as tx:
            row = (await tx.execute(select(users).where(users.c.username == username, users.c.active.is_(True)))).first()
        if row is None:
            print(f"sapa: there is no user {username}", file=sys.stderr)
            return 2
        await use(Training(db, load_client(settings.client_folder), settings), User(row.id, row.username, row.name, row.role))
    except DeskError as error:
        print(f"sapa: {error.message}", file=sys.stderr)
        return 2
    finally:
        await db.close()
    return 0


async def _queue(training: Training, user: User, options: argparse.Namespace) -> None:
    page = await training.page(user, Wanted(search=options.search, topic=options.topic, reason=options.reason))
    for group in page["groups"]:
        more = f" (+{len(group['also'])} serupa)" if group["also"] else ""
        why = ", ".join(reason["label"] for reason in group["reasons"])
        print(f"{group['id']}  {group['guess']['label']} {group['guess']['confidence']:.0%}  {group['text']}{more}  [{why}]")
    print(f"{page['total']['messages']} pesan dalam {page['total']['groups']} kelompok", file=sys.stderr)


async def _decide(training: Training, user: User, options: argparse.Namespace) -> None:
    if options.decision == "undo":
        undone = await training.undo(user, options.message)
        print(f"Keputusan dibatalkan untuk {len(undone['messages'])} pesan.")
        return
    also = [] if options.only else await training.group_of(user, options.message)
    choice = Choice(options.decision, options.intent, text=options.text, also=also)
    decided = await training.decide(user, options.message, choice)
    example = decided["example"]
    print(
        f"{decided['review']['label']}: {len(decided['messages'])} pesan." + (f" {example['place']}: {example['text']}" if example else "")
    )
    for sentence in decided["missing"]:
        print(sentence)


async def _diff(training: Training, user: User) -> None:
    found = await training.diff(user)
    print(found["diff"], end="")
    for sentence in found["missing"]:
        print(f"sapa: {sentence}", file=sys.stderr)
