"""Sees to it that every engine of this process serves the model in service: after a promotion, after a restart, and every few seconds.

An engine that cannot load it (its folder lacks the file, the file is damaged) goes on with the model it has; the page shows why.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from bot.dialogue.engine import Engines, EngineUnavailable, ModelRefused
from bot.store.database import Database, Tx
from bot.training import archives
from bot.training.models import TOPIC, read_line
from bot.training.models_records import engine_models, models
from bot.training.workshop import Workshop

log = logging.getLogger(__name__)
LOOK_EVERY_S = 5
SEEN_EVERY_S = 60  # an unchanged engine is written down that often
AGAIN_AFTER_S = 60.0  # an engine that refused is asked again
GONE_AFTER = timedelta(days=1)
SENTENCES = {
    "missing": "Berkas model tidak ada di mesin ini.",
    "unreadable": "Berkas model di mesin ini rusak atau terpotong.",
    "wrong_version": "Model dilatih dengan versi Rasa yang lain.",
    "other_model": "Berkas di mesin ini berisi model yang lain.",
    "bad_name": "Nama berkas model tidak diterima mesin.",
}


class ModelWatch:
    """A loop of the service. While no model was ever promoted it leaves the engines alone."""

    def __init__(self, db: Database, engines: Engines, workshop: Workshop) -> None:
        self._db = db
        self._engines = engines
        self._workshop = workshop
        self._machine = socket.gethostname()
        self._stopped = False
        self._wake = asyncio.Event()
        self._refused: dict[str, tuple[str, str, float]] = {}  # engine → model, sentence, when
        self._written: dict[str, tuple[object, ...]] = {}

    async def run(self) -> None:
        """Until `stop`."""
        unsubscribe = self._db.subscribe(self._heard)
        try:
            while not self._stopped:
                self._wake.clear()
                try:
                    await self.look()
                except Exception:
                    log.exception("engines could not be told of their model; going on")
                await self._rest()
        finally:
            unsubscribe()

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        self._wake.set()

    async def drain(self) -> None:
        """Nothing is under way once `run` has returned."""

    async def look(self) -> None:
        """Compare every engine with the model in service, and tell those that have another."""
        async with self._db.read() as tx:
            wanted = await in_service(tx)
        if wanted is None:
            return
        await asyncio.to_thread(archives.name_in_service, self._workshop.models, wanted.file)
        await asyncio.gather(*(self._see_to(url, wanted) for url in self._engines.urls))

    async def _see_to(self, url: str, wanted: Row[tuple[str, str]]) -> None:
        said = await self._engines.serving(url)
        if said is None:
            return  # it is away; the page shows when it was last seen
        fault = None
        if said.get("model") != wanted.id:
            fault = await self._tell(url, wanted)
            said = await self._engines.serving(url) or said
        await self._write(url, str(said.get("model"))[:40], str(said.get("file"))[:140], fault)

    async def _tell(self, url: str, wanted: Row[tuple[str, str]]) -> str | None:
        """Have it load the model; the sentence why it did not."""
        model, sentence, when = self._refused.get(url, ("", "", 0.0))
        if model == wanted.id and time.monotonic() - when < AGAIN_AFTER_S:
            return sentence
        try:
            await self._engines.serve(url, wanted.file, wanted.id)
        except ModelRefused as error:
            fault = SENTENCES.get(error.reason, "Model tidak dapat dimuat oleh mesin ini.")
            if model != wanted.id or sentence != fault:
                log.error("engine %s does not serve %s: %s", url, wanted.file, error)
            self._refused[url] = (wanted.id, fault, time.monotonic())
            return fault
        except EngineUnavailable as error:
            log.warning("engine %s could not be told of %s: %s", url, wanted.file, error)
            return None
        self._refused.pop(url, None)
        log.info("engine %s serves %s", url, wanted.file)
        return None

    async def _write(self, url: str, model: str, file: str, fault: str | None) -> None:
        name, now = f"{self._machine} {url}"[:200], self._db.clock.now()
        state = model, file, fault, int(now.timestamp() // SEEN_EVERY_S)
        if self._written.get(url) == state:
            return
        try:
            async with self._db.write() as tx:
                values = {"model_id": model, "file": file, "fault": fault, "seen_at": tx.now}
                if not await tx.update(engine_models, {"engine": name}, **values):
                    await tx.insert(engine_models, engine=name, **values)
                    await tx.execute(delete(engine_models).where(engine_models.c.seen_at < tx.now - GONE_AFTER))
        except IntegrityError:
            return  # another service beside the same engine wrote it at the same time
        self._written[url] = state

    def _heard(self, topic: str, _data: dict[str, object]) -> None:
        if topic in (TOPIC, "refresh"):
            self._wake.set()

    async def _rest(self) -> None:
        woken = asyncio.ensure_future(self._wake.wait())
        slept = asyncio.ensure_future(self._db.clock.sleep_until(self._db.clock.now() + timedelta(seconds=LOOK_EVERY_S)))
        try:
            await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()


async def in_service(tx: Tx) -> Row[tuple[str, str]] | None:
    """Id and file of the model in service; None while none was promoted."""
    model = (await read_line(tx)).in_service
    if model is None:
        return None
    return (await tx.execute(select(models.c.id, models.c.file).where(models.c.id == model))).one()
