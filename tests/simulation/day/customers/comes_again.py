"""Is closed for silence and comes again later: a new conversation, with a look at the old ticket."""

from random import Random

from tests.simulation.day.steps import Script, say, think, wait

WEIGHT = 4
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say("info gadai dong")
    yield wait(dice.randint(200, 900))
    yield say("status laporan saya gmn")
    yield say("makasih", after=think(dice))
