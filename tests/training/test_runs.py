"""A run from beginning to end: one at a time, checked first, cancelled, broken off; nothing half made is ever offered."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.training import commands, runs
from bot.training.evaluation import Evaluation
from bot.training.models_records import models
from tests.support.servers import ENGINE_PYTHON, ROOT
from tests.support.stack import Stack, until
from tests.training.workbench import FakeEngine, Trainer, archive, report

pytestmark = pytest.mark.skipif(not ENGINE_PYTHON.is_file(), reason="training needs the engine's environment (make engine-env)")


class Training:
    """Stands in for the commands: writes an archive when it is let to, telling stages as Rasa does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.commands: list[list[str]] = []
        self.fails: str | None = None
        self.model = "trained"
        monkeypatch.setattr(runs, "run", self._run)
        monkeypatch.setattr(Evaluation, "of", self._report)

    async def _run(self, command: list[str], cwd: Path, heard: Callable[[str], None]) -> str:
        self.commands.append(command)
        heard("INFO hooks - Starting to train component 'RulePolicy'.")
        self.begun.set()
        await self.go.wait()
        if self.fails:
            raise commands.CommandFailed(1, self.fails)
        archive(cwd / "out", "model.tar.gz", self.model)
        return ""

    async def _report(self, _model: Path, against: Any, known: Any) -> dict[str, Any]:
        return report(against.id if against else None, **known)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Training:
    return Training(monkeypatch)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is trained, that a test may break."""
    shutil.copytree(ROOT / "data", tmp_path / "project/data")
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path / "project" / name)
    return tmp_path / "project"


Make = Callable[[str], Awaitable[tuple[Stack, Trainer]]]


@pytest.fixture
async def make(project: Path, tmp_path: Path) -> AsyncIterator[Make]:
    """Service processes on one database (in one process here) with a trainer each."""
    archive(tmp_path / "models", "sapa.tar.gz", "first")
    engine = FakeEngine("first", "sapa.tar.gz")
    await engine.start()
    started: list[Any] = []

    async def start(url: str) -> tuple[Stack, Trainer]:
        places = {"SAPA_MODELS": str(tmp_path / "models"), "SAPA_DATA": str(project / "data")}
        stack = Stack(url, engine.url, tmp_path / "var", tmp_path, **places)
        await stack.start()
        trainer = await Trainer.enter(stack, f"tia{len(started)}")
        started.extend((trainer, stack))
        return stack, trainer

    yield start
    for one in started:
        await (one.leave() if isinstance(one, Trainer) else one.stop())
    await engine.stop()


async def ended(trainer: Trainer) -> dict[str, Any]:
    async def done() -> bool:
        return bool((await trainer.get())["run"]["state"] != "running")

    await until(done, "the run does not end")
    return dict((await trainer.get())["run"])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_run_makes_a_model_that_may_be_promoted(make: Make, training: Training, tmp_path: Path, database_url: str) -> None:
    stack, trainer = await make(database_url)
    run = (await trainer.post("/runs", expect=201, kind="train"))["run"]
    assert (run["state"], run["stage_label"], run["by"]) == ("running", "Memeriksa data", "Tia0")

    async def at_the_dialogue() -> bool:
        return (await trainer.get())["run"]["stage"] == "dialogue"

    await until(at_the_dialogue, "the page is not told of the stage")
    assert [m["id"] for m in (await trainer.get())["models"]] == [], "nothing half made is offered"
    training.go.set()
    run = await ended(trainer)
    assert (run["state"], run["model"], run["progress"], run["faults"]) == ("done", "trained", 100, [])
    seen = await trainer.get()
    made = next(m for m in seen["models"] if m["id"] == "trained")
    assert made["passed"] and made["examples"] > 5000 and made["data_revision"] and made["by"] == "Tia0"
    assert (tmp_path / "models" / f"{made['name']}.tar.gz").is_file()
    assert not [name for name in files(tmp_path / "models") if name.startswith(".")]
    assert files(tmp_path / "var/training") == []
    told = await trainer.get("/trained")
    assert told["gate"]["passed"] and told["report"]["against"] == "first"
    await trainer.post("/trained/promote", over="first")
    assert [f.data["model"] for f in await stack.facts("model_trained")] == ["trained"]


async def test_two_trainings_at_once_are_one(make: Make, training: Training, database_url: str) -> None:
    _, one = await make(database_url)
    _, other = await make(database_url)
    answers = await asyncio.gather(*(t.call("POST", "/api/train/models/runs", {"kind": "train"}) for t in (one, other, one, other)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    run = next(answer["run"]["id"] for status, answer in answers if status == 201)
    assert all(answer["run"] == run for status, answer in answers if status == 409)
    training.go.set()
    await ended(one)
    await other.post("/runs", expect=201, kind="train")
    await ended(other)
    assert len(training.commands) == 2


async def test_broken_data_is_told_with_file_and_line_and_nothing_is_trained(
    make: Make, training: Training, project: Path, tmp_path: Path, sqlite_url: str
) -> None:
    _, trainer = await make(sqlite_url)
    path = project / "data/nlu/info_lelang.yml"
    path.write_text(path.read_text("utf-8").replace("      - info lelang\n", "      - info lelang\n    - jadwal\n"), "utf-8")
    await trainer.post("/runs", expect=201, kind="train")
    run = await ended(trainer)
    assert run["state"] == "failed"
    assert any("info_lelang.yml baris" in fault for fault in run["faults"]), run["faults"]
    assert training.commands == []
    assert files(tmp_path / "models") == ["sapa.tar.gz"]


async def test_a_training_that_fails_leaves_a_sentence_and_nothing_else(
    make: Make, training: Training, tmp_path: Path, sqlite_url: str
) -> None:
    _, trainer = await make(sqlite_url)
    training.fails = "Traceback\nrasa.shared.exceptions.InvalidDomain: a slot is there twice"
    training.go.set()
    await trainer.post("/runs", expect=201, kind="train")
    run = await ended(trainer)
    assert (run["state"], run["faults"]) == ("failed", ["Pelatihan gagal: a slot is there twice"])
    assert files(tmp_path / "var/training") == []
    assert "trained" not in [m["id"] for m in (await trainer.get())["models"]]


async def test_a_run_is_cancelled_from_whichever_process(make: Make, training: Training, database_url: str) -> None:
    stack, trainer = await make(database_url)
    _, other = await make(database_url)
    run = (await trainer.post("/runs", expect=201, kind="train"))["run"]["id"]
    await training.begun.wait()
    asked = (await other.post(f"/runs/{run}/cancel"))["run"]
    assert asked["cancelling"] or asked["state"] == "cancelled"

    async def found() -> bool:
        stack.clock.advance(16)  # on SQLite no signal passes between processes: the next renewal finds it
        return bool((await other.get())["run"]["state"] == "cancelled")

    await until(found, "the run goes on")
    assert (await other.post(f"/runs/{run}/cancel"))["run"]["state"] == "cancelled"


async def test_a_service_that_stops_breaks_its_run_off(make: Make, training: Training, sqlite_url: str) -> None:
    stack, trainer = await make(sqlite_url)
    await trainer.post("/runs", expect=201, kind="train")
    await training.begun.wait()
    await stack.service.drain()
    run = (await trainer.get())["run"]
    assert (run["state"], run["faults"]) == ("broken_off", [runs.SHUT_DOWN])


async def test_a_run_whose_process_is_gone_is_found_broken_off(make: Make, training: Training, tmp_path: Path, database_url: str) -> None:
    stack, trainer = await make(database_url)
    run = (await trainer.post("/runs", expect=201, kind="train"))["run"]["id"]
    await training.begun.wait()
    dead = stack.service.runs
    stack.clock.advance(1)
    other_stack, other = await make(database_url)
    dead._work.task, work = None, dead._work.task  # type: ignore[union-attr] # it renews nothing any more, as if it had been killed
    other_stack.clock.advance(3600)
    seen = (await other.get())["run"]
    assert (seen["id"], seen["state"], seen["faults"]) == (run, "broken_off", [runs.BROKEN_OFF])
    training.go.set()
    assert work is not None
    await asyncio.gather(work, return_exceptions=True)
    async with stack.db.read() as tx:
        states = (await tx.execute(select(runs.runs.c.state))).scalars().all()
    assert states == ["broken_off"], "who wakes up later changes nothing"
    training.model = "next"
    await other.post("/runs", expect=201, kind="train")
    assert (await ended(other))["state"] == "done"


async def test_only_the_newest_models_are_kept(make: Make, training: Training, tmp_path: Path, sqlite_url: str) -> None:
    stack, trainer = await make(sqlite_url)
    training.go.set()
    for number in range(12):
        training.model = f"model{number:02}"
        await trainer.post("/runs", expect=201, kind="train")
        assert (await ended(trainer))["state"] == "done"
        stack.clock.advance(60)
        if number == 0:
            await trainer.post("/model00/promote", over="first")
    seen = {m["id"] for m in (await trainer.get())["models"]}
    assert seen == {"first", "model00", *(f"model{number:02}" for number in range(2, 12))}
    async with stack.db.read() as tx:
        kept = set((await tx.execute(select(models.c.file))).scalars())
    assert {name for name in files(tmp_path / "models") if name.startswith("sapa-")} == kept


async def test_the_same_model_is_compared_again_with_the_one_in_service_now(make: Make, training: Training, sqlite_url: str) -> None:
    _, trainer = await make(sqlite_url)
    training.go.set()
    for name in ("one", "two"):
        training.model = name
        await trainer.post("/runs", expect=201, kind="train")
        await ended(trainer)
    await trainer.post("/one/promote", over="first")
    assert (await trainer.get("/two"))["stale"]
    await trainer.post("/runs", expect=201, kind="report", model="two")
    assert (await ended(trainer))["state"] == "done"
    told = await trainer.get("/two")
    assert (told["stale"], told["report"]["against"], told["gate"]["passed"]) == (False, "one", True)
    await trainer.post("/two/promote", over="one")


# --- the commands themselves ---

GRANDCHILD = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before, or while it was looked at
        return False


async def test_a_cancelled_command_is_killed_with_what_it_started() -> None:
    pids: list[int] = []
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GRANDCHILD!r}])"
    task = asyncio.create_task(commands.run([sys.executable, "-c", code], heard=lambda line: pids.append(int(line))))
    await until(lambda: bool(pids), "it does not start")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: not running(pids[0]), "it lives on")


async def test_a_command_ends_with_the_service_that_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "pid"
    code = f"import os, time; open({str(out)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    script = textwrap.dedent(f"""
        import asyncio, sys
        from bot.training import commands
        asyncio.run(commands.run([sys.executable, "-c", {code!r}]))
    """)
    service = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    await until(lambda: out.is_file() and bool(out.read_text()), "it does not start")
    pid = int(out.read_text())
    assert running(pid)
    service.send_signal(signal.SIGKILL)
    service.wait()
    await until(lambda: not running(pid), "it lives on")


async def test_a_command_gives_its_output_and_its_failure_its_last_words() -> None:
    said = await commands.run([sys.executable, "-c", "import sys; print('result'); print('noise', file=sys.stderr)"])
    assert said == "result"
    with pytest.raises(commands.CommandFailed) as failed:
        await commands.run([sys.executable, "-c", "raise SystemExit('no such thing')"])
    assert (failed.value.code, failed.value.tail) == (1, "no such thing")


async def test_secrets_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in commands.SECRETS:
        monkeypatch.setenv(name, "secret")
    said = await commands.run([sys.executable, "-c", "import os; print(sorted(k for k, v in os.environ.items() if v == 'secret'))"])
    assert said == "[]"
