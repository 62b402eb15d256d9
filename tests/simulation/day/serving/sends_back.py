"""The helpdesk has solved its part, and Tier 2 gives the customer back to Tier 1."""

from random import Random

from tests.simulation.day.steps import Script, hand_on, note, reply, think

WEIGHT = 10
TEAM = "helpdesk"
HANDS_ON = True


def play(dice: Random) -> Script:
    yield reply("Kendala sudah kami perbaiki, silakan dicoba.", after=think(dice, 10, 60), patience=60)
    yield note("selesai di tier 2", after=think(dice, 5, 20))
    yield hand_on("team:tier1", "selesai_tier2", after=think(dice, 5, 20))
