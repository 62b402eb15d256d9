"""The simulator page's API as docs/protocols.md promises it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.messages import Choice, Outbound
from bot.channels.whatsapp.render import Recipient, render, render_media, render_reaction, render_template
from bot.simulator.samples import sample

if TYPE_CHECKING:
    from conftest import Bench

pytestmark = pytest.mark.asyncio
BUDI, BSUID = Recipient("6281200000001"), "ID.10000000000000000001"


async def call(bench: Bench, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    address = bench.base.removesuffix("/graph") + "/simulator/api" + path
    async with bench.session.request(method, address, json=body) as response:
        return response.status, await response.json()


async def thread(bench: Bench) -> list[dict[str, Any]]:
    status, body = await call(bench, "GET", f"/thread?bsuid={BSUID}")
    assert status == 200
    return list(body["messages"])


async def test_phones_are_listed_one_of_them_without_a_number(bench: Bench) -> None:
    status, phones = await call(bench, "GET", "/phones")
    assert status == 200
    assert phones[0] == {"wa_id": "6281200000001", "bsuid": BSUID, "name": "Budi Santoso"}
    assert [p["wa_id"] for p in phones].count(None) == 1


async def test_a_conversation(bench: Bench) -> None:
    status, sent = await call(bench, "POST", "/send", {"phone": 0, "kind": "text", "text": "Halo", "age_s": 0, "duplicate": False})
    assert (status, sent["status"]) == (200, 200)
    assert bench.parsed().messages[0].external_id == sent["wamid"]
    await bench.client.mark_read(sent["wamid"], typing=True)
    _, seen = await call(bench, "GET", f"/thread?bsuid={BSUID}")
    assert seen == {
        "messages": [
            {"from": "me", "wamid": sent["wamid"], "kind": "text", "text": "Halo", "at": "2026-11-21T03:00:00Z", "status": "read"}
        ],
        "typing": True,
    }
    for outbound in (
        Outbound("Setuju?", (Choice("y", "Ya"), Choice("n", "Tidak"))),
        Outbound("Topik?", tuple(Choice(str(n), f"Topik {n}", "Ket.") for n in range(4)), "Pilih topik"),
        Outbound("Baik."),
    ):
        await bench.client.send(render(outbound, to=BUDI, token="o1", reply_to=sent["wamid"])[0])
    _, seen = await call(bench, "GET", f"/thread?bsuid={BSUID}")
    assert seen["typing"] is False
    buttons, rows, plain = seen["messages"][1:]
    assert buttons["from"] == "sapa"
    assert buttons["reply_to"] == sent["wamid"]
    assert buttons["buttons"] == [{"id": "y", "title": "Ya"}, {"id": "n", "title": "Tidak"}]
    assert rows["list"]["button"] == "Pilih topik"
    assert rows["list"]["sections"][0]["rows"][0] == {"id": "0", "title": "Topik 0", "description": "Ket."}
    assert (plain["text"], plain["status"]) == ("Baik.", "read")


@pytest.mark.parametrize("kind", ["image", "document", "audio", "video", "sticker"])
async def test_media_of_both_sides_can_be_shown(bench: Bench, kind: str) -> None:
    await call(bench, "POST", "/send", {"phone": BSUID, "kind": kind, "text": "ini"})
    shelved = bench.standin.media.upload(sample(kind), bench.clock())
    await bench.client.send(render_media(kind, to=BUDI, token="o1", media_id=shelved.id)[0])
    for item in await thread(bench):
        async with bench.session.get(bench.base.removesuffix("/graph") + item["media"]["url"]) as response:
            assert response.status == 200
            assert await response.read() == sample(kind).data


async def test_reactions_edits_and_revocations_change_the_message(bench: Bench) -> None:
    _, mine = await call(bench, "POST", "/send", {"phone": 0, "kind": "text", "text": "Halo"})
    await bench.client.send(render(Outbound("Hai"), to=BUDI, token="o1")[0])
    ours = (await thread(bench))[1]["wamid"]
    await call(bench, "POST", "/send", {"phone": 0, "kind": "reaction", "text": "👍", "id": ours})
    await call(bench, "POST", "/send", {"phone": 0, "kind": "edit", "text": "Halo!", "reply_to": mine["wamid"]})
    await bench.client.send(render_reaction(mine["wamid"], "🙏", to=BUDI, token="o2"))
    first, second = await thread(bench)
    assert (first["text"], first["edited"], first["reaction"], second["reaction"]) == ("Halo!", True, "🙏", "👍")
    await call(bench, "POST", "/send", {"phone": 0, "kind": "reaction", "text": "", "id": ours})
    await call(bench, "POST", "/send", {"phone": 0, "kind": "revoke", "id": mine["wamid"]})
    first, second = await thread(bench)
    assert (first["text"], first["revoked"], second["reaction"]) == ("", True, None)


async def test_templates_are_shown(bench: Bench) -> None:
    await bench.client.send(render_template("tindak_lanjut", "id", ["Budi"], to=BUDI, token="o1"))
    assert (await thread(bench))[0]["text"] == "[templat tindak_lanjut] · Budi"


async def test_faults(bench: Bench) -> None:
    promised = {"fail_code": 131056, "fail_times": 2, "delay_ms": 0, "drop_statuses": True, "duplicate": False, "reorder": False}
    status, body = await call(bench, "POST", "/faults", promised | {"baru": 1})
    assert status == 200
    assert promised.items() <= body.items()
    assert (await call(bench, "GET", "/faults"))[1] == body
    status, body = await call(bench, "POST", "/faults", {})
    assert (status, body["fail_code"]) == (200, None)
    assert (await call(bench, "POST", "/faults", {"delay_ms": "x"}))[0] == 422


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        {"kind": "gif"},
        {"kind": ["text"]},
        {"phone": 99},
        {"phone": True},
        {"phone": "ID.0"},
        {"phone": {}},
        {"age_s": -1},
        {"age_s": "x"},
        {"age_s": 10**12},
        {"kind": "reaction", "text": "👍"},
        {"kind": "revoke"},
    ],
)
async def test_requests_that_make_no_sense(bench: Bench, body: Any) -> None:
    status, answer = await call(bench, "POST", "/send", body)
    assert status == 422
    assert answer["error"]["code"] == "invalid"
    assert answer["error"]["message"].endswith(".")
    assert bench.got == []


async def test_unknown_thread_and_file(bench: Bench) -> None:
    assert (await call(bench, "GET", "/thread?bsuid=ID.0"))[0] == 422
    assert (await call(bench, "GET", "/media/1"))[0] == 404
