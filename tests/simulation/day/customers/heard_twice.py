"""Everything of theirs is delivered twice."""

from random import Random

from tests.simulation.day.steps import Script, say_twice, think

WEIGHT = 5
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    for text in dice.sample(("info gadai", "jam buka outlet", "apa itu tabungan emas", "makasih"), dice.randint(2, 4)):
        yield say_twice(text, after=think(dice))
