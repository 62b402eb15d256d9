"""A closed conversation becomes a test that passes, holds nothing personal, and is refused where it could not play again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.desk.errors import DeskError
from bot.desk.sessions import User, create_user
from bot.training.service import TESTS, Training
from tests.conftest import StackFactory
from tests.dialogue.test_conversations import test_conversation as play
from tests.support.stack import Stack

pytestmark = pytest.mark.engine


async def trainer(stack: Stack) -> User:
    async with stack.db.write() as tx:
        return await create_user(tx, "wulan", "Wulan", "trainer", "kata-sandi-uji")


def training(stack: Stack) -> Training:
    (stack.settings.data_folder.parent / TESTS).mkdir(parents=True, exist_ok=True)
    return Training(stack.db, stack.service.client, stack.settings)


async def last_conversation(stack: Stack) -> str:
    return str((await stack.facts("conversation_opened"))[-1].conversation_id)


async def silence(stack: Stack) -> None:
    for _ in range(3):
        await stack.advance(60)
        await stack.quiet()


@pytest.mark.parametrize("channel", ["livechat", "whatsapp"])
async def test_a_real_conversation_plays_again(channel: str, start_stack: StackFactory, sqlite_url: str, tmp_path: Path) -> None:
    stack = await start_stack(sqlite_url)
    customer: Any = await stack.visitor() if channel == "livechat" else stack.phone(0)
    await customer.say("halo min, nama saya Tukiyem")
    await customer.say("brp sih bunga gadai di pegadaian")
    await stack.advance(35)
    await customer.say("klo hri sabtu buka ga kak, hub 081234567890")
    await silence(stack)
    made, wulan = training(stack), await trainer(stack)
    conversation = await last_conversation(stack)
    assert (await stack.conversation(conversation)).owner == "closed"
    first, again = await asyncio.gather(made.make_test(wulan, conversation), made.make_test(wulan, conversation))
    assert sorted([first["created"], again["created"]]) == [False, True]
    files = list((tmp_path / TESTS).iterdir())
    assert [file.name for file in files] == [f"nyata_2026-11-23_{conversation[-6:].lower()}.yml"]
    text = files[0].read_text()
    assert "Tukiyem" not in text and "0812345" not in text and "Fulan" in text
    case = yaml.safe_load(text)
    assert case["channels"] == [channel] and case["then"]["owner"] == "closed"
    assert sum("waits" in step for step in case["steps"]) >= 4
    assert sum("hears" in step for step in case["steps"]) >= 5
    await stack.stop()
    Path(sqlite_url.partition(":///")[2]).rename(tmp_path / "before.db")
    from bot.store.migrate import upgrade

    await upgrade(sqlite_url)
    await play(case, channel, start_stack, sqlite_url)


async def test_what_was_misread_may_not_be_said_again(stack: Stack, tmp_path: Path) -> None:
    visitor = await stack.visitor()
    await visitor.say("harga emas hari ini berapa")
    await visitor.say("brp sih bunga gadai di pegadaian")
    await silence(stack)
    made, wulan = training(stack), await trainer(stack)
    (tmp_path / "data/nlu").mkdir(parents=True)
    (tmp_path / "data/nlu/x.yml").write_text('version: "3.1"\nnlu:\n  - intent: info_lelang\n    examples: |\n      - lelang\n')
    from bot.training.deciding import Choice

    conversation = await last_conversation(stack)
    second = [row for row in await stack.transcript(conversation) if row.author == "customer"][1]
    await made.decide(wulan, second.id, Choice("other", "info_lelang"))
    case = yaml.safe_load((await made.make_test(wulan, conversation))["test"])
    assert case["steps"][-1]["says"] == "brp sih bunga gadai di pegadaian"
    assert list(case["steps"][-1]) == ["says", "not"]
    assert "then" not in case and "salah dibaca" in case["name"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("status tiket ARIA-260012", "nomor tiket"),
        ("pin saya 123456 kok salah", "PIN"),
        (None, "belum ditutup"),
    ],
)
async def test_what_cannot_play_again_is_refused(said: str | None, told: str, stack: Stack) -> None:
    visitor = await stack.visitor()
    await visitor.say("halo")
    if said:
        await visitor.say(said)
        await silence(stack)
    made, wulan = training(stack), await trainer(stack)
    with pytest.raises(DeskError) as caught:
        await made.make_test(wulan, await last_conversation(stack))
    assert (caught.value.status, caught.value.code) == (409, "cannot_replay")
    assert told in caught.value.message


async def test_the_queue_holds_what_the_model_read_and_no_answers_to_forms(stack: Stack) -> None:
    """With the real engine: guesses and margins are there, the name that the form asked for is not."""
    visitor = await stack.visitor()
    await visitor.say("saldo saya kepotong 500rb tapi cicilan emas masih belum lunas di aplikasi")
    await visitor.tap("Setuju")
    await visitor.say("Tukiyem Sari")
    await visitor.say("081234567890")
    wulan = await trainer(stack)
    from bot.training.queue import Wanted

    page = await training(stack).page(wulan, Wanted())
    assert [group["text"][:12] for group in page["groups"]] == ["saldo saya k"]
    row = next(row for row in await stack.transcript(await last_conversation(stack)) if row.author == "customer")
    assert len(row.content["insight"]["ranking"]) == 3
    opened = await training(stack).open(wulan, row.id)
    assert "tukiyem" not in str(opened).lower()
    assert "0812345" not in str(opened)
