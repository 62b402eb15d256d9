"""The pure rules: ranking, prefill, summary, places, fates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.assist import prefill
from bot.assist.fates import fate_of, suggestion_of
from bot.assist.filling import fill, unknown_places, values_for
from bot.assist.flags import client_flags
from bot.assist.ranking import Ask, Shelf, Suggestion, language_of
from bot.assist.shelf import next_question, of_client, topics_of
from bot.assist.summary import Story, summary
from bot.assist.words import Words, client_words
from bot.client import load_client
from bot.conversations.secrets import asks_for_secret
from tests.support.servers import ROOT

CLIENT = load_client(ROOT / "clients/pegadaian")
WORDS = client_words()
SHELF = Shelf(of_client(CLIENT), WORDS)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB


# --- ranking


@pytest.mark.parametrize(
    ("text", "topics", "right"),
    [
        ("syarat gadai bpkb motor apa aja", {"info_gadai": 0.95}, "k:gadai-bpkb"),
        ("brp bunga gadai skrg", {"info_gadai": 0.95}, "k:gadai-sewa-modal"),
        ("otp gk masuk2", {"keluhan_aplikasi": 0.9}, "k:aplikasi-otp"),
        ("makasih banyak ya kak", {"terima_kasih": 0.99}, "r:sama_sama"),
        ("pelayanan di cabang jelek, petugas ketus", {"keluhan_layanan": 0.9}, "r:keluhan_layanan"),
    ],
)
def test_the_right_answer_is_offered(text: str, topics: dict[str, float], right: str) -> None:
    assert right in [each.id for each in SHELF.suggest(Ask(text, topics=topics))]


def test_a_short_message_is_read_with_those_before() -> None:
    offered = SHELF.suggest(Ask("terus syaratnya apa?", ["mau gadai bpkb motor"], {"tidak_jelas": 0.6}, "info_gadai"))
    assert offered[0].id == "k:gadai-bpkb"


def test_a_short_message_is_read_with_what_we_said() -> None:
    answers = [
        Suggestion("k:bayar", "knowledge", "Pembayaran", "", ("t",), ("pembayaran belum masuk",)),
        Suggestion("k:otp", "knowledge", "Kode OTP", "", ("t",), ("kode otp belum masuk",)),
        Suggestion("k:emas", "knowledge", "Harga", "", ("t",), ("harga emas",)),
    ]
    shelf = Shelf(answers, WORDS)
    topics = {"t": 0.9}
    scores = [
        shelf.suggest(Ask("blm masuk2", topics=topics, ours=ours)) for ours in ("Mohon masukkan kode OTP.", "Mohon lakukan pembayaran.")
    ]
    assert [offered[0].id for offered in scores if offered] == ["k:otp", "k:bayar"]


def test_a_correction_is_met_as_one() -> None:
    assert "r:belum_paham" in [each.id for each in SHELF.suggest(Ask("bukan itu maksud saya", topics={"tolak": 0.85}))]


@pytest.mark.parametrize("text", ["", "   ", "???", "123456", "asdf qwer zxcv", "x" * 10_000, "\U0001f600\U0001f600", "\u0000\u200b"])
def test_nothing_is_better_than_something_silly(text: str) -> None:
    assert SHELF.suggest(Ask(text)) == []


def test_courtesy_gets_no_article() -> None:
    for topic, text in (("terima_kasih", "oke makasih"), ("salam", "halo"), ("setuju", "ok"), ("pamit", "dadah")):
        assert {each.kind for each in SHELF.suggest(Ask(text, topics={topic: 0.95}))} == {"canned"}


def test_at_most_three_and_always_the_same() -> None:
    ask = Ask("bayar gadai lewat mana", topics={"info_jatuh_tempo_bayar": 0.9})
    first = SHELF.suggest(ask)
    assert len(first) == 3
    assert all(SHELF.suggest(ask) == first for _ in range(3))


def test_the_forms_question_is_first_unless_something_else_is_asked() -> None:
    question = next_question("reservation_form", {"consent_given": "granted", "outlet": "kramat"}, CLIENT)
    assert question is not None
    assert question.id == "q:visit_date"
    assert SHELF.suggest(Ask("iya", topics={"setuju": 0.9}, question=question))[0].id == "q:visit_date"
    asked = SHELF.suggest(Ask("bunga gadai berapa?", topics={"info_gadai": 0.9}, question=question))
    assert (asked[0].id, asked[-1].id) == ("k:gadai-sewa-modal", "q:visit_date")


def test_a_form_that_is_full_or_unknown_asks_nothing() -> None:
    full = dict.fromkeys(("consent_given", "complaint_detail", "reporter", "contact"), "x")
    assert next_question("complaint_form", full, CLIENT) is None
    assert next_question(None, {}, CLIENT) is None
    assert next_question("no_form", {}, CLIENT) is None


def test_every_question_can_be_asked() -> None:
    for form, slots in (("complaint_form", 4), ("reservation_form", 6)):
        given: dict[str, str] = {}
        while question := next_question(form, given, CLIENT):
            assert question.text
            assert not asks_for_secret(question.text)
            given[question.id.removeprefix("q:")] = "x"
        assert len(given) == slots


def test_replies_of_another_team_are_not_offered() -> None:
    shelf = Shelf(
        [Suggestion("r:1", "canned", "Kartu", "Kartu diganti.", (), ("kartu member rusak", "kartu hilang"), holder="helpdesk")] * 1, WORDS
    )
    assert shelf.suggest(Ask("kartu member rusak", team="tier1")) == []


def test_an_empty_shelf_offers_the_question_only() -> None:
    question = next_question("complaint_form", {}, CLIENT)
    assert question is not None
    assert Shelf([], WORDS).suggest(Ask("halo")) == []
    assert Shelf([], WORDS).suggest(Ask("halo", question=question)) == [question]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is the nearest branch", "en"),
        ("my payment did not go through", "en"),
        ("is this ok kak, mau tanya gadai emas dong min ya", "id"),
        ("", "id"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


def test_english_gets_a_reply_in_english_and_indonesian_none() -> None:
    assert any(each.language == "en" for each in SHELF.suggest(Ask("my payment did not go through")))
    assert all(each.language == "id" for each in SHELF.suggest(Ask("akun saya tidak bisa masuk", topics={"keluhan_aplikasi": 0.9})))


def test_topics_of_a_ranking_add_up() -> None:
    insight = {
        "intent": "pujian",
        "ranking": [{"name": "pujian", "confidence": 0.5}, {"name": "terima_kasih", "confidence": 0.2}, {"name": 3}, "x"],
    }
    assert topics_of(insight, CLIENT) == {"terima_kasih": 0.7}
    assert topics_of({"intent": "salam", "confidence": 0.8}, CLIENT) == {"salam": 0.8}
    assert topics_of(None, CLIENT) == {}


def test_without_lists_words_are_taken_as_typed() -> None:
    assert Words().terms("gk bs masuk").stems == ("gk", "bs", "masuk")
    assert WORDS.formal("gk bs masuk app") == "tidak bisa masuk aplikasi"


def test_no_reply_of_the_client_asks_for_a_secret_or_has_an_unknown_place() -> None:
    assert len(CLIENT.replies) >= 35
    assert [reply.shortcut for reply in CLIENT.replies if asks_for_secret(reply.text) or unknown_places(reply.text)] == []


# --- prefill


def ticket_of(*texts: str, topics: tuple[str | None, ...] = (), **more: Any) -> dict[str, Any] | None:
    flags = frozenset(flag.id for text in texts for flag in client_flags().raised(text))
    return prefill.ticket(prefill.Said(texts, topics, flags=flags, **more), CLIENT, WORDS)


def test_a_ticket_begins_with_what_was_said() -> None:
    made = ticket_of(
        "halo kak", "saldo tabungan emas saya kepotong. Padahal sudah bayar!", "tolong ya", topics=(None, "keluhan_transaksi", None)
    )
    assert made == {
        "topic": "keluhan_transaksi",
        "summary": "saldo tabungan emas saya kepotong.",
        "detail": "saldo tabungan emas saya kepotong. Padahal sudah bayar!",
        "product": "Tabungan Emas",
        "priority": "normal",
    }


def test_the_forms_words_come_first() -> None:
    slots = {"complaint_topic": "keluhan_aplikasi", "complaint_detail": "Tidak bisa masuk sejak Senin"}
    made = ticket_of("aplikasi error", topics=("keluhan_transaksi",), form="complaint_form", slots=slots)
    assert made is not None
    assert (made["topic"], made["summary"], made["detail"]) == (
        "keluhan_aplikasi",
        "Tidak bisa masuk sejak Senin",
        "Tidak bisa masuk sejak Senin",
    )


def test_a_break_in_is_urgent_whatever_came_after() -> None:
    made = ticket_of("akun saya dibobol orang", "aplikasi juga error", topics=("keluhan_akun_dibobol", "keluhan_aplikasi"))
    assert made is not None
    assert (made["topic"], made["priority"]) == ("keluhan_akun_dibobol", "urgent")


def test_who_asks_for_information_needs_no_ticket() -> None:
    assert ticket_of("bunga gadai berapa", topics=("info_gadai",)) is None


def test_the_product_by_its_entity() -> None:
    made = ticket_of("aplikasi error", topics=("keluhan_aplikasi",), entities=[{"entity": "produk", "value": "Tring!"}])
    assert made is not None
    assert made["product"] == "Aplikasi Tring!"


def test_a_reservation_is_read_from_the_words() -> None:
    said = prefill.Said(["mau datang ke outlet", "besok jam 10 pagi"], ("reservasi_outlet", None))
    made = prefill.reservation(said, CLIENT, NOW)
    assert made is not None
    assert (made["visit_date"], made["visit_time"]) == ("2026-11-24", "10:00")
    assert prefill.reservation(prefill.Said(["besok jam 10"], (None,)), CLIENT, NOW) is None


def test_a_reservation_keeps_what_the_form_has() -> None:
    outlet = CLIENT.outlets[0]
    said = prefill.Said([f"ke {outlet.name} besok"], (None,), "reservation_form", {"visit_date": "2026-12-01", "purpose": "Emas"})
    assert prefill.reservation(said, CLIENT, NOW) == {
        "outlet": outlet.id,
        "visit_date": "2026-12-01",
        "visit_time": None,
        "purpose": "Emas",
    }


# --- summary


def test_a_summary_tells_what_is_known() -> None:
    story = Story(
        name="Sari",
        channel="whatsapp",
        topic="Keluhan transaksi",
        said=["Saldo saya terpotong dua kali", "kapan kembali?"],
        form="Formulir keluhan",
        given=[("Nama", "Sari")],
        missing=["Nomor kontak"],
        answered=["Transaksi gagal atau belum masuk"],
        replies=2,
        made=["tiket ARIA-260001 (Baru)"],
        done=["Salam pembuka"],
        open=["Solusi / saran"],
        verification="Dasar",
        flags=["Marah (“kecewa”)"],
    )
    assert summary(story) == [
        "Bapak/Ibu Sari menghubungi kami melalui WhatsApp mengenai Keluhan transaksi.",
        "Pertama nasabah menyampaikan: “Saldo saya terpotong dua kali”. Terakhir: “kapan kembali?”.",
        "Formulir keluhan, sudah diisi: Nama: Sari. Belum ada: Nomor kontak.",
        "Bot sudah menjawab dengan: Transaksi gagal atau belum masuk. Petugas sudah membalas 2 kali.",
        "Sudah dibuat: tiket ARIA-260001 (Baru).",
        "Langkah selesai: Salam pembuka. Belum: Solusi / saran. Verifikasi: Dasar. Mohon diperhatikan: Marah (“kecewa”).",
    ]


def test_a_summary_of_nothing_has_three_lines() -> None:
    assert len(summary(Story(name=None, channel="livechat"))) == 3


def test_a_long_message_is_cut_at_a_word() -> None:
    line = summary(Story(name=None, channel="livechat", said=["kata " * 200]))[1]
    assert len(line) < 220
    assert "kata…" in line


# --- places


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Halo {sapaan} {nama}.", {"sapaan": "Bapak/Ibu", "nama": "Sari"}, "Halo Bapak/Ibu Sari."),
        ("Halo {sapaan} {nama}.", {"sapaan": "Bapak/Ibu"}, "Halo Bapak/Ibu."),
        ("{nama}, mohon menunggu.", {}, "Mohon menunggu."),
        ("Tercatat dengan nomor tiket {tiket}. Mohon disimpan.", {}, "Tercatat. Mohon disimpan."),
        ("Tercatat dengan nomor tiket {tiket}.", {"tiket": "ARIA-1"}, "Tercatat dengan nomor tiket ARIA-1."),
        ("Sama-sama, {nama}, senang membantu.", {}, "Sama-sama, senang membantu."),
        ("Halo {nama}!", {"nama": "{tiket} {x}"}, "Halo (tiket) (x)!"),
        ("Baris satu.\n\nBaris {nama} dua.", {}, "Baris satu.\n\nBaris dua."),
        ("", {}, ""),
    ],
)
def test_places(text: str, values: dict[str, str], expected: str) -> None:
    assert fill(text, values) == expected


def test_what_the_clock_says() -> None:
    values = values_for(CLIENT, NOW, name="Sari", agent="Rani")
    assert fill("{salam}, {sapaan} {nama}. Dengan {petugas} dari {merek}, selamat {waktu}.", values) == (
        "Selamat pagi, Bapak/Ibu Sari. Dengan Rani dari Pegadaian, selamat pagi."
    )


# --- fates


@pytest.mark.parametrize(
    ("offered", "sent", "fate"),
    [
        ("Mohon menunggu sebentar.", " Mohon menunggu sebentar.\n", "used"),
        ("Mohon menunggu sebentar, kami periksa.", "Mohon menunggu sebentar ya, kami periksa.", "edited"),
        ("Mohon menunggu sebentar, kami periksa.", "Selamat siang Bapak", "ignored"),
        ("", "", "used"),
        ("kata " * 3000, "lain " * 3000, "ignored"),
    ],
)
def test_fates(offered: str, sent: str, fate: str) -> None:
    assert fate_of(offered, sent) == fate


@pytest.mark.parametrize("given", [None, 3, [], {}, {"message": "m"}, {"message": 1, "id": "k"}])
def test_what_names_no_suggestion(given: Any) -> None:
    assert suggestion_of({"suggestion": given}) is None
