"""The models: which there are, which is in service, and changing that. Engines are told by bot/training/serving.py."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.client import Client
from bot.conversations import facts
from bot.desk.errors import DeskError, bad_field, conflict, not_found
from bot.dialogue.engine import Engines
from bot.store.database import Database, Tx
from bot.training import archives, gate
from bot.training.history import Line, line_of
from bot.training.models_records import models, promotions
from bot.training.workshop import Workshop

log = logging.getLogger(__name__)
KEPT = 10  # models that were never in service; older ones are thrown away
TOPIC = "model"  # published when another model is in service


@dataclass(frozen=True, slots=True)
class Person:
    """Who does something. On the command line there is no id."""

    id: str | None
    name: str


class Models:
    """Use cases."""

    def __init__(self, db: Database, client: Client, workshop: Workshop, engines: Engines) -> None:
        self.db = db
        self.client = client
        self.workshop = workshop
        self._engines = engines

    async def running(self) -> str | None:
        """The id of the model in service; while none was ever promoted, of the one that engines run."""
        async with self.db.read() as tx:
            serving = (await read_line(tx)).in_service
        if serving is not None:
            return serving
        said = [await self._engines.serving(url) for url in self._engines.urls]
        return next((str(one.get("model")) for one in said if one), None)

    async def of_engines(self) -> Row[Any] | None:
        """The row of the model that engines run while none has been promoted; made if there is none. None where its file is not at hand."""
        for url in self._engines.urls:
            said = await self._engines.serving(url)
            if said:
                return await self._found(str(said.get("model")), str(said.get("file")))
        return None

    async def _found(self, model: str, file: str) -> Row[Any] | None:
        async with self.db.read() as tx:
            row = (await tx.execute(select(models).where(models.c.id == model))).first()
        if row is not None:
            return row
        source = self.workshop.models / file
        try:
            archive = await asyncio.to_thread(archives.read, source)
        except archives.NoModel:
            return None
        if archive.id != model or not archives.NAME.fullmatch(file):
            return None  # the file was replaced since the engine read it
        return await self._keep(archive, source, None)

    async def add(self, source: Path, by: Person) -> Row[Any]:
        """Take a model that was made elsewhere. It must be reported on before it is promoted. Raises NoModel."""
        return await self._keep(await asyncio.to_thread(archives.read, source), source, by)

    async def _keep(self, archive: archives.Archive, source: Path, by: Person | None) -> Row[Any]:
        async with self.db.read() as tx:
            known = (await tx.execute(select(models).where(models.c.id == archive.id))).first()
        if known is not None:
            return known
        name = archives.new_name(archive.trained_at)
        await asyncio.to_thread(archives.place, source, self.workshop.models, name)
        try:
            async with self.db.write() as tx:
                who = {"by_id": by.id, "by_name": by.name} if by else {}
                await tx.execute(insert(models).values(id=archive.id, file=name, origin="added", made_at=archive.trained_at, **who))
        except IntegrityError:  # another process found it, too
            (self.workshop.models / name).unlink(missing_ok=True)
        async with self.db.read() as tx:
            return (await tx.execute(select(models).where(models.c.id == archive.id))).one()

    async def store(self, tx: Tx, model: str, file: str, by: Person, **columns: Any) -> None:
        """A model that was trained here, whole and in its place."""
        values = {"id": model, "file": file, "origin": "trained", "made_at": tx.now, "by_id": by.id, "by_name": by.name, **columns}
        await tx.execute(insert(models).values(**values))
        await facts.record(tx, "model_trained", agent=by.id, model=model)

    async def promote(self, model: str, over: str | None, by: Person) -> None:
        """Put a model in service. `over`: the one in service as the caller saw it. Raises DeskError: not_found, conflict, gate_closed."""
        before = None if await self._promoted_any() else await self.of_engines()
        async with self.db.write() as tx:
            line = await lock_line(tx)
            chosen = (await tx.execute(select(models).where(models.c.id == model))).first()
            if chosen is None:
                raise not_found()
            serving = line.in_service or (before.id if before is not None else None)
            if serving != over:
                raise conflict("Model yang dipakai sudah diganti orang lain. Muat ulang lalu periksa kembali.", in_service=serving)
            if serving == model:
                raise conflict("Model ini sudah dipakai.", in_service=serving)
            self._require_gate(chosen, serving)
            if not line.models and before is not None:
                await _append(tx, before.id, "found", None)
            await _append(tx, model, "promoted", by)
            await facts.record(tx, "model_promoted", agent=by.id, model=model, before=serving)
            tx.publish(TOPIC)
        archives.name_in_service(self.workshop.models, chosen.file)

    def _require_gate(self, chosen: Row[Any], serving: str | None) -> None:
        found = gate.verdicts(chosen.report, self.client.training)
        if not gate.passed(found):
            reasons = [f"{verdict.label}: {verdict.sentence}" for verdict in found if verdict.passed is False]
            raise DeskError(422, "gate_closed", "Model belum boleh dipakai. " + " ".join(reasons), reasons=reasons)
        if chosen.report.get("against") != serving:
            raise DeskError(
                422,
                "gate_closed",
                "Model yang dipakai sudah berganti sejak penilaian ini. Nilai ulang model ini terlebih dahulu.",
                reasons=[],
            )
        if not (self.workshop.models / chosen.file).is_file():
            raise DeskError(422, "file_missing", "Berkas model ini tidak ada lagi di folder model.")

    async def roll_back(self, to: str, by: Person) -> None:
        """Put the model in service that was there before. `to`: which that is, as the caller saw it. Always allowed."""
        async with self.db.write() as tx:
            line = await lock_line(tx)
            if line.previous is None:
                raise conflict("Belum ada model sebelumnya.", previous=None)
            if line.previous != to:
                raise conflict("Model yang dipakai sudah diganti orang lain. Muat ulang lalu periksa kembali.", previous=line.previous)
            row = (await tx.execute(select(models).where(models.c.id == to))).one()
            await _append(tx, to, "rolled_back", by)
            await facts.record(tx, "model_rolled_back", agent=by.id, model=to, before=line.in_service)
            tx.publish(TOPIC)
        archives.name_in_service(self.workshop.models, row.file)

    async def row(self, model: str) -> Row[Any]:
        """Raises DeskError not_found."""
        async with self.db.read() as tx:
            found = (await tx.execute(select(models).where(models.c.id == model))).first()
        if found is None:
            raise not_found()
        return found

    async def named(self, name: str) -> Row[Any]:
        """The model whose id or file begins with `name`; raises DeskError where it is none or several."""
        async with self.db.read() as tx:
            rows = (await tx.execute(select(models))).all()
        found = [row for row in rows if name and (row.id.startswith(name) or row.file.startswith(name))]
        if len(found) != 1:
            raise bad_field(f"'{name}' {'bukan nama model' if not found else 'berarti lebih dari satu model'}.")
        return found[0]

    async def reported(self, model: str, report: dict[str, Any]) -> None:
        """Keep a new report of a model."""
        async with self.db.write() as tx:
            await tx.execute(update(models).where(models.c.id == model).values(report=report, reported_at=tx.now))

    async def tidy(self) -> None:
        """Throw away the oldest of the models that were never in service."""
        said = [await self._engines.serving(url) for url in self._engines.urls]
        running = {one["model"] for one in said if one}
        async with self.db.write() as tx:
            served = select(promotions.c.model_id)
            rows = (await tx.execute(select(models).where(models.c.id.not_in(served)).order_by(models.c.made_at.desc()))).all()
            old = [row for row in rows[KEPT:] if row.id not in running]
            for row in old:
                await tx.execute(delete(models).where(models.c.id == row.id))
        for row in old:
            (self.workshop.models / row.file).unlink(missing_ok=True)

    async def _promoted_any(self) -> bool:
        async with self.db.read() as tx:
            return (await tx.execute(select(promotions.c.number).limit(1))).first() is not None


async def read_line(tx: Tx) -> Line:
    """The line of promotions as it stands."""
    rows = await tx.execute(select(promotions.c.how, promotions.c.model_id).order_by(promotions.c.number))
    return line_of((row.how, row.model_id) for row in rows)


async def lock_line(tx: Tx) -> Line:
    """The same, and nobody changes it until the transaction ends."""
    if tx.dialect == "postgresql":  # SQLite has one writer anyway
        await tx.execute(text("LOCK TABLE promotions IN EXCLUSIVE MODE"))
    return await read_line(tx)


async def _append(tx: Tx, model: str, how: str, by: Person | None) -> None:
    last = (await tx.execute(select(promotions.c.number).order_by(promotions.c.number.desc()).limit(1))).scalar() or 0
    who = {"by_id": by.id, "by_name": by.name} if by else {}
    await tx.execute(insert(promotions).values(number=last + 1, model_id=model, how=how, at=tx.now, **who))
