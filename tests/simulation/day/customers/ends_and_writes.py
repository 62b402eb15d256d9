"""Presses "end" and writes in the same breath, with one window and with a window that goes away."""

from random import Random

from tests.simulation.day.steps import Script, end, leave, say, wait

WEIGHT = 2
CHANNELS = ("livechat",)
RACES = True  # what the customer does falls into one instant with the timers of its conversation


def play(dice: Random) -> Script:
    yield say(dice.choice(("info gadai dong", "petugas")), patience=20, exact=True)
    yield end()
    yield say("eh tunggu", patience=0, exact=True)
    yield wait(60)
    yield say("masih ada?", patience=0, exact=True)
    yield leave()
    yield wait(15)
    yield say("balik lagi", patience=0, exact=True)
    yield wait(120)
    yield end()
