"""Their account was broken into: to a person at once, ahead of others."""

from random import Random

from tests.simulation.day.steps import Script, listen, say, think

WEIGHT = 3
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say("TOLONG akun saya dibobol orang, emas di tabungan saya dijual semua bukan saya yg jual!!", patience=60)
    heard = yield listen(900)
    if heard:
        yield say("tadi pagi sekitar jam 8 pak", after=think(dice))
