"""Hands on to a colleague at once."""

from random import Random

from tests.simulation.day.steps import Script, hand_on, think

WEIGHT = 2
HANDS_ON = True


def play(dice: Random) -> Script:
    yield hand_on("colleague", dice.choice(("keahlian", "akhir_tugas")), after=think(dice, 5, 30))
