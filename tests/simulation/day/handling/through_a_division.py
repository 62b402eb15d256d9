"""Tier 1, CS Digital, a division that returns what it found, and back; the customer confirms."""

from random import Random

from tests.simulation.day.steps import Course, errand, think


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("dispatch", think(dice, 60, 900), to="cs_digital", reason=dice.choice(("kewenangan", "data")), note="mohon dicek")
    yield errand("accept", think(dice, 60, 2400))
    yield errand("dispatch", think(dice, 60, 3600), to="div_ti", reason="teknis", note="saldo tidak sesuai")
    yield errand("accept", think(dice, 60, 7200))
    yield errand("return", think(dice, 600, 90000), reason="selesai_unit", note="data sudah diperbaiki")
    yield errand("accept", think(dice, 60, 3600))
    yield errand("propose", think(dice, 60, 3600), note="Data sudah diperbaiki, mohon dicek.")
    yield errand("confirm", think(dice, 600, 90000))
