"""When people are there, and that the customer is told the truth about it."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest

from bot.client import load_client
from bot.handoff.rules import Floor, in_hours, queue_notice

CLIENT = load_client("clients/pegadaian")
OFFICE = CLIENT.handoff.model_copy(update={"hours": {"wed": ["08:00-12:00", "13:00-17:00"], "sat": ["00:00-24:00"]}})


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-18 07:59", False),
        ("2026-11-18 08:00", True),
        ("2026-11-18 11:59:59", True),
        ("2026-11-18 12:00", False),
        ("2026-11-18 12:59", False),
        ("2026-11-18 13:00", True),
        ("2026-11-18 17:00", False),
        ("2026-11-19 10:00", False),  # a day without hours
        ("2026-11-21 00:00", True),
        ("2026-11-21 23:59:59", True),
        ("2026-11-22 00:00", False),
    ],
)
def test_hours_are_kept_to_the_minute(when: str, expected: bool) -> None:
    assert in_hours(OFFICE, datetime.fromisoformat(when).replace(tzinfo=CLIENT.zone), CLIENT.zone) is expected


TEXT = CLIENT.handoff.hours_text
NOTICES = [
    (Floor(ready=2, room=3, waiting=0, in_hours=True), 1, "sambungkan", None),
    (Floor(ready=2, room=3, waiting=2, in_hours=True), 3, "sambungkan", None),
    (Floor(ready=2, room=3, waiting=3, in_hours=True), 4, "nomor 4", "sebentar"),
    (Floor(ready=2, room=0, waiting=0, in_hours=True), 1, "sedang melayani nasabah lain", "sebentar"),
    (Floor(ready=0, room=0, waiting=0, in_hours=True), 1, "belum ada petugas", "sambungkan"),
    (Floor(ready=0, room=0, waiting=4, in_hours=False), 5, TEXT, "sambungkan"),
    (Floor(ready=1, room=2, waiting=0, in_hours=False), 1, "sambungkan", TEXT),  # somebody works late
]


@pytest.mark.parametrize(("floor", "position", "says", "says_not"), NOTICES)
def test_the_notice_tells_the_truth(floor: Floor, position: int, says: str, says_not: str | None) -> None:
    notice = queue_notice(floor, position, TEXT)
    assert says in notice
    assert says_not is None or says_not not in notice


@pytest.mark.parametrize(("ready", "room", "hours"), list(itertools.product((0, 1, 5), (0, 1, 5), (True, False))))
def test_nobody_is_promised_a_person_who_is_not_there(ready: int, room: int, hours: bool) -> None:
    notice = queue_notice(Floor(ready, room, 0, hours), 2, TEXT)
    assert ("kami sambungkan" in notice) == (ready > 0)
    assert ("nomor 2" in notice) or (ready > 0 and room >= 2)
