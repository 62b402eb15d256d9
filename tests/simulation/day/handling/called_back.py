"""Calls the customer: nobody answers, it is not solved, it is."""

from random import Random

from tests.simulation.day.steps import Course, errand, think

ANY_UNIT = True


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("calls", think(dice, 60, 600), outcome=dice.choice(("no_answer", "call_later")), note="")
    yield errand("calls", think(dice, 600, 3600), outcome="not_solved", note="masih gagal masuk")
    yield errand("calls", think(dice, 600, 90000), outcome="solved", note="sudah bisa")
