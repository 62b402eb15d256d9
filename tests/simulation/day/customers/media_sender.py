"""Sends pictures, places, stickers and a reaction between questions."""

from random import Random

from tests.simulation.day.steps import Script, say, send, think

WEIGHT = 4
CHANNELS = ("whatsapp",)


def play(dice: Random) -> Script:
    yield send("image", "ini foto surat gadai saya")
    yield send(dice.choice(("location", "contacts", "sticker", "audio", "document")), after=think(dice))
    yield send("reaction", "👍", after=think(dice), patience=5)
    yield say("jatuh tempo saya kapan", after=think(dice))
