"""A client's folder: the shipped one loads, and every kind of broken file is named with its reason at start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.client import ClientDataError, load_client

SHIPPED = Path("clients/pegadaian")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped client that a test may break."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "client"))


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    def breaks(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, old
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return breaks


def written(file: str, text: str | bytes) -> Callable[[Path], None]:
    def breaks(folder: Path) -> None:
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())

    return breaks


def removed(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def made_a_folder(file: str) -> Callable[[Path], None]:
    def breaks(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return breaks


ARTICLE = "id: x\n  title: X\n  asked_as: []\n  answer: X\n  source: s\n  confidence: C\n"
SALAM = "knowledge/salam.yml"
FAULTS: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("a file is missing", removed("client.yml"), "client.yml", "missing"),
    ("outlets are missing", removed("outlets.yml"), "outlets.yml", "missing"),
    ("the calendar is missing", removed("calendar.yml"), "calendar.yml", "missing"),
    ("products are missing", removed("products.yml"), "products.yml", "missing"),
    ("no YAML", written("client.yml", "a: [1\n"), "client.yml", "not valid YAML"),
    ("no YAML in an article", written(SALAM, "- a: b: c"), SALAM, "not valid YAML"),
    ("no UTF-8", written("client.yml", b"id: \xff\xfe\xfa"), "client.yml", "cannot be read"),
    (
        "a folder instead of a file",
        made_a_folder("outlets.yml"),
        "outlets.yml",
        "cannot be read",
    ),
    ("an empty file", written("client.yml", ""), "client.yml", "mapping"),
    ("empty outlets", written("outlets.yml", ""), "outlets.yml", "mapping"),
    ("outlets as a list", written("outlets.yml", "- a"), "outlets.yml", "mapping"),
    ("an empty calendar", written("calendar.yml", ""), "calendar.yml", "mapping"),
    ("products as a mapping", written("products.yml", "a: b"), "products.yml", "list"),
    ("articles as a mapping", written(SALAM, "a: b"), SALAM, "list"),
    ("an article that is a word", written(SALAM, "- halo"), SALAM, "list of articles"),
    ("a key is missing", replaced("client.yml", "locale: id\n", ""), "client.yml", "locale"),
    ("a key nobody knows", replaced("client.yml", "locale: id\n", "locale: id\nlocal: id\n"), "client.yml", "local"),
    ("a number that is none", replaced("client.yml", "first_after_s: 60", "first_after_s: soon"), "client.yml", "idle.first_after_s"),
    ("a zone nobody knows", replaced("client.yml", "Asia/Jakarta", "Asia/Jakata"), "client.yml", "'Asia/Jakata' is not a time zone"),
    ("a folder of zones", replaced("client.yml", "Asia/Jakarta", "Asia"), "client.yml", "not a time zone"),
    ("no zone", replaced("client.yml", "Asia/Jakarta", "''"), "client.yml", "not a time zone"),
    ("an outlet's zone", replaced("outlets.yml", "Asia/Makassar", "WITA"), "outlets.yml", "'WITA' is not a time zone"),
    ("a weekday nobody knows", replaced("outlets.yml", "  mon:", "  senin:"), "outlets.yml", "'senin' is not one of"),
    ("hours that end first", replaced("outlets.yml", "08:00-12:30", "12:30-08:00"), "outlets.yml", "12:30-08:00"),
    ("hours with a dot", replaced("outlets.yml", "08:00-12:30", "08.00-12.30"), "outlets.yml", "08.00-12.30"),
    ("hours that are none", replaced("outlets.yml", "08:00-12:30", "08:00-1x:30"), "outlets.yml", "08:00-1x:30"),
    ("an hour too many", replaced("outlets.yml", "08:00-12:30", "08:00-25:30"), "outlets.yml", "08:00-25:30"),
    ("hours that overlap", replaced("outlets.yml", "13:00-15:00", "11:00-15:00"), "outlets.yml", "11:00-15:00"),
    ("an outlet without a city", replaced("outlets.yml", "city: Jakarta Pusat, ", ""), "outlets.yml", "city"),
    ("an outlet twice", replaced("outlets.yml", "id: cp-kebayoran", "id: cp-senen"), "outlets.yml", "cp-senen"),
    ("a date that does not exist", replaced("calendar.yml", "2026-12-31", "2026-02-30"), "calendar.yml", "day is out of range"),
    ("a product twice", replaced("products.yml", "id: cicil-emas", "id: tabungan-emas"), "products.yml", "tabungan-emas"),
    (
        "a product for a topic nobody knows",
        replaced("products.yml", "after_topics: [info_emas]", "after_topics: [emas]"),
        "products.yml",
        "emas",
    ),
    ("an intent's topic", replaced("client.yml", "pujian: terima_kasih", "pujian: pujian"), "client.yml", "topic pujian"),
    ("a quick choice's intent", replaced("client.yml", "{intent: info_gadai,", "{intent: info_gade,"), "client.yml", "info_gade"),
    ("no default limit", replaced("tickets.yml", "{default: 10d, ", "{"), "tickets.yml", "sla.overall: default"),
    ("a limit that is none", replaced("tickets.yml", "{default: 10d, ", "{default: 10, "), "tickets.yml", "'10' is not a length"),
    (
        "a unit that is never there",
        replaced("tickets.yml", "hours: *office", "hours: {mon: []}"),
        "tickets.yml",
        "its clock would never run",
    ),
    (
        "a topic around the clock without a limit",
        replaced("tickets.yml", "around_the_clock: [data_pribadi]", "around_the_clock: [info_emas]"),
        "tickets.yml",
        "info_emas has no limit",
    ),
    ("four steps of a survey", replaced("client.yml", "[Tidak Puas, ", "["), "client.yml", "survey.scale"),
    ("a closing hour that is none", replaced("client.yml", '"06:00"', '"6"'), "client.yml", "closing.day_from"),
    (
        "an article of a topic nobody knows",
        written("knowledge/gossip.yml", f"- {ARTICLE}  default: true\n"),
        "knowledge/gossip.yml",
        "gossip",
    ),
    (
        "an article without an answer",
        written(SALAM, "- id: x\n  title: X\n  asked_as: []\n  source: s\n  confidence: C\n"),
        SALAM,
        "answer",
    ),
    ("an article twice", written(SALAM, f"- {ARTICLE}  default: true\n- {ARTICLE}"), SALAM, "x: the id stands twice"),
    ("no default article", written(SALAM, f"- {ARTICLE}"), SALAM, "0 default articles"),
    (
        "two default articles",
        written(SALAM, f"- {ARTICLE}  default: true\n- {ARTICLE.replace('x', 'y')}  default: true\n"),
        SALAM,
        "2 default",
    ),
    ("a product nobody sells", written(SALAM, f"- {ARTICLE}  default: true\n  cross_sell: saham\n"), SALAM, "product saham"),
]


@pytest.mark.parametrize(("breaks", "file", "reason"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_broken_folder_is_refused(folder: Path, breaks: Callable[[Path], None], file: str, reason: str) -> None:
    breaks(folder)
    with pytest.raises(ClientDataError) as error:
        load_client(folder)
    assert str(folder / file) in str(error.value)
    assert reason in str(error.value)


def test_every_fault_has_its_line(folder: Path) -> None:
    replaced("outlets.yml", "08:00-12:30", "8-12")(folder)
    replaced("client.yml", "first_after_s: 60", "first_after_s: soon")(folder)
    with pytest.raises(ClientDataError) as error:
        load_client(folder)
    lines = str(error.value).splitlines()
    assert any("client.yml" in line for line in lines)
    assert any("outlets.yml" in line for line in lines)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClientDataError, match="missing"):
        load_client(tmp_path / "nobody")


def test_the_shipped_client_loads_and_is_whole() -> None:
    client = load_client(SHIPPED)
    assert client.zone.key == "Asia/Jakarta"
    assert (client.idle.first_after_s, client.idle.again_after_s, client.idle.close_after_s) == (60, 60, 60)
    assert [step.id for step in client.steps] == [
        "salam",
        "verifikasi",
        "kebutuhan",
        "solusi",
        "bantuan_lain",
        "cross_selling",
        "penutup",
        "survei",
    ]
    assert client.survey.scale == ["Tidak Puas", "Kurang Puas", "Cukup Puas", "Puas", "Sangat Puas"]
    assert client.outlet_by_id["cp-senen"].city == "Jakarta Pusat"
    assert set(client.product_by_id) == {product.id for product in client.products}
    assert client.opening.format(salam="Selamat pagi", sapaan="Bapak/Ibu", bot="Sapa", brand="Pegadaian")


@pytest.mark.parametrize(
    ("intent", "topic"), [("info_gadai", "info_gadai"), ("pujian", "terima_kasih"), ("never heard", "tidak_jelas"), (None, "tidak_jelas")]
)
def test_every_intent_has_a_topic(intent: str | None, topic: str) -> None:
    assert load_client(SHIPPED).topic_of(intent) == topic


def test_people_work_around_the_clock_where_the_client_says_so(folder: Path) -> None:
    replaced("client.yml", 'mon: ["07:00-21:00"]', 'mon: ["00:00-24:00"]')(folder)
    assert load_client(folder).handoff.hours["mon"] == ["00:00-24:00"]
