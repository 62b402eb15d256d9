"""Books the same slot at the same outlet as all others of this kind: two get it, the others something else or nothing."""

from random import Random

from tests.simulation.day.steps import Script, say, tap

WEIGHT = 4
CHANNELS = (
    "whatsapp",
    "livechat",
)
RACES = True  # who gets the seat is decided by who comes first within an instant


def play(dice: Random) -> Script:
    heard = yield say("mau booking kunjungan ke outlet jayapura jumat jam 9")
    for _ in range(8):
        if "keperluan" in heard.lower() and "periksa" not in heard.lower():
            heard = yield tap("Emas", after=10)
        elif "nama lengkap" in heard:
            heard = yield say("dewi lestari", after=10)
        elif "Pukul berapa" in heard:
            heard = yield tap("Pukul", after=10)
        elif "Bapak/Ibu setuju" in heard:
            heard = yield tap("Setuju", after=10)
        elif "periksa reservasi" in heard:
            heard = yield tap("Ya", after=10)
        else:
            break
