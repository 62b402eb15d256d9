"""Two matters in one: split, and put together again."""

from random import Random

from tests.simulation.day.steps import Course, errand, think


def play(dice: Random) -> Course:
    ticket = yield errand("accept", think(dice, 60, 900))
    new = yield errand("split", think(dice, 60, 900), topic="keluhan_transaksi", summary="Saldo terpotong", priority="high")
    yield errand("merge", think(dice, 300, 9000), of=new["number"], into=ticket["number"])
    yield errand("notes", think(dice, 30, 300), text="Laporan Bapak/Ibu kami gabungkan.", audience="customer")
    yield errand("solve", think(dice, 60, 900), how="system", resolution="Keduanya sudah selesai.")
