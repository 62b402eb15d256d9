"""Presses "end": with the bot, in the queue, or with an agent."""

from random import Random

from tests.simulation.day.steps import Script, end, say, think, wait

WEIGHT = 4
CHANNELS = ("livechat",)


def play(dice: Random) -> Script:
    yield say(dice.choice(("info gadai dong", "petugas")), patience=30)
    yield wait(dice.choice((5, 20, 60, 200)))
    yield end()
    if dice.random() < 0.3:
        yield say("eh satu lagi, jam buka outlet?", after=think(dice, 5, 40))
