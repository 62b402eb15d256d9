"""Everything the page for tickets shows, in both themes and three sizes: axe finds nothing, nothing is wider than the screen. Pictures are kept for people to look at
(`python -m tests.browser.pictures --out DIR`)."""

from __future__ import annotations

import pytest

from tests.browser.conftest import People
from tests.browser.test_desk_looks import AXE, SIZES, complaints
from tests.browser.tickets_tour import furnish, walk
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]


@pytest.mark.parametrize("size", SIZES)
async def test_every_part_and_dialog(people: People, stack: Stack, size: str) -> None:
    width, height = SIZES[size]
    lead, numbers = await furnish(people, stack, viewport={"width": width, "height": height}, bypass_csp=True)
    found: list[str] = []
    for theme in ("light", "dark"):
        await lead.page.evaluate("theme => localStorage.setItem('sapa:desk:theme', JSON.stringify(theme))", theme)
        await lead.page.reload()
        async for name in walk(lead, numbers):
            await lead.page.evaluate(AXE.read_text() + "; 0")
            where = f"tiket-{name}-{size}-{theme}"
            found += await complaints(lead.page, where)
            await people.shot(lead.page, where)
    assert found == [], "\n".join(found)
