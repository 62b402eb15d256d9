"""Talks over the agent: writes while replies, notes, returns and the closing are under way, in the same instants."""

from random import Random

from tests.simulation.day.steps import Script, listen, say

WEIGHT = 4
CHANNELS = ("whatsapp", "livechat")
RACES = True  # the customer's message and what the agent does fall into one instant


def play(dice: Random) -> Script:
    yield say("petugas", patience=60)
    heard = yield listen(900)
    if not heard:
        return
    for _ in range(dice.randint(4, 12)):
        yield say(
            dice.choice(("halo pak", "gimana pak", "sudah belum ya", "oke", "terima kasih")),
            after=dice.choice((5, 5, 10, 15, 20)),
            patience=0,
        )
