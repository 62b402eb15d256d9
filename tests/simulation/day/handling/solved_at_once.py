"""Tier 1 accepts it, notes what was found, and solves it."""

from random import Random

from tests.simulation.day.steps import Course, errand, think

ANY_UNIT = True


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("notes", think(dice, 30, 300), text="cek mutasi: sesuai", audience="internal")
    yield errand("solve", think(dice, 60, 1200), how="system", resolution="Kendala sudah kami perbaiki.")
