"""Is not understood three times, which leads to a person."""

from random import Random

from tests.simulation.day.steps import Script, listen, say, think

WEIGHT = 3
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    for text in ("asdkjh qwe zxc", "hjkl poiu mnbv", "qwqw zzxx plok"):
        yield say(text, after=think(dice), patience=60)
    yield listen(600)
    yield say("maaf tadi keyboard saya rusak, mau tanya cicilan", after=think(dice))
