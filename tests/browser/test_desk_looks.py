"""Everything the desk shows, in both themes and three sizes: axe finds nothing, nothing is wider than the screen. Pictures are kept for people to look at
(`python -m tests.browser.pictures --out DIR`)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page

from tests.browser.conftest import People
from tests.browser.tour import furnish, offered, walk
from tests.support.servers import ROOT
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.engine]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SIZES = {"laptop": (1366, 768), "layar": (1920, 1080), "ponsel": (360, 740)}


async def complaints(page: Page, where: str) -> list[str]:
    """What axe and the width of the page have to say, every rule switched on."""
    found = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    told = [f"{where}: {each['id']}: {node['target']} {node['failureSummary'][:200]}" for each in found for node in each["nodes"][:3]]
    wide = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return [*told, *([f"{where}: {wide[0]} px wide on {wide[1]}"] if wide[0] > wide[1] else [])]


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_tab_and_dialog(people: People, stack: Stack, size: str) -> None:
    people.allowed.append(re.compile(r"/reply .*422"))
    width, height = SIZES[size]
    rani, lead = await furnish(people, stack, viewport={"width": width, "height": height}, bypass_csp=True)
    found: list[str] = []
    for theme in ("light", "dark"):
        for desk in (rani, lead):
            await desk.page.evaluate("theme => localStorage.setItem('sapa:desk:theme', JSON.stringify(theme))", theme)
            await desk.page.reload()
        seen = walk(rani, lead)
        if theme == "light":
            await offered(stack, rani)
        async for name, desk in seen:
            await desk.page.evaluate(AXE.read_text() + "; 0")
            where = f"{name}-{size}-{theme}"
            found += await complaints(desk.page, where)
            await people.shot(desk.page, where)
    assert found == [], "\n".join(found)
