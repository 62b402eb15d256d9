"""Models, runs and engines as the page and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.client import Client
from bot.store.database import Tx
from bot.training import gate
from bot.training.models import read_line
from bot.training.models_records import engine_models, models, promotions, runs
from bot.training.report import summary
from bot.training.stages import LABELS, Stage

LISTED = 50
AWAY_AFTER = timedelta(minutes=3)
Json = dict[str, Any]
HOW = {"found": "sudah dipakai sebelumnya", "promoted": "dipakai", "rolled_back": "dikembalikan"}


async def overview(tx: Tx, running: str | None, client: Client) -> Json:
    """Everything the list needs. `running`: the model that engines run while none was ever promoted."""
    line = await read_line(tx)
    rows = (await tx.execute(select(models).order_by(models.c.made_at.desc()).limit(LISTED))).all()
    history = (await tx.execute(select(promotions).order_by(promotions.c.number.desc()).limit(LISTED))).all()
    latest = (await tx.execute(select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1))).first()
    engines = (await tx.execute(select(engine_models).order_by(engine_models.c.engine))).all()
    since = {row.model_id: row for row in reversed(history)}
    serving = line.in_service or running
    served = since.get(serving or "")
    return {
        "models": [shown_model(row, serving, line.models, client) for row in rows],
        "in_service": serving,
        "since": _time(served.at) if served and line.in_service else None,
        "since_by": served.by_name if served and line.in_service else None,
        "previous": line.previous,
        "history": [{"model": r.model_id, "how": r.how, "label": HOW[r.how], "at": _time(r.at), "by": r.by_name} for r in history],
        "run": shown_run(latest) if latest else None,
        "engines": [shown_engine(row, line.in_service, tx.now) for row in engines] if line.in_service else [],
    }


def shown_model(row: Row[Any], serving: str | None, standing: tuple[str, ...], client: Client) -> Json:
    """One line of the list. `state`: in_service, served (once was) or candidate."""
    state = "in_service" if row.id == serving else "served" if row.id in standing else "candidate"
    verdicts = gate.verdicts(row.report, client.training)
    return {
        "id": row.id,
        "name": row.file.removesuffix(".tar.gz"),
        "state": state,
        "origin": row.origin,
        "made_at": _time(row.made_at),
        "by": row.by_name,
        "data_revision": row.data_revision,
        "examples": row.examples,
        "scores": summary(row.report),
        "passed": gate.passed(verdicts) and (row.report or {}).get("against") == serving,
    }


def shown_report(row: Row[Any], serving: str | None, client: Client) -> Json:
    """A model's report with the verdict of every rule."""
    found = gate.verdicts(row.report, client.training)
    report: Mapping[str, Any] | None = row.report
    stale = report is not None and report.get("against") != serving and row.id != serving
    return {
        "report": {key: value for key, value in report.items() if key != "own_warnings"} if report else None,
        "reported_at": _time(row.reported_at) if row.reported_at else None,
        "stale": stale,
        "gate": {
            "passed": gate.passed(found) and not stale,
            "rules": [{"rule": v.rule, "label": v.label, "passed": v.passed, "sentence": v.sentence} for v in found],
        },
    }


def shown_run(row: Row[Any]) -> Json:
    """A run as it stands."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "stage": row.stage,
        "stage_label": LABELS[Stage(row.stage)],
        "progress": row.progress,
        "model": row.model_id,
        "faults": row.faults,
        "cancelling": row.cancel and row.state == "running",
        "started_at": _time(row.started_at),
        "ended_at": _time(row.ended_at) if row.ended_at else None,
        "by": row.by_name,
    }


def shown_engine(row: Row[Any], wanted: str | None, now: datetime) -> Json:
    """What an engine said last. `ready`: it serves the model in service."""
    away = now - row.seen_at > AWAY_AFTER
    fault = row.fault or ("Mesin tidak menjawab." if away else None)
    return {"engine": row.engine, "ready": row.model_id == wanted and not away, "fault": fault, "seen_at": _time(row.seen_at)}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
