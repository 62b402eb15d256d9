"""Settings and a client's files with something wrong in them: one line a fault, naming file and place, before anything is served."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.client import ClientDataError, load_client
from bot.conversations.calendar import WorkCalendar
from bot.conversations.closing import farewell
from bot.conversations.courtesy import opening
from bot.handoff.rules import in_hours
from bot.knowledge.index import Knowledge
from bot.settings import Settings, SettingsError, load_settings
from tests.support.fuzzing import fuzz, mutated, nasty_texts
from tests.support.servers import ROOT

CLIENT = ROOT / "clients/pegadaian"
FILES = sorted(str(path.relative_to(CLIENT)) for path in CLIENT.rglob("*.yml"))
SMALL = [name for name in FILES if (CLIENT / name).stat().st_size < 40_000]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(CLIENT, tmp_path_factory.mktemp("client") / "pegadaian"))


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    return {name: yaml.safe_load((CLIENT / name).read_text(encoding="utf-8")) for name in SMALL}


def check(folder: Path, name: str, content: bytes) -> None:
    """Load it with this file changed: it is refused in lines that name a file, or everything made of it works."""
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        client = load_client(folder)
    except ClientDataError as error:
        lines = str(error).split("\n")
        assert all(re.match(rf"{re.escape(str(folder))}/\S+\.yml: \S", line) for line in lines), lines[:3]
        assert all(len(line) < 1000 for line in lines), "a line is for people"
        return
    finally:
        path.write_bytes(before)
    Knowledge(client.articles)
    opening(client, NOW, "Budi")
    farewell(client, WorkCalendar(client.calendar), NOW)
    in_hours(client.handoff, NOW, client.zone)


@fuzz(40)
@given(data=st.data())
def test_a_value_that_makes_no_sense(folder: Path, parsed: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SMALL))
    value = data.draw(mutated(parsed[name], 2))
    check(folder, name, yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace"))


@fuzz(30)
@given(data=st.data())
def test_a_text_that_is_no_yaml(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SMALL))
    text = (CLIENT / name).read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    added = data.draw(
        nasty_texts | st.sampled_from([": ", "- ", "\t", "{", "[", "*x", "&x ", "!!int ''", "!!timestamp x", "? ", "<<: x\n", "%YAML 9"])
    )
    check(folder, name, (text[:at] + added + text[at + cut :]).encode("utf-8", "replace"))


ODD = [
    b"",
    b"\xff\xfe\x00",
    b"\x00",
    b"[" * 3000,
    b"a: &a [*a]",
    b"&a [*a]",
    b"{? [] : 1}",
    b"!!int ''",
    b"!!float ''",
    b"!!bool 'x'",
    b"!!timestamp 'x'",
    b"!!binary '\xc3\xa4'",
    b"2026-02-31",
    b"!!python/object:os.system {}",
    b"--- 1\n--- 2",
    b"{1: 2, null: 3, [1, 2]: 4}",
    b"<<: 1",
    b"- " * 2000,
    b"%TAG ! tag:x\n--- 1",
    b"'" + b"x" * 100_000,
]


@pytest.mark.parametrize("name", ["client.yml", "products.yml", "knowledge/info_gadai.yml"])
def test_files_that_stumble_a_reader(folder: Path, name: str) -> None:
    for content in ODD:
        check(folder, name, content)


def test_a_bomb_of_aliases_is_refused_before_it_is_unfolded(folder: Path) -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 106))
    check(folder, "client.yml", bomb)


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, (*path, key))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path


@pytest.mark.parametrize("number", [-1, -(10**9)])
def test_a_number_below_zero_is_refused(folder: Path, number: int) -> None:
    """A time that runs backwards, a room for less than nobody: refused at start, not found out in front of a customer."""
    for path in _numbers(yaml.safe_load((CLIENT / "client.yml").read_text(encoding="utf-8"))):
        data = yaml.safe_load((CLIENT / "client.yml").read_text(encoding="utf-8"))
        inner = data
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = number
        (folder / "client.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
        try:
            with pytest.raises(ClientDataError, match=re.escape(str(path[-1]))):
                load_client(folder)
        finally:
            shutil.copy(CLIENT / "client.yml", folder / "client.yml")


@pytest.mark.parametrize("opening_text", ["{salam}, {nama}", "{salam", "{0}", "{salam.__class__}", "{}"])
def test_an_opening_with_a_wrong_place_is_refused(folder: Path, opening_text: str) -> None:
    data = yaml.safe_load((CLIENT / "client.yml").read_text(encoding="utf-8"))
    (folder / "client.yml").write_text(yaml.safe_dump({**data, "opening": opening_text}), encoding="utf-8")
    try:
        with pytest.raises(ClientDataError, match=r"client\.yml: opening: "):
            load_client(folder)
    finally:
        shutil.copy(CLIENT / "client.yml", folder / "client.yml")


NAMES = sorted(str(field.alias) for field in Settings.model_fields.values())
GOOD = {"SECRET_KEY": "k" * 32, "ENGINE_TOKEN": "t", "SAPA_ENV": "test"}


@fuzz(200)
@given(
    given=st.dictionaries(
        st.sampled_from(NAMES), nasty_texts | st.sampled_from(["-1", "0", "true", "1e9", "9" * 400, "nan", "inf"]), max_size=4
    )
)
def test_settings_of_any_value(given: dict[str, str]) -> None:
    try:
        load_settings(**{**GOOD, **given})
    except SettingsError as error:
        text = str(error)
        assert "\n" not in text
        assert any(name in text for name in NAMES), text
        assert not any(value in text for name, value in given.items() if "TOKEN" in name or "SECRET" in name if len(value) > 8), (
            "a secret is told"
        )
