"""One thin path through everything."""

from __future__ import annotations

from tests.support.stack import Stack


async def test_a_question_is_answered_on_both_channels(stack: Stack) -> None:
    visitor = await stack.visitor()
    assert "Selamat pagi" in await visitor.say("halo min")
    assert "sewa modal" in (await visitor.say("brp sih bunga gadai di pegadaian")).lower()
    phone = stack.phone()
    assert "Tring" in await phone.say("aplikasi tring error terus gabisa login dari tadi pagi")
