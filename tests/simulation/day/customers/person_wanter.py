"""Wants a person, waits, talks; answers two or three times."""

from random import Random

from tests.simulation.day.steps import Script, listen, say, tap, think

WEIGHT = 10
CHANNELS = ("whatsapp", "livechat")


def play(dice: Random) -> Script:
    heard = yield say(dice.choice(("mau ngomong sama orang aja dong", "petugas", "saya mau bicara dgn cs manusia")), patience=600)
    if "menunggu, atau" in heard:
        heard = yield tap("Tunggu petugas", after=think(dice), patience=600)
    for _ in range(dice.randint(1, 3)):
        heard = yield listen(900)
        if not heard or "menilai" in heard:
            return
        heard = yield say(
            dice.choice(("iya pak saya mau tanya soal cicilan", "sudah saya coba tetap tidak bisa", "oh gitu, terus gimana")),
            after=think(dice),
        )
