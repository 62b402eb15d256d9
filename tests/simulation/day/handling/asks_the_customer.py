"""Asks the customer for data, and goes on with them or without."""

from random import Random

from tests.simulation.day.steps import Course, errand, think

ANY_UNIT = True


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("wait", think(dice, 60, 900), note="Mohon kirim bukti transaksi.")
    if dice.random() < 0.6:
        yield errand("resume", think(dice, 600, 100000))
        yield errand("wait", think(dice, 60, 900), note="Mohon kirim juga nomor kontrak.")
    yield errand("no_response", think(dice, 90000, 120000))
