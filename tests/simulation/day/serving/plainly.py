"""Answers two or three times, then closes with the farewell."""

from random import Random

from tests.simulation.day.steps import Script, close, reply, think

WEIGHT = 10


def play(dice: Random) -> Script:
    yield reply("Selamat pagi, dengan petugas kami. Ada yang bisa dibantu?", after=think(dice, 5, 60))
    for _ in range(dice.randint(1, 2)):
        heard = yield reply("Baik, kami bantu cek terlebih dahulu ya.", after=think(dice, 10, 90))
        if not heard:
            break
    yield close(dice.choice(("solved", "out_of_topic")), after=think(dice, 5, 30))
