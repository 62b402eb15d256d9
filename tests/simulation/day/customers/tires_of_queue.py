"""Waits for a person, then takes the ticket that is offered instead; in a queue nobody comes to."""

from random import Random

from tests.simulation.day.steps import Script, listen, say, tap, think

WEIGHT = 5
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    heard = yield say("mau ngomong sama orang aja dong", patience=60)
    for _ in range(3):
        if "tiket" in heard:
            break
        heard = yield listen(400)
    if "tiket" in heard:
        yield tap("tiket", after=think(dice))
        yield tap("Setuju", after=think(dice))
        yield say("sudah lapor dua kali tapi cicilan emas saya belum tercatat", after=think(dice))
