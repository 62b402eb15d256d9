"""Nobody takes it until long past its limit; then a leader gives it to somebody, who solves it."""

from random import Random

from tests.simulation.day.steps import Course, errand, think

ANY_UNIT = True


def play(dice: Random) -> Course:
    yield errand("assign", think(dice, 170000, 180000), by="leader", to="colleague")
    yield errand("accept", think(dice, 60, 900))
    yield errand("solve", think(dice, 60, 9000), how="system", resolution="Mohon maaf menunggu lama, sudah selesai.")
