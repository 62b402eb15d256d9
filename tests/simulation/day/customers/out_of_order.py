"""Two messages arrive in the other order."""

from random import Random

from tests.simulation.day.steps import Script, say, say_swapped, think

WEIGHT = 4
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say_swapped("halo min", "apa syarat buat gadai emas")
    yield say_swapped("terus", "klo hri sabtu buka ga kak", after=think(dice))
    yield say("makasih", after=think(dice))
