"""Tier 1 sends it to the helpdesk, which returns it unaccepted for want of data; solved with a Berita Acara."""

from random import Random

from tests.simulation.day.steps import Course, errand, think

REPORT = {
    "outlet": "cp-senen", "tanggal": "2026-11-23", "petugas": "Rani", "nasabah": "Budi", "masalah": "Saldo belum masuk", "penyelesaian": "Disesuaikan",
}  # fmt: skip


def play(dice: Random) -> Course:
    yield errand("accept", think(dice, 60, 900))
    yield errand("dispatch", think(dice, 60, 900), to=dice.choice(("helpdesk", "cs_digital")), reason="teknis", note="mohon dicek")
    yield errand("return", think(dice, 300, 5400), reason=dice.choice(("kurang_data", "salah_unit")), note="mohon dilengkapi")
    yield errand("accept", think(dice, 60, 1800))
    yield errand("solve", think(dice, 60, 900), how="berita_acara", resolution="Diselesaikan di outlet.", form=REPORT)
