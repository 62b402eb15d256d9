"""Gives consent with a reservation and takes it back."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 2
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say(f"mau reservasi di {dice.choice(('surabaya', 'jogja', 'denpasar'))} lusa jam {dice.randint(9, 11)} pagi")
    yield tap("Setuju", after=think(dice))
    yield tap("Emas", after=think(dice))
    yield say("agus salim", after=think(dice))
    yield tap("Ya", after=think(dice))
    yield say("saya mau tarik persetujuan data pribadi saya", after=think(dice))
    yield tap("Ya, tarik", after=think(dice))
