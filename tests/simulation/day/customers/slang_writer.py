"""Writes as people write: short, mixed up, with typing mistakes and emoji."""

from random import Random

from tests.simulation.day.steps import Script, say, think

WEIGHT = 8
CHANNELS = (
    "whatsapp",
    "livechat",
)


TEXTS = (
    "min mw nnya dong gadai hp bs brp ya 🙏",
    "bunga ny brp persen sebln",
    "tabemas tu ap sih kk",
    "klo telat byr gmn min kena dnda g?",
    "cabang bekasi bukany jm brp",
    "wkwk oke deh",
    "sip mksh min 👍",
    "otw bsok kl gtu",
)


def play(dice: Random) -> Script:
    for text in dice.sample(TEXTS, dice.randint(2, 5)):
        yield say(text, after=think(dice, 3, 30))
