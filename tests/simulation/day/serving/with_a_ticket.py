"""Makes a ticket and a note, tells the customer, closes."""

from random import Random

from tests.simulation.day.steps import Script, close, note, reply, think, ticket

WEIGHT = 5


def play(dice: Random) -> Script:
    yield note("nasabah kooperatif, cek mutasi", after=think(dice, 5, 40))
    yield reply("Kami buatkan tiket ya, mohon ditunggu.", after=think(dice, 5, 40))
    yield ticket("keluhan_aplikasi", "Aplikasi tidak dapat dibuka", after=think(dice, 10, 60))
    yield reply("Tiket sudah kami buat dan kami teruskan ke unit terkait.", after=think(dice, 5, 30))
    yield close("ticket", after=think(dice, 5, 30))
