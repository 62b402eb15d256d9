"""Writes one thought in several messages within a second, again and again."""

from random import Random

from tests.simulation.day.steps import Script, say_all, think

WEIGHT = 6
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say_all(("halo", "min", "mau tanya", "syarat gadai hp apa aja"))
    yield say_all(("terus", "bunganya brp", "sebulan"), after=think(dice))
    if dice.random() < 0.4:
        yield say_all(("petugas", "tolong", "cepat ya"), after=think(dice), patience=400)
