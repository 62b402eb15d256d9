"""Complains until there is a ticket; now and then asks something in between, or for the status afterwards."""

from random import Random

from tests.simulation.day.steps import Script, say, tap, think

WEIGHT = 14
CHANNELS = ("whatsapp", "livechat")
COMPLAINTS = (
    "aplikasi tring ga bisa dibuka dari kemarin, udah install ulang tetep mental",
    "saldo saya kepotong 500rb tapi cicilan emas masih belum lunas di aplikasi",
    "aplikasi tring error terus dari kemarin tidak bisa login sama sekali",
    "petugas outlet nya galak bgt, saya dimarahin pas antri tadi",
)


def play(dice: Random) -> Script:
    yield say(dice.choice(COMPLAINTS))
    yield tap("Setuju", after=think(dice))
    if dice.random() < 0.3:
        yield say("syarat gadai hp apa aja sih", after=think(dice))
    heard = yield say(dice.choice(("budi santoso", "nama saya Siti Aminah", "agus salim")), after=think(dice))
    if "nomor telepon" in heard:
        heard = yield say("0812 3456 7890", after=think(dice))
    if "ringkasan" in heard and dice.random() < 0.2:
        yield tap("Ubah", after=think(dice))
        yield say("saldo saya terpotong lima ratus ribu kemarin sore, cicilan emas belum tercatat lunas", after=think(dice))
    yield tap("Ya", after=think(dice))
    if dice.random() < 0.4:
        yield say("status laporan saya gmn", after=think(dice))
