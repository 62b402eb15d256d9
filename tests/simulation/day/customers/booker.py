"""Books a visit, sometimes moves or cancels it."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 10
CHANNELS = ("whatsapp", "livechat")
PLACES = ("tebet", "margonda", "jatinegara", "bekasi", "bandung", "semarang", "medan", "palembang", "makassar")
DAYS = ("besok", "lusa", "kamis", "jumat")


def play(dice: Random) -> Script:
    yield say(f"mau booking kunjungan ke outlet {dice.choice(PLACES)} {dice.choice(DAYS)} jam {dice.randint(8, 10)}")
    heard = yield tap("Setuju", after=think(dice))
    for _ in range(6):
        if "keperluan" in heard.lower() and "periksa" not in heard.lower():
            heard = yield tap(dice.choice(("Gadai barang", "Emas", "Keperluan lain")), after=think(dice))
        elif "nama lengkap" in heard:
            heard = yield say("dewi lestari", after=think(dice))
        elif "Pukul berapa" in heard:
            heard = yield tap("Pukul", after=think(dice))
        elif "Tanggal berapa" in heard:
            heard = yield tap("/", after=think(dice))
        else:
            break
    yield tap("Ya", after=think(dice))
    fate = dice.random()
    if fate < 0.3:
        yield say("ubah reservasi saya dong", after=think(dice))
        yield say("senin depan jam 2 siang", after=think(dice))
        yield tap("Ya", after=think(dice))
    elif fate < 0.5:
        yield say("batal reservasi", after=think(dice))
        yield tap("Ya, batalkan", after=think(dice))
