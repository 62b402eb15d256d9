"""What a person does on each page, by the names a person (or a screen reader) goes by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.async_api import FrameLocator, Locator, Page, expect

from bot.desk.sessions import User, create_user
from bot.desk.work import set_work
from bot.handoff.presence import get_presence
from tests.support.stack import Stack, until

PASSWORD = "kata-sandi-uji"
NAMES = ("Rani", "Dodi", "Wulan", "Bu Sari")


async def tab_to(page: Page, target: Locator, keys: Sequence[str] = ("Tab", "Shift+Tab"), presses: int = 45) -> None:
    """Move the focus to `target` by the keyboard alone."""
    for key in keys:
        for _ in range(presses):
            if await target.evaluate("e => e === e.getRootNode().activeElement && (e.ownerDocument.hasFocus())"):
                return
            await page.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {target}")


class ChatPage:
    """A customer at the live chat: `root` is the chat page itself, or the widget's frame on `page`."""

    def __init__(self, stack: Stack, page: Page, root: Page | FrameLocator) -> None:
        self.stack, self.page, self.root = stack, page, root
        self.field = root.get_by_role("textbox", name="Tulis pesan")
        self.log = root.get_by_role("log", name="Pesan")
        self.state = root.get_by_test_id("chat-state")
        self.own = root.locator('[data-testid="message"][data-author="customer"]')
        self.ours = root.locator('[data-testid="message"]:not([data-author="customer"])')
        self.before = 0

    async def say(self, text: str, *hears: str) -> None:
        """Write and send with Enter; wait until the answer stands there."""
        await self._mark()
        await self.field.fill(text)
        await self.field.press("Enter")
        await self.hears(*hears)

    async def type(self, text: str, *hears: str) -> None:
        """Like say, but by the keyboard alone: the focus is brought to the field with Tab."""
        await self._mark()
        await tab_to(self.page, self.field)
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")
        await self.hears(*hears)

    async def tap(self, title: str, *hears: str) -> None:
        await self._mark()
        await self.choice(title).click()
        await self.hears(*hears)

    async def press(self, title: str, *hears: str) -> None:
        """Choose by the keyboard alone."""
        await self._mark()
        await tab_to(self.page, self.choice(title), ("Shift+Tab",))
        await self.page.keyboard.press("Enter")
        await self.hears(*hears)

    def choice(self, title: str) -> Locator:
        return self.log.get_by_role("button", name=re.compile(f"^{re.escape(title)}")).last

    async def _mark(self) -> None:
        self.before = await self.ours.count()

    async def heard(self) -> str:
        return "\n".join((await self.ours.all_inner_texts())[self.before :])

    async def hears(self, *wanted: str) -> None:
        """Wait until everything wanted stands among what came since the last `say` or `tap`, and nothing is left to do."""
        text = ""

        async def all_there() -> bool:
            nonlocal text
            text = await self.heard()
            return all(each.lower() in text.lower() for each in wanted)

        try:
            await until(all_there, "")
        except AssertionError:
            raise AssertionError(f"not on the page: {wanted} in {text!r}") from None
        await self.stack.quiet()

    async def silent(self, seconds: float, *hears: str) -> None:
        """Say nothing for so long."""
        await self._mark()
        await self.stack.advance(seconds)
        await self.hears(*hears)

    async def attach(self, name: str, mime: str, data: bytes) -> None:
        await self.root.get_by_test_id("file-input").set_input_files({"name": name, "mimeType": mime, "buffer": data})
        await expect(self.root.get_by_role("list", name="Lampiran").get_by_text("sudah terunggah")).to_be_attached()


class SimulatorPage:
    """A customer at the pretend WhatsApp phone."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack, self.page = stack, page
        self.field = page.get_by_role("textbox", name="Pesan")
        self.own = page.locator('[data-testid="message"][data-from="me"]')
        self.ours = page.locator('[data-testid="message"][data-from="sapa"]')
        self.before = 0

    async def choose(self, index: int) -> str:
        """Take another customer's phone; returns the label."""
        select = self.page.get_by_test_id("phone-select")
        await select.select_option(index=index)
        await expect(self.own).to_have_count(0)
        self.before = 0
        return (await select.locator("option").nth(index).inner_text()).strip()

    async def say(self, text: str, *hears: str) -> None:
        await self._mark()
        await self.field.fill(text)
        await self.page.get_by_role("button", name="Kirim", exact=True).click()
        await self.hears(*hears)

    async def tap(self, title: str, *hears: str) -> None:
        await self._mark()
        await self.ours.get_by_role("button", name=title, exact=True).last.click()
        await self.hears(*hears)

    async def pick(self, label: str, row: str, *hears: str) -> None:
        """Open a list message and choose a row of it."""
        await self._mark()
        await self.ours.get_by_role("button", name=label, exact=True).last.click()
        sheet = self.page.get_by_role("dialog", name=label)
        await expect(sheet).to_be_visible()
        await sheet.get_by_role("button", name=re.compile(f"^{re.escape(row)}")).click()
        await expect(sheet).to_be_hidden()
        await self.hears(*hears)

    async def attach(self, what: str) -> None:
        await self._mark()
        await self.page.locator("summary", has=self.page.locator("svg")).and_(self.page.get_by_label("Lampirkan")).click()
        await self.page.get_by_role("group", name="Lampiran tiruan").get_by_role("button", name=what, exact=True).click()

    async def _mark(self) -> None:
        self.before = await self.ours.count()

    async def heard(self) -> str:
        return "\n".join((await self.ours.all_inner_texts())[self.before :])

    async def hears(self, *wanted: str) -> None:
        text = ""

        async def all_there() -> bool:
            nonlocal text
            text = await self.heard()
            return all(each.lower() in text.lower() for each in wanted)

        try:
            await until(all_there, "")
        except AssertionError:
            raise AssertionError(f"not on the phone: {wanted} in {text!r}") from None
        await self.stack.quiet()

    async def silent(self, seconds: float, *hears: str) -> None:
        await self._mark()
        await self.stack.advance(seconds)
        await self.hears(*hears)


