"""Wants no data stored, asks something else instead."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 3
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say("petugas outlet nya galak bgt, saya dimarahin pas antri tadi")
    yield tap("Tidak setuju", after=think(dice))
    yield say("apa syarat buat gadai emas", after=think(dice))
