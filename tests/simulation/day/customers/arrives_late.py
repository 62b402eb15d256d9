"""A message that was held up for hours or days; people see it, the bot does not answer."""

from random import Random

from tests.simulation.day.steps import Script, listen, say, say_late, think

WEIGHT = 3
CHANNELS = ("whatsapp",)


def play(dice: Random) -> Script:
    heard = yield say_late("halo mau tanya syarat gadai", age_s=dice.choice((700, 7200, 80000, 259200)), patience=900)
    if heard:
        yield say("iya betul, syarat gadai motor", after=think(dice))
        yield listen(300)
