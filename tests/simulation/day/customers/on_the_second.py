"""Answers at the very second at which the question or the closing falls due: both are right, whichever is first."""

from random import Random

from tests.simulation.day.steps import Script, say

WEIGHT = 4
CHANNELS = (
    "whatsapp",
    "livechat",
)
RACES = True  # the customer's message and the timer fall into one instant


def play(dice: Random) -> Script:
    yield say("info gadai dong", exact=True)
    for _ in range(dice.randint(1, 3)):
        yield say(dice.choice(("jam buka outlet", "apa itu tabungan emas")), after=dice.choice((60, 120, 180)), patience=0, exact=True)
