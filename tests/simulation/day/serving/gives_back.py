"""Answers once and gives the conversation back to the bot."""

from random import Random

from tests.simulation.day.steps import Script, give_back, reply, think

WEIGHT = 3


def play(dice: Random) -> Script:
    yield reply("Baik, kami lanjutkan dengan asisten virtual ya.", after=think(dice, 5, 40), patience=30)
    yield give_back(dice.choice(("solved_part", "form", "wrong")), after=think(dice, 5, 20))
