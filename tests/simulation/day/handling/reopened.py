"""Solved too early: a leader opens it again and gives it to somebody of the unit."""

from random import Random

from tests.simulation.day.steps import Course, errand, think


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("solve", think(dice, 60, 900), how="system", resolution="Sudah kami sesuaikan.")
    yield errand("reopen", think(dice, 300, 90000), by="leader", reason=dice.choice(("belum_selesai", "keliru")), note="belum sesuai")
    yield errand("assign", think(dice, 30, 300), by="leader", to="colleague")
    yield errand("solve", think(dice, 600, 9000), how="system", resolution="Sudah kami periksa ulang.")
