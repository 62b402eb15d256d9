"""Training and comparing: one run at a time across all processes, in commands of the engine's environment beside the service.

The row of the run is a lease that its process renews. Whoever finds one that ran out writes it down as broken off; what the run had made
until then lies in its own folder and is thrown away. A model is in the models folder, and offered, only when it is whole and reported on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.desk.errors import DeskError, conflict, not_found
from bot.ids import new_id
from bot.store.database import Database
from bot.training import archives, workshop
from bot.training.commands import CommandFailed, run
from bot.training.evaluation import Against, Evaluation, engine
from bot.training.models import Models, Person, read_line
from bot.training.models_records import models, runs
from bot.training.stages import Stage, Told, stage_of, why

log = logging.getLogger(__name__)
TOPIC = "training"
LEASE = timedelta(seconds=60)
RENEW_S = 15
BROKEN_OFF = "Pelatihan terputus karena layanan berhenti. Silakan mulai lagi."
SHUT_DOWN = "Pelatihan dihentikan karena layanan dimatikan. Silakan mulai lagi."


class Refused(Exception):
    """The data cannot be trained; the sentences say why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(faults[0] if faults else "")
        self.faults = faults


@dataclass
class _Work:
    """The run in this process's hands."""

    id: str
    told: Told
    task: asyncio.Task[None] | None = None
    ends: str = ""  # why it was cancelled: cancelled | lost | shut_down

    def end(self, reason: str) -> None:
        """Cancel it; the first reason counts."""
        if self.task and not self.task.done():
            self.ends = self.ends or reason
            self.task.cancel()


