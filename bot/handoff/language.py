"""Which language a customer writes, by small words that only one of the two has. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = re.compile(r"[a-z']+")
_ENGLISH = frozenset(
    "the is are was were i i'm my you your he she we they this that these of to for with and or not don't doesn't didn't can't could would "
    "should please help hello hi how what when where why which have has had do does did can will want need there it's thank thanks any "
    "lost forgot agent speak someone about my me an as on from".split()
)
_INDONESIAN = frozenset(
    "yang di ke dari dan atau tidak tak gak nggak ga bisa mau ini itu saya aku kami kita anda kamu pak bu bapak ibu kak min apa apakah "
    "berapa kapan dimana kenapa mengapa bagaimana gimana sudah udah belum akan untuk dengan ada kalau kalo tolong mohon terima kasih makasih "
    "selamat pagi siang sore malam halo nya juga lagi dong sih kok deh buat sama gadai emas tebus".split()
)


def language_of(texts: Iterable[str]) -> str:
    """`en` where English words clearly outweigh Indonesian ones, else `id`."""
    english = indonesian = 0
    for text in texts:
        for word in _WORDS.findall(text.lower()):
            english += word in _ENGLISH
            indonesian += word in _INDONESIAN
    return "en" if english >= 2 and english > 2 * indonesian else "id"
