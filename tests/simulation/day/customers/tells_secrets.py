"""Sends a PIN or an OTP, then goes on."""

from random import Random

from tests.simulation.day.steps import Script, say, think

WEIGHT = 2
CHANNELS = (
    "whatsapp",
    "livechat",
)


def play(dice: Random) -> Script:
    yield say(dice.choice(("pin saya 123456", "otp nya 882211", "password saya rahasia123")))
    yield say("apa itu gadai syariah", after=think(dice))
