"""Asks and says nothing more; the idle rule ends it. Or comes back after the first question."""

from random import Random

from tests.simulation.day.steps import Script, say, wait

WEIGHT = 12
CHANNELS = ("whatsapp", "livechat")


def play(dice: Random) -> Script:
    yield say(dice.choice(("apa itu tabungan emas", "info gadai dong", "lelang emas kapan ya")))
    if dice.random() < 0.4:
        yield wait(dice.choice((61, 75, 100, 125, 150)))
        yield say("maaf tadi ada tamu, syarat gadai emas apa ya")
