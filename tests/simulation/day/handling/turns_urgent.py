"""Its priority and topic change, and with them its limits; the helpdesk solves it after its limit."""

from random import Random

from tests.simulation.day.steps import Course, errand, think


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("change", think(dice, 60, 900), priority="urgent", topic="data_pribadi")
    yield errand("dispatch", think(dice, 60, 900), to="helpdesk", reason="teknis", note="mohon segera")
    yield errand("accept", think(dice, 9000, 12000))
    yield errand("work", think(dice, 60, 900))
    yield errand("change", think(dice, 60, 900), priority="normal", note="tidak mendesak lagi")
    yield errand("solve", think(dice, 90000, 180000), how="system", resolution="Akun sudah dipulihkan.")
