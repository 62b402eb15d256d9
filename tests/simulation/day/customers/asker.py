"""Asks one to three questions, says thanks, and rates or does not."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 24
CHANNELS = ("whatsapp", "livechat")
QUESTIONS = (
    "brp sih bunga gadai di pegadaian",
    "klo hri sabtu buka ga kak",
    "ada lelang online gk min",
    "apa itu tabungan emas",
    "apa syarat buat gadai emas",
    "jatuh tempo saya kapan",
    "cara bayar cicilan gimana",
    "jam buka outlet",
)


def play(dice: Random) -> Script:
    if dice.random() < 0.5:
        yield say(dice.choice(("halo min", "pagi", "assalamualaikum", "siang kak")))
    for question in dice.sample(QUESTIONS, dice.randint(1, 3)):
        yield say(question, after=think(dice))
    yield say(dice.choice(("makasih", "engga udah itu aja", "ok terima kasih ya")), after=think(dice))
    heard = yield tap("Tidak", after=think(dice))
    if "menilai" not in heard:
        heard = yield tap("Tidak", after=think(dice))
    if "menilai" in heard and dice.random() < 0.7:
        yield tap(f"{dice.randint(1, 5)} -", after=think(dice))
