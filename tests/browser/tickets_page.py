"""What a person does on the page for tickets, by the names a person (or a screen reader) goes by."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from bot.desk.sessions import User
from tests.browser.conftest import People
from tests.browser.pages import PASSWORD, DeskPage
from tests.support.stack import Stack


class TicketsPage:
    """Somebody who works through tickets."""

    def __init__(self, stack: Stack, page: Page, user: User) -> None:
        self.stack, self.page, self.user = stack, page, user
        self.rows = page.get_by_test_id("ticket-row")
        self.ticket = page.get_by_test_id("ticket")
        self.actions = self.ticket.get_by_role("group", name="Tindakan")
        self.status = page.get_by_test_id("ticket-status")
        self.unit = page.get_by_test_id("ticket-unit")
        self.search = page.get_by_role("searchbox", name="Cari tiket")
        self.dialog = page.get_by_role("dialog")

    @classmethod
    async def enter(
        cls, people: People, stack: Stack, number: int, role: str = "agent", team: str | None = "tier1", **options: Any
    ) -> TicketsPage:
        """Log in at the page as a new user."""
        return await cls.come(people, stack, await DeskPage.hire(stack, number, role, team), **options)

    @classmethod
    async def come(cls, people: People, stack: Stack, user: User, **options: Any) -> TicketsPage:
        """Log in at the page, as on another day."""
        page = await people.page("/tickets", **options)
        await page.get_by_label("Nama pengguna").fill(user.username)
        await page.get_by_label("Kata sandi").fill(PASSWORD)
        await page.get_by_role("button", name="Masuk").click()
        await expect(page.get_by_role("navigation", name="Kotak")).to_be_visible()
        return cls(stack, page, user)

    async def go_home(self) -> None:
        """Close the browser: a session does not last over night."""
        await self.page.context.close()

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call of this user's, beside the page."""
        csrf = (await (await self.page.request.get(f"{self.stack.url}/api/me")).json())["csrf"]
        answer = await self.page.request.post(
            f"{self.stack.url}{path}", data=body, headers={"X-CSRF-Token": csrf, "Origin": self.stack.url}
        )
        assert answer.ok, await answer.text()
        return dict(await answer.json()) if answer.status != 204 else {}

    async def make(self, summary: str, **fields: Any) -> str:
        """A ticket of a phone call, made beside the page; its number."""
        wanted = {
            "client_id": f"uji-{summary}".replace(" ", "-")[:60],
            "kind": "complaint",
            "topic": "keluhan_transaksi",
            "channel": "phone",
        }
        wanted |= {"summary": summary, "detail": f"{summary}. Sejak kemarin sore.", "name": "Budi Santoso", "phone": "081200000001"}
        return str((await self.post("/api/desk/tickets", wanted | fields))["ticket"]["number"])

    async def box(self, label: str) -> None:
        await self.page.get_by_role("navigation", name="Kotak").get_by_role("button", name=label).click()

    def row(self, number: str) -> Locator:
        return self.rows.filter(has_text=number)

    async def open(self, number: str) -> None:
        await self.row(number).get_by_role("link").click()
        await expect(self.ticket.get_by_role("heading", name=number)).to_be_visible()

    async def do(self, action: str) -> None:
        """Press an action of the open ticket."""
        await self.actions.get_by_role("button", name=action, exact=True).click()

    async def submit(self, label: str) -> None:
        """Send the open dialog; it must be taken."""
        await self.dialog.get_by_role("button", name=label, exact=True).click()
        await expect(self.dialog).to_have_count(0)

    async def dispatch(self, to: str, reason: str, note: str) -> None:
        await self.do("Teruskan")
        await self.dialog.get_by_label("Unit tujuan").select_option(label=to)
        await self.dialog.get_by_label("Alasan").select_option(label=reason)
        await self.dialog.get_by_label("Catatan untuk unit penerima").fill(note)
        await self.submit("Teruskan")

    async def tab(self, name: str) -> None:
        await self.ticket.get_by_role("tab", name=name).click()

    async def says(self, text: str) -> None:
        """The page says so."""
        await expect(self.page.locator(".toasts")).to_contain_text(text)