class Runs:
    """Begins runs, carries them out, cancels them. Also a loop of the service: it renews the lease and finds runs that broke off."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._db: Database = models.db
        self._workshop = models.workshop
        self._work: _Work | None = None
        self._wake = asyncio.Event()
        self._stopped = False

    async def begin(self, kind: str, by: Person, model: str | None = None) -> Row[Any]:
        """Begin a run: `train`, or `report` on a model. Raises DeskError: cannot_train, conflict with the run under way, not_found."""
        lacking = self._workshop.lacking()
        if lacking:
            raise DeskError(409, "cannot_train", lacking)
        if model is not None:
            await self._models.row(model)
        await self.sweep()
        run_id = new_id()
        try:
            async with self._db.write() as tx:
                values: dict[str, Any] = {
                    "id": run_id,
                    "kind": kind,
                    "model_id": model,
                    "state": "running",
                    "stage": Stage.CHECK,
                    "faults": [],
                }
                values |= {"started_at": tx.now, "lease_until": tx.now + LEASE, "by_id": by.id, "by_name": by.name}
                await tx.execute(insert(runs).values(**values))
                tx.publish(TOPIC)
        except IntegrityError:
            raise conflict("Pelatihan lain sedang berjalan. Tunggu sampai selesai.", run=(await self.latest_id())) from None
        work = self._work = _Work(run_id, Told(kind))
        steps = self._train if kind == "train" else self._report
        work.task = asyncio.create_task(self._carry_out(work, by, model, steps), name=f"training {run_id}")
        return await self.one(run_id)

    async def wait(self) -> None:
        """Until the run of this process has ended."""
        if self._work and self._work.task:
            await asyncio.gather(self._work.task, return_exceptions=True)

    async def one(self, run_id: str) -> Row[Any]:
        """Raises DeskError not_found."""
        async with self._db.read() as tx:
            row = (await tx.execute(select(runs).where(runs.c.id == run_id))).first()
        if row is None:
            raise not_found()
        return row

    async def latest_id(self) -> str | None:
        """The newest run."""
        async with self._db.read() as tx:
            return (await tx.execute(select(runs.c.id).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1))).scalar()

    async def cancel(self, run_id: str) -> Row[Any]:
        """Ask for the end of a run, wherever it is carried out."""
        await self.one(run_id)
        async with self._db.write() as tx:
            await tx.execute(update(runs).where(runs.c.id == run_id, runs.c.state == "running").values(cancel=True))
            tx.publish(TOPIC)
        return await self.one(run_id)

    async def sweep(self) -> None:
        """Write down as broken off what nobody renews any more."""
        async with self._db.read() as tx:
            late = (await tx.execute(select(runs.c.id).where(runs.c.state == "running", runs.c.lease_until <= tx.now))).first()
        if late is None:
            return
        async with self._db.write() as tx:
            gone = runs.c.state == "running", runs.c.lease_until <= tx.now
            ended = {"state": "broken_off", "ended_at": tx.now, "lease_until": None, "faults": [BROKEN_OFF]}
            await tx.execute(update(runs).where(*gone).values(**ended))
            tx.publish(TOPIC)

    async def run(self) -> None:
        """The loop, until `stop`."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopped:
                self._wake.clear()
                try:
                    await self.sweep()
                    await self.renew()
                except Exception:
                    log.exception("the run's lease could not be renewed; going on")
                await _either(self._wake, self._db.clock, RENEW_S if self._work else 60)
        finally:
            unsubscribe()

    async def renew(self) -> None:
        """Write down how far the run is; end it where that was asked for, or where it is not ours any more."""
        work = self._work
        if work is None or work.task is None or work.task.done():
            return
        async with self._db.write() as tx:
            mine = runs.c.id == work.id, runs.c.state == "running"
            values = {"lease_until": tx.now + LEASE, "stage": work.told.stage, "progress": work.told.progress}
            done = await tx.execute(update(runs).where(*mine).values(**values))
            cancelled = (await tx.execute(select(runs.c.cancel).where(runs.c.id == work.id))).scalar()
        if done.rowcount != 1 or cancelled:
            work.end("cancelled" if cancelled else "lost")

    def stop(self) -> None:
        """Shutting down: nothing that takes minutes is waited for."""
        self._stopped = True
        if self._work:
            self._work.end("shut_down")
        self._wake.set()

    async def drain(self) -> None:
        """Wait until the run is written down as ended."""
        await self.wait()

    def _heard(self, topic: str, _data: dict[str, object]) -> None:
        if topic == TOPIC or topic == "refresh":
            self._wake.set()

    async def _carry_out(self, work: _Work, by: Person, model: str | None, steps: _Steps) -> None:
        """Run the steps; whatever becomes of them is written down."""
        run_id, told = work.id, work.told
        told.heard = self._wake.set
        state, faults = "done", list[str]()
        try:
            await asyncio.to_thread(workshop.clean_all_but, self._workshop, run_id)
            model = await steps(run_id, by, model, told)
        except asyncio.CancelledError:
            if work.ends == "lost":
                return
            state, faults = ("cancelled", []) if work.ends == "cancelled" else ("broken_off", [SHUT_DOWN])
        except Refused as error:
            state, faults = "failed", error.faults
        except CommandFailed as error:
            log.error("training run %s failed: %s\n%s", run_id, error, error.tail)
            state, faults = "failed", [why(error.tail)]
        except Exception as error:
            log.exception("training run %s failed", run_id)
            state, faults = "failed", [f"Terjadi gangguan ({type(error).__name__}). Rinciannya ada di catatan layanan."]
        finally:
            workshop.clean(self._workshop, run_id)
        async with self._db.write() as tx:
            ended: dict[str, Any] = {"state": state, "faults": faults, "model_id": model, "ended_at": tx.now, "lease_until": None}
            ended |= {"stage": told.stage, "progress": 100 if state == "done" else told.progress}
            await tx.execute(update(runs).where(runs.c.id == run_id, runs.c.state == "running").values(**ended))
            tx.publish(TOPIC)

    async def _train(self, run_id: str, by: Person, _model: str | None, told: Told) -> str:
        """Check, train, report, put in its place."""
        snapshot = await asyncio.to_thread(workshop.take, self._workshop, run_id, self._models.client)
        if snapshot.checked.faults:
            raise Refused(snapshot.checked.faults[:50])
        told.enter(Stage.UNDERSTANDING)
        command = [*engine("rasa"), "train", "--fixed-model-name", "model", "--out", "out"]
        await run(command, cwd=snapshot.folder, heard=lambda line: told.enter(stage_of(line)))
        trained = snapshot.folder / "out/model.tar.gz"
        archive = await asyncio.to_thread(archives.read, trained)
        against = await self._against()
        told.enter(Stage.EVALUATION)
        found = await self._evaluation(snapshot.folder, told).of(trained, against, {"own_warnings": snapshot.checked.warnings})
        await self.renew()  # a cancellation that came meanwhile counts
        await asyncio.sleep(0)
        async with self._db.read() as tx:
            name = archives.new_name(tx.now)
        await asyncio.to_thread(archives.place, trained, self._workshop.models, name)
        columns = {"report": found, "data_revision": snapshot.revision, "examples": len(snapshot.checked.examples)}
        async with self._db.write() as tx:
            await self._models.store(tx, archive.id, name, by, **columns, reported_at=tx.now)
        await self._models.tidy()
        return archive.id

    async def _report(self, run_id: str, _by: Person, model: str | None, told: Told) -> str:
        """Compare a model that is there with the one in service now."""
        assert model is not None
        row = await self._models.row(model)
        snapshot = await asyncio.to_thread(workshop.take, self._workshop, run_id, self._models.client)
        told.enter(Stage.EVALUATION)
        report = row.report or {}
        same = row.data_revision == snapshot.revision or row.data_revision is None
        known = {"own_warnings": report.get("own_warnings", [])}
        if report.get("cross_validation") is not None:
            known["cross_validation"] = report["cross_validation"]  # of the data it was made from; that does not change
        elif not same or snapshot.checked.faults:
            raise Refused(["Data pelatihan sudah berubah sejak model ini dibuat, sehingga uji silangnya tidak dapat diulang."])
        path = self._workshop.models / row.file
        found = await self._evaluation(snapshot.folder, told).of(path, await self._against(), known)
        await self._models.reported(model, found)
        return model

    def _evaluation(self, folder: Any, told: Told) -> Evaluation:
        return Evaluation(self._db, self._models.client, self._workshop, folder, told.step)

    async def _against(self) -> Against | None:
        """The model in service, if its file is at hand."""
        async with self._db.read() as tx:
            serving = (await read_line(tx)).in_service
            row = (await tx.execute(select(models).where(models.c.id == serving))).first() if serving else None
        row = row or await self._models.of_engines()
        if row is None:
            return None
        return Against(row.id, self._workshop.models / row.file, (row.report or {}).get("cross_validation"))


_Steps = Callable[[str, Person, str | None, Told], Awaitable[str]]


async def _either(wake: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Until somebody wakes us or the time has passed."""
    woken = asyncio.ensure_future(wake.wait())
    slept = asyncio.ensure_future(clock.sleep_until(clock.now() + timedelta(seconds=seconds)))
    try:
        await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        woken.cancel()
        slept.cancel()
