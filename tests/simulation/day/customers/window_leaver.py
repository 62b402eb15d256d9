"""Closes the window: for a moment, or for good, or while an answer is owed; comes back later or not."""

from random import Random

from tests.simulation.day.steps import Script, come_back, leave, say, think, wait

WEIGHT = 8
CHANNELS = ("livechat",)


def play(dice: Random) -> Script:
    yield say(dice.choice(("info gadai dong", "petugas", "apa itu tabungan emas")), patience=30)
    yield leave(after=think(dice, 2, 50))
    if dice.random() < 0.7:
        yield wait(dice.choice((5, 10, 20, 45, 90, 240)))
        yield come_back()
        yield say("maaf tadi keputus, jam buka outlet?", after=think(dice, 2, 30))
        if dice.random() < 0.5:
            yield leave(after=think(dice, 2, 30))
