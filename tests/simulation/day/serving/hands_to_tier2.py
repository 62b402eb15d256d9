"""Answers, then hands on to the helpdesk."""

from random import Random

from tests.simulation.day.steps import Script, hand_on, reply, think

WEIGHT = 4
TEAM = "tier1"
HANDS_ON = True


def play(dice: Random) -> Script:
    yield reply("Baik, kami teruskan ke tim teknis ya.", after=think(dice, 5, 40), patience=30)
    yield hand_on("team:helpdesk", dice.choice(("teknis", "kewenangan")), after=think(dice, 5, 20))