class DeskPage:
    """An agent at the desk."""

    def __init__(self, stack: Stack, page: Page, user: User | None = None) -> None:
        self.stack, self.page, self.user = stack, page, user
        self.items = page.get_by_test_id("conversation-item")
        self.thread = page.get_by_role("log", name="Pesan")
        self.card = page.get_by_role("region", name="Kartu nasabah")
        self.reply_field = page.get_by_role("textbox", name="Balasan")
        self.offer = page.get_by_test_id("offer")
        self.assist = page.get_by_test_id("assist")
        self.steps = page.get_by_test_id("procedure")

    @staticmethod
    async def hire(stack: Stack, number: int, role: str = "agent", team: str | None = None) -> User:
        async with stack.db.write() as tx:
            user = await create_user(tx, f"petugas{number}", NAMES[number], role, PASSWORD)
            if team:
                await set_work(tx, stack.service.library.client, user.username, team=team)
            return user

    async def login(self, username: str, password: str) -> None:
        await self.page.get_by_label("Nama pengguna").fill(username)
        await self.page.get_by_label("Kata sandi").fill(password)
        await self.page.get_by_role("button", name="Masuk").click()
        await expect(self.page.get_by_test_id("presence")).to_be_visible()

    async def presence(self, value: str) -> None:
        await self.page.get_by_test_id("presence").select_option(value)
        await until(lambda: self._stored_presence(value), f"the presence {value} was not stored")

    async def _stored_presence(self, value: str) -> bool:
        assert self.user is not None
        async with self.stack.db.read() as tx:
            row = await get_presence(tx, self.user.id)
        return row is not None and value in (row.state, f"{row.state}:{row.reason}")

    async def box(self, label: str) -> None:
        await self.page.get_by_role("tab", name=label).click()

    async def accept(self) -> None:
        """Open the first of the queue and take it."""
        await self.box("Antrean")
        await self.items.first.click()
        await self.page.get_by_role("button", name="Terima", exact=True).click()
        await expect(self.reply_field).to_be_visible()

    async def take(self) -> None:
        """Take what is offered."""
        await self.offer.get_by_role("button", name="Terima").click()
        await expect(self.offer).to_have_count(0)
        await expect(self.reply_field).to_be_visible()

    async def reply(self, text: str) -> None:
        await self.page.get_by_role("tab", name="Balas").click()
        await self.reply_field.fill(text)
        await self.reply_field.press("Enter")

    async def transfer(self, kind: str, to: str, reason: str, note: str) -> None:
        """Hand the open conversation on."""
        await self.page.get_by_role("button", name="Alihkan", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Alihkan percakapan")
        await dialog.get_by_label(kind, exact=True).check()
        await dialog.get_by_role("radio", name=to).check()
        await dialog.get_by_label("Alasan").select_option(label=reason)
        await dialog.get_by_label("Catatan untuk penerima").fill(note)
        await dialog.get_by_role("button", name="Alihkan", exact=True).click()
        await expect(dialog).to_be_hidden()

    async def tick(self, step: str, reason: str = "Disampaikan kepada nasabah") -> None:
        """Tick a step of the guide by hand."""
        await self.steps.get_by_role("button", name=step).click()
        await self.steps.get_by_label(f"Alasan menandai {step}").fill(reason)
        await self.steps.get_by_role("button", name="Tandai selesai").click()
        await expect(self.steps.get_by_role("button", name=f"{step} (selesai)")).to_be_visible()

    async def follow_guide(self) -> None:
        """Tick by hand what an end still needs, and verify who it is."""
        for field in ("Nama lengkap sesuai KTP", "Tanggal lahir"):
            await self.check(field, True)
        open_step = self.steps.get_by_role("button", name="(wajib, belum)")
        while await open_step.count():
            name = (await open_step.first.inner_text()).split(maxsplit=1)[1].removesuffix("(wajib, belum)").strip()
            await self.tick(name)

    async def check(self, field: str, matched: bool) -> None:
        """Say whether what the customer told of this was right."""
        await self.look_at("Prosedur")
        button = self.card.get_by_role("group", name=field).get_by_role("button", name="Cocok" if matched else "Tidak cocok", exact=True)
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true")

    async def note(self, text: str) -> None:
        await self.page.get_by_role("tablist", name="Jenis tulisan").get_by_role("tab", name="Catatan").click()
        await self.page.get_by_role("textbox", name="Catatan", exact=True).fill(text)
        await self.page.get_by_role("button", name="Simpan catatan").click()

    async def look_at(self, tab: str) -> None:
        """Turn to a tab of the pane beside the conversation."""
        await self.card.get_by_role("tab", name=tab).click()

    def section(self, title: str) -> Locator:
        return self.card.get_by_role("region", name=title, exact=True)

    def says(self, author: str) -> Locator:
        """What an author wrote, in the open conversation."""
        return self.thread.locator(f'[data-testid="message"][data-author="{author}"]')

    async def close(self, closing: bool | None = True, outcome: str | None = None) -> None:
        await self.page.get_by_role("button", name="Tutup", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Tutup percakapan")
        if outcome:
            await dialog.get_by_label(outcome).check()
        if closing is not None:
            await dialog.get_by_label("Kirim salam penutup dan survei").set_checked(closing)
        await dialog.get_by_role("button", name="Tutup percakapan").click()
        await expect(dialog).to_be_hidden()
