"""`sapa train run|report|promote|rollback|models|add`: the same as on the page, for the command line."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Row

from bot.client import load_client
from bot.clock import SystemClock
from bot.desk.errors import DeskError
from bot.dialogue.engine import Engines
from bot.settings import load_settings
from bot.store.database import Database
from bot.training import gate
from bot.training.archives import NoModel
from bot.training.models import Models, Person
from bot.training.models_views import overview
from bot.training.runs import Runs
from bot.training.stages import LABELS, Stage
from bot.training.workshop import Workshop

LOOK_S = 0.5
Work = Callable[[Models, Runs, argparse.Namespace], Awaitable[int]]


def add_commands(parts: Any) -> None:
    """Register the commands with `sapa train`."""
    run = parts.add_parser("run", help="train a model of the present data and compare it with the one in service")
    report = parts.add_parser("report", help="show a model's report; compare it again with --again")
    report.add_argument("model", help="its name or id, or the beginning of it")
    report.add_argument("--again", action="store_true", help="measure it against the model in service now")
    promote = parts.add_parser("promote", help="put a model in service, if its report lets it through")
    promote.add_argument("model")
    rollback = parts.add_parser("rollback", help="put the model in service that was there before")
    listing = parts.add_parser("models", help="which models there are")
    add = parts.add_parser("add", help="take a model file that was made elsewhere")
    add.add_argument("file", type=Path)
    works: list[tuple[Any, Work]] = [
        (run, _run),
        (report, _report),
        (promote, _promote),
        (rollback, _roll_back),
        (listing, _list),
        (add, _add),
    ]
    for parser, work in works:
        parser.set_defaults(run=_with(work))


def _with(work: Work) -> Callable[[argparse.Namespace], int]:
    """The work on the database and the engines of the settings; what is refused is one line and exit code 1."""

    async def do(options: argparse.Namespace) -> int:
        settings = load_settings()
        db = Database(settings.database, SystemClock())
        engines = Engines(settings.engine_url, settings.engine_token, settings.engine_timeout_s)
        await engines.open()
        models = Models(db, load_client(settings.client_folder), Workshop.of(settings), engines)
        try:
            return await work(models, Runs(models), options)
        except DeskError as error:
            print(f"sapa: {error.message}", file=sys.stderr)
        except NoModel as error:
            print(f"sapa: no whole model: {error}", file=sys.stderr)
        finally:
            await engines.close()
            await db.close()
        return 1

    return lambda options: asyncio.run(do(options))


def _me() -> Person:
    return Person(None, f"{getpass.getuser()} (baris perintah)"[:100])


async def _run(models: Models, runs: Runs, _options: argparse.Namespace) -> int:
    return await _carried_out(models, runs, await runs.begin("train", _me()))


async def _report(models: Models, runs: Runs, options: argparse.Namespace) -> int:
    row = await models.named(options.model)
    if options.again or row.report is None:
        return await _carried_out(models, runs, await runs.begin("report", _me(), row.id))
    return _show(models, row)


async def _carried_out(models: Models, runs: Runs, run: Row[Any]) -> int:
    """Tell the stages while the run goes on, then its outcome."""
    beating, stage = asyncio.create_task(runs.run()), ""
    try:
        while run.state == "running":
            if run.stage != stage:
                stage = run.stage
                print(f"sapa: {LABELS[Stage(stage)]} …", file=sys.stderr, flush=True)
            await asyncio.sleep(LOOK_S)
            run = await runs.one(run.id)
    finally:
        runs.stop()
        await asyncio.gather(runs.wait(), beating)
    for fault in run.faults:
        print(f"sapa: {fault}", file=sys.stderr)
    return _show(models, await models.row(run.model_id)) if run.state == "done" else 1


def _show(models: Models, row: Row[Any]) -> int:
    """The rules' verdicts, what changed and the warnings. 0 if the model may be promoted."""
    verdicts = gate.verdicts(row.report, models.client.training)
    report = row.report or {}
    print(f"Model {row.file.removesuffix('.tar.gz')} ({row.id}), data {row.data_revision or 'tidak diketahui'}")
    for verdict in verdicts:
        mark = {True: "lulus", False: "GAGAL", None: "-"}[verdict.passed]
        print(f"  {mark:<6} {verdict.label}: {verdict.sentence}")
    for change in report.get("changed", ()):
        print(f"  berubah: {change['text'][:80]!r}: {change['before']['label']} -> {change['after']['label']}")
    for warning in report.get("warnings", ()):
        print(f"  perhatikan: {warning}")
    return 0 if gate.passed(verdicts) else 1


async def _promote(models: Models, _runs: Runs, options: argparse.Namespace) -> int:
    row = await models.named(options.model)
    await models.promote(row.id, await models.running(), _me())
    print(f"sapa: {row.file} dipakai; mesin memuatnya dalam beberapa detik")
    return 0


async def _roll_back(models: Models, _runs: Runs, _options: argparse.Namespace) -> int:
    async with models.db.read() as tx:
        previous = (await overview(tx, None, models.client))["previous"]
    await models.roll_back(previous or "", _me())
    print(f"sapa: kembali ke {(await models.row(previous)).file}")
    return 0


async def _list(models: Models, _runs: Runs, _options: argparse.Namespace) -> int:
    serving = await models.running()
    async with models.db.read() as tx:
        shown = await overview(tx, serving, models.client)
    words = {"in_service": "dipakai", "served": "pernah dipakai", "candidate": "boleh dipakai"}
    for one in shown["models"]:
        state = words[one["state"]] if one["state"] != "candidate" or one["passed"] else "belum boleh"
        score = (one["scores"] or {}).get("macro_f1")
        print(
            f"{one['name']}  {one['made_at'][:16]}  {state:<15} F1 {score if score is not None else '-':<7} data {one['data_revision'] or '-'}"
        )
    for engine in shown["engines"]:
        print(f"mesin {engine['engine']}: {engine['fault'] or 'siap'}")
    return 0


async def _add(models: Models, _runs: Runs, options: argparse.Namespace) -> int:
    row = await models.add(options.file, _me())
    print(f"sapa: {row.file}; nilai dahulu: sapa train report {row.file.removesuffix('.tar.gz')}")
    return 0
