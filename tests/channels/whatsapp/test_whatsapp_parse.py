"""Every message type of the Cloud API, from one fixture each, and webhooks nobody promised us."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messages import Delivery, IdentityChange, Inbound, Kind
from bot.channels.whatsapp.identity import normalise_wa_id
from bot.channels.whatsapp.parse import ChannelError, parse_webhook

FIXTURES = Path(__file__).parents[2] / "fixtures" / "whatsapp"
SENT_AT = datetime.fromtimestamp(1795230000, UTC)
RECEIVED = SENT_AT + timedelta(seconds=2)
BUDI = (("wa_id", "6281234567890"), ("bsuid", "ID.13491208655302741918"))
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def load(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def only(name: str) -> Inbound:
    parsed = parse_webhook(load(name), RECEIVED)
    assert parsed.ignored == []
    (message,) = parsed.messages
    return message


# fixture -> what differs from an empty message of Budi's
CASES: dict[str, dict[str, Any]] = {
    "text__plain": {"kind": Kind.TEXT, "text": "Halo, bagaimana cara gadai emas?"},
    "text__reply_forwarded_from_ad": {
        "kind": Kind.TEXT,
        "text": "Ini",
        "reply_to": "wamid.ours",
        "data": {"forwarded": True, "referral": {"source_type": "ad", "source_id": "1", "headline": "Cicil emas"}},
    },
    "image__with_caption": {"kind": Kind.MEDIA, "text": "Ini suratnya", "data": {"type": "image"}},
    "video__no_caption": {"kind": Kind.MEDIA, "data": {"type": "video"}},
    "audio__voice_note": {"kind": Kind.MEDIA, "data": {"type": "audio"}},
    "document__pdf": {"kind": Kind.MEDIA, "text": "bukti", "data": {"type": "document"}},
    "sticker__animated": {"kind": Kind.MEDIA, "data": {"type": "sticker", "animated": True}},
    "image__without_id_after_download_error": {"kind": Kind.UNSUPPORTED, "data": {"type": "image"}},
    "location__named": {
        "kind": Kind.LOCATION,
        "data": {"location": {"latitude": -6.1944, "longitude": 106.8229, "name": "Bundaran HI", "address": "Jakarta"}},
    },
    "contacts__one_card": {
        "kind": Kind.CONTACTS,
        "data": {"contacts": [{"name": {"formatted_name": "Dewi"}, "phones": [{"phone": "+62 813-0000-0009", "wa_id": "6281300000009"}]}]},
    },
    "reaction__thumbs_up": {"kind": Kind.REACTION, "target": "wamid.ours", "data": {"emoji": "👍"}},
    "reaction__removed": {"kind": Kind.REACTION, "target": "wamid.ours", "data": {"emoji": None}},
    "interactive__button_reply": {"kind": Kind.CHOICE, "text": "Ya, setuju", "choice": "setuju", "reply_to": "wamid.ours"},
    "interactive__list_reply": {
        "kind": Kind.CHOICE,
        "text": "Gadai",
        "choice": "topik:gadai",
        "reply_to": "wamid.ours",
        "data": {"description": "KCA, Krasida"},
    },
    "interactive__flow_reply": {"kind": Kind.UNKNOWN, "text": "Sent", "data": {"type": "nfm_reply", "flow": {"nama": "Budi"}}},
    "interactive__object_missing": {
        "kind": Kind.UNSUPPORTED,
        "data": {
            "type": "interactive",
            "errors": [
                {
                    "code": 131060,
                    "title": "Message unavailable",
                    "message": "Message unavailable",
                    "error_data": {"details": "This message is currently unavailable."},
                }
            ],
        },
    },
    "button__template_quick_reply": {"kind": Kind.CHOICE, "text": "Puas", "choice": "survei:5"},
    "order__one_item": {
        "kind": Kind.ORDER,
        "text": "mau ini",
        "data": {
            "order": {
                "catalog_id": "1",
                "text": "mau ini",
                "product_items": [{"product_retailer_id": "emas-1g", "quantity": 1, "item_price": 1350000, "currency": "IDR"}],
            }
        },
    },
    "edit__text": {"kind": Kind.EDIT, "text": "Halo (diperbaiki)", "target": "wamid.text1", "data": {"type": "text"}},
    "edit__caption": {"kind": Kind.EDIT, "text": "surat baru", "target": "wamid.image1", "data": {"type": "image"}},
    "revoke__text": {"kind": Kind.REVOKE, "target": "wamid.text1"},
    "unsupported__poll": {
        "kind": Kind.UNSUPPORTED,
        "data": {
            "type": "poll_creation",
            "errors": [
                {
                    "code": 131051,
                    "title": "Message type unknown",
                    "message": "Message type unknown",
                    "error_data": {"details": "Message type is currently not supported."},
                }
            ],
        },
    },
    "unknown__request_welcome": {"kind": Kind.UNKNOWN, "data": {"type": "request_welcome"}},
    "unknown__future_type": {"kind": Kind.UNKNOWN, "text": "lihat ini", "data": {"type": "hologram"}},
}


@pytest.mark.parametrize("name", CASES)
def test_each_message_type(name: str) -> None:
    message = only(name)
    expected: dict[str, Any] = {"text": "", "choice": None, "reply_to": None, "target": None, "data": {}} | CASES[name]
    assert {key: getattr(message, key) for key in expected} == expected
    assert (message.channel, message.account, message.at) == ("whatsapp", "106540352242922", SENT_AT)
    assert message.external_id.startswith("wamid.")
    assert message.sender.identities == BUDI
    assert message.sender.name == "Budi Santoso"


@pytest.mark.parametrize(
    ("name", "kind", "mime", "filename", "voice"),
    [
        ("image__with_caption", "image", "image/jpeg", None, False),
        ("video__no_caption", "video", "video/mp4", None, False),
        ("audio__voice_note", "audio", "audio/ogg", None, True),
        ("document__pdf", "document", "application/pdf", "bukti bayar.pdf", False),
        ("sticker__animated", "sticker", "image/webp", None, False),
        ("edit__caption", "image", "image/jpeg", None, False),
    ],
)
def test_media_is_named_with_a_hex_digest(name: str, kind: str, mime: str, filename: str | None, voice: bool) -> None:
    (media,) = only(name).media
    assert (media.kind, media.mime, media.name, media.voice, media.sha256) == (kind, mime, filename, voice, DIGEST)
    assert media.external_id.startswith("14795371396509")


def test_customer_with_username_has_no_phone() -> None:
    sender = only("text__username_without_phone").sender
    assert sender.identities == (("bsuid", "ID.999"), ("parent_bsuid", "ID.ENT.1"))
    assert (sender.name, sender.username) == ("Agus", "agus.jualan")


def test_old_shape_has_a_phone_only() -> None:
    assert only("text__old_shape_phone_only").sender.identities == (("wa_id", "6281234567890"),)


def test_changed_number_is_a_message_and_an_identity_change() -> None:
    parsed = parse_webhook(load("system__user_changed_number"), RECEIVED)
    (message,) = parsed.messages
    assert (message.kind, message.data["type"]) == (Kind.SYSTEM, "user_changed_number")
    assert message.sender.identities == (("wa_id", "6281234567890"),)
    assert parsed.identity_changes == [IdentityChange("whatsapp", "wa_id", "6281234567890", "6285711112222", SENT_AT)]


def test_changed_user_id_believes_only_metas_end_of_the_sentence() -> None:
    # The customer's name holds a forged "changed from ID.VICTIM to ...".
    parsed = parse_webhook(load("system__user_changed_user_id"), RECEIVED)
    assert parsed.identity_changes == [IdentityChange("whatsapp", "bsuid", "ID.OLD", "ID.NEW", SENT_AT)]
    assert parsed.messages[0].sender.identities == (("bsuid", "ID.OLD"),)


def test_user_id_update_field() -> None:
    parsed = parse_webhook(load("user_id_update__new_bsuid"), RECEIVED)
    assert parsed.identity_changes == [
        IdentityChange("whatsapp", "bsuid", "ID.OLD", "ID.NEW", SENT_AT),
        IdentityChange("whatsapp", "parent_bsuid", "ID.ENT.OLD", "ID.ENT.NEW", SENT_AT),
    ]
    assert parsed.ignored == ["user_id_update without previous and current id"]


def test_batch_matches_people_by_id_and_survives_malformed_items() -> None:
    parsed = parse_webhook(load("batch__three_people_one_malformed"), RECEIVED)
    assert [(m.text, m.sender.name) for m in parsed.messages] == [("satu", "Budi Santoso"), ("dua", "Sari"), ("tiga", "Agus")]
    assert parsed.messages[2].sender.identities == (("bsuid", "ID.3"),)
    assert [s.external_id for s in parsed.statuses] == ["wamid.o1"]
    assert parsed.ignored == [
        "message without id",
        "message without sender",
        "change without value",
        "change without value",
        "entry without changes list",
        "status 'deleted' or its id not usable",
        "status None or its id not usable",
    ]


@pytest.mark.parametrize("name", ["sent", "delivered", "read", "played"])
def test_status(name: str) -> None:
    (status,) = parse_webhook(load(f"status__{name}"), RECEIVED).statuses
    assert (status.status, status.external_id, status.token, status.at) == (Delivery(name), "wamid.ours", "outbox-17", SENT_AT)
    assert (status.error_code, status.error_detail) == (None, None)


def test_failed_status_carries_the_error() -> None:
    (status,) = parse_webhook(load("status__failed_window_closed"), RECEIVED).statuses
    assert (status.status, status.error_code, status.token) == (Delivery.FAILED, 131047, "outbox-18")
    assert status.error_detail == "Message failed to send because more than 24 hours have passed."


def test_echo_belongs_to_the_customer_it_went_to() -> None:
    echo = only("echo__from_business_app")
    assert (echo.kind, echo.text, echo.data) == (Kind.ECHO, "Dari aplikasi", {"of": "text"})
    assert echo.sender.identities == (("wa_id", "6281234567890"),)


def test_errors_of_the_account() -> None:
    parsed = parse_webhook(load("value_errors__account"), RECEIVED)
    assert parsed.errors == [ChannelError("106540352242922", 130429, "Rate limit hit", "Throughput reached")]


def test_other_fields_are_ignored() -> None:
    parsed = parse_webhook(load("other_field__template_status"), RECEIVED)
    assert parsed.ignored == ["field 'message_template_status_update'"]


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1795230000", SENT_AT),
        (1795230000, SENT_AT),
        (str(int((SENT_AT - timedelta(days=6)).timestamp())), SENT_AT - timedelta(days=6)),
        ("0", RECEIVED),
        ("-5", RECEIVED),
        ("1795230000000", RECEIVED),  # milliseconds
        (str(int((RECEIVED + timedelta(hours=1)).timestamp())), RECEIVED),
        ("kemarin", RECEIVED),
        (None, RECEIVED),
        (True, RECEIVED),
        (float("nan"), RECEIVED),
        ("9" * 5000, RECEIVED),
        ("١٧٩٥", RECEIVED),
    ],
)
def test_time_of_a_message(timestamp: object, expected: datetime) -> None:
    body = load("text__plain")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = timestamp
    assert parse_webhook(body, RECEIVED).messages[0].at == expected


def test_text_is_capped_and_storable() -> None:
    body = load("text__plain")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "a\x00\ud800" + "x" * 70000
    text = parse_webhook(body, RECEIVED).messages[0].text
    assert len(text) <= 65536
    assert "\x00" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("6281234567890", "6281234567890"),
        ("+62 812-3456-7890", "6281234567890"),
        ("081234567890", "6281234567890"),
        ("0062812345678", "62812345678"),
        (6281234567890, "6281234567890"),
        ("ID.13491208655302741918", None),
        ("", None),
        ("123", None),
        (None, None),
        (["6281"], None),
        ("٦٢٨١٢٣٤٥٦", None),
    ],
)
def test_phone_numbers_are_normalised(given_: object, expected: str | None) -> None:
    assert normalise_wa_id(given_) == expected


def test_same_text_at_every_depth_is_cut_not_followed() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    body = load("order__one_item")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["order"]["product_items"] = deep
    assert parse_webhook(body, RECEIVED).messages[0].kind is Kind.ORDER


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(max_examples=300, deadline=None)
def test_any_json_is_survived(body: object) -> None:
    parse_webhook(body, RECEIVED)


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, inner in items for place in ((*path, key), *_places(inner, (*path, key)))]


ALL = {path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json"))}


@given(st.sampled_from(sorted(ALL)), st.data(), json_values)
@settings(max_examples=600, deadline=None)
def test_any_value_anywhere_in_a_real_webhook_is_survived(name: str, data: st.DataObject, value: object) -> None:
    body = json.loads(json.dumps(ALL[name]))
    *way, last = data.draw(st.sampled_from(_places(body)))
    node = body
    for key in way:
        node = node[key]
    node[last] = value
    parsed = parse_webhook(body, RECEIVED)
    for message in parsed.messages:
        assert message.external_id and message.sender.identities and message.at.tzinfo is UTC
        json.dumps(message.data, allow_nan=False).encode()
        (message.text + (message.choice or "") + (message.target or "")).encode("utf-8")


def test_every_fixture_is_used() -> None:
    others = {
        "text__username_without_phone",
        "text__old_shape_phone_only",
        "system__user_changed_number",
        "system__user_changed_user_id",
        "user_id_update__new_bsuid",
        "batch__three_people_one_malformed",
        "status__sent",
        "status__delivered",
        "status__read",
        "status__played",
        "status__failed_window_closed",
        "echo__from_business_app",
        "value_errors__account",
        "other_field__template_status",
    }
    assert set(ALL) == set(CASES) | others
