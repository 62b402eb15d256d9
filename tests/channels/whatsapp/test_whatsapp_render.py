"""Whatever we say fits what WhatsApp takes; the judge is the stand-in's own rule book, not the renderer's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messages import Choice, Outbound
from bot.channels.whatsapp.fitting import shorten, split, split_tail
from bot.channels.whatsapp.render import Recipient, render, render_media, render_reaction, render_read, render_template
from bot.simulator.graph_rules import check_body

BUDI = Recipient("6281234567890", "ID.1")


def test_plain_text() -> None:
    assert render(Outbound("Halo"), to=BUDI, token="o1", reply_to="wamid.1") == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "6281234567890",
            "context": {"message_id": "wamid.1"},
            "type": "text",
            "text": {"body": "Halo", "preview_url": False},
            "biz_opaque_callback_data": "o1",
        }
    ]


def test_bsuid_only_goes_to_recipient() -> None:
    (body,) = render(Outbound("Halo"), to=Recipient(bsuid="ID.1"), token="o1")
    assert body["recipient"] == "ID.1"
    assert "to" not in body


def test_nobody_is_refused() -> None:
    with pytest.raises(ValueError):
        Recipient()


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_to_say_is_nothing(text: str) -> None:
    assert render(Outbound(text), to=BUDI, token="o1") == []


def test_choices_without_text_get_a_body() -> None:
    (body,) = render(Outbound("", (Choice("a", "A"),)), to=BUDI, token="o1")
    assert body["interactive"]["body"]["text"] == "Silakan pilih:"


def test_three_choices_are_buttons() -> None:
    (body,) = render(Outbound("Lanjut?", tuple(Choice(c, c.upper()) for c in "abc")), to=BUDI, token="o1")
    assert body["interactive"] == {
        "type": "button",
        "body": {"text": "Lanjut?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": c, "title": c.upper()}} for c in "abc"]},
    }


def test_four_choices_are_a_list_and_a_cut_title_is_kept_whole_below() -> None:
    long = "Perpanjangan dan pelunasan gadai emas"
    choices = (Choice("1", long), Choice("2", "Emas", "Cicil dan tabungan"), Choice("3", "Lain"), Choice("4", "Batal"))
    (body,) = render(Outbound("Topik?", choices, "Pilih topik yang sesuai"), to=BUDI, token="o1")
    assert body["interactive"]["action"] == {
        "button": "Pilih topik yang…",
        "sections": [
            {
                "rows": [
                    {"id": "1", "title": "Perpanjangan dan…", "description": long},
                    {"id": "2", "title": "Emas", "description": "Cicil dan tabungan"},
                    {"id": "3", "title": "Lain"},
                    {"id": "4", "title": "Batal"},
                ]
            }
        ],
    }


def test_more_than_ten_choices_keep_the_first_ten() -> None:
    (body,) = render(Outbound("?", tuple(Choice(str(n), f"Pilihan {n}") for n in range(14))), to=BUDI, token="o1")
    assert [row["id"] for row in body["interactive"]["action"]["sections"][0]["rows"]] == [str(n) for n in range(10)]


def test_long_text_goes_ahead_of_buttons() -> None:
    paragraphs = ["Kalimat penjelasan yang panjang. " * 20, "Kalimat lain. " * 40, "Apakah Bapak/Ibu setuju?"]
    bodies = render(Outbound("\n\n".join(paragraphs), (Choice("y", "Ya"), Choice("n", "Tidak"))), to=BUDI, token="o1", reply_to="wamid.1")
    assert [body["type"] for body in bodies] == ["text", "interactive"]
    assert bodies[1]["interactive"]["body"]["text"] == "Apakah Bapak/Ibu setuju?"
    assert ["context" in body for body in bodies] == [True, False]
    assert {body["biz_opaque_callback_data"] for body in bodies} == {"o1"}


def test_alike_titles_are_told_apart() -> None:
    same = "Jalan Jenderal Sudirman"
    (body,) = render(Outbound("Di mana?", (Choice("1", same + " 1"), Choice("2", same + " 2"), Choice("3", ""))), to=BUDI, token="o1")
    titles = [button["reply"]["title"] for button in body["interactive"]["action"]["buttons"]]
    assert titles == ["Jalan Jenderal…", "Jalan Jenderal… (2)", "3"]


def test_a_repeated_id_keeps_the_first() -> None:
    (body,) = render(Outbound("?", (Choice("1", "A"), Choice("1", "B"))), to=BUDI, token="o1")
    assert [b["reply"]["title"] for b in body["interactive"]["action"]["buttons"]] == ["A"]


@pytest.mark.parametrize("choice_id", ["", " ", "x" * 201])
def test_ids_are_never_altered(choice_id: str) -> None:
    with pytest.raises(ValueError):
        render(Outbound("?", (Choice(choice_id, "A"),)), to=BUDI, token="o1")


titles = st.text(max_size=90)
choices_ = st.lists(st.builds(Choice, st.text(min_size=1, max_size=200).filter(str.strip), titles, st.none() | titles), max_size=13)
texts = st.one_of(
    st.text(max_size=60),
    st.builds(lambda w, n: w * n, st.sampled_from(["a", "kata ", "Satu kalimat. ", "Baris\n", "Alinea.\n\n", " \n"]), st.integers(0, 9000)),
)


@given(texts, choices_, st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_no_limit_is_ever_exceeded_and_no_word_lost(text: str, choices: list[Choice], label: str) -> None:
    bodies = render(Outbound(text, tuple(choices), label), to=BUDI, token="t" * 512)
    for body in bodies:
        check_body(body)
    said = "".join(body["text"]["body"] if body["type"] == "text" else body["interactive"]["body"]["text"] for body in bodies)
    if text.strip():
        assert "".join(said.split()) == "".join(text.split())


@given(st.text(), st.integers(1, 40))
def test_shorten_keeps_the_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(texts, st.integers(1, 200))
@settings(deadline=None)
def test_split_loses_nothing(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    head, tail = split_tail(text, limit)
    assert len(tail) <= limit
    assert bool(tail) == bool(text.strip())
    assert "".join((head + tail).split()) == "".join(text.split())


def test_split_prefers_paragraphs_to_sentences_to_words() -> None:
    assert split("Satu dua.\n\nTiga empat. Lima", 20) == ["Satu dua.", "Tiga empat. Lima"]
    assert split("Satu dua tiga. Empat lima enam", 20) == ["Satu dua tiga.", "Empat lima enam"]
    assert split("satu dua tiga empat lima", 12) == ["satu dua", "tiga empat", "lima"]


def test_the_tail_is_the_last_sentence_even_if_one_character_is_too_many() -> None:
    assert split_tail("Ini itu. Ya?", 11) == ("Ini itu.", "Ya?")
    assert split_tail("satu dua tiga", 8) == ("satu", "dua tiga")


def test_media() -> None:
    (body,) = render_media("document", to=BUDI, token="o1", media_id="9", caption="Bukti", filename="a.pdf")
    check_body(body)
    assert body["document"] == {"id": "9", "caption": "Bukti", "filename": "a.pdf"}
    linked = render_media("audio", to=BUDI, token="o1", link="https://x.id/a.ogg", caption="Suara")
    assert [b["type"] for b in linked] == ["audio", "text"]
    for one in linked:
        check_body(one)


@pytest.mark.parametrize(("kind", "ids"), [("gif", {"media_id": "1"}), ("image", {}), ("image", {"media_id": "1", "link": "https://x"})])
def test_media_needs_a_kind_and_one_source(kind: str, ids: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        render_media(kind, to=BUDI, token="o1", **ids)


def test_template() -> None:
    body = render_template("tindak_lanjut", "id", ["Budi\nSantoso", ""], to=BUDI, token="o1", buttons=["ya"])
    check_body(body)
    assert body["template"] == {
        "name": "tindak_lanjut",
        "language": {"code": "id"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Budi Santoso"}, {"type": "text", "text": "-"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "ya"}]},
        ],
    }
    assert "components" not in render_template("halo", "id", to=BUDI, token="o1")["template"]


def test_read_and_reaction() -> None:
    assert render_read("wamid.1") == {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert render_read("wamid.1", typing=True)["typing_indicator"] == {"type": "text"}
    check_body(render_reaction("wamid.1", "", to=BUDI, token="o1"))


def test_token_is_limited() -> None:
    with pytest.raises(ValueError):
        render(Outbound("Halo"), to=BUDI, token="t" * 513)
