"""Begins a complaint or a reservation and stops: silent, or with 'batal'."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 6
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say(dice.choice(("aplikasi tring ga bisa dibuka dari kemarin", "mau reservasi di margonda lusa jam 9 pagi")))
    yield tap("Setuju", after=think(dice))
    if dice.random() < 0.5:
        yield say("batal aja deh", after=think(dice))
