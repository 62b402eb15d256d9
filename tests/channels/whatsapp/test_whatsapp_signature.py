"""Only Meta's own bytes pass."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp.signature import sign, verify_signature, verify_subscription

RAW = b'{"a":"caf\\u00e9 \\/ x"}'


def test_known_value() -> None:
    # printf test | openssl dgst -sha256 -hmac rahasia
    assert sign("rahasia", b"test") == "sha256=479637e0a4ea09e7afe791870e786fc1c3374abe00f0b79281cc489a2654df3b"


def test_signed_bytes_pass() -> None:
    assert verify_signature("rahasia", RAW, sign("rahasia", RAW))


def test_a_json_round_trip_does_not_pass() -> None:
    assert not verify_signature("rahasia", json.dumps(json.loads(RAW)).encode(), sign("rahasia", RAW))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha1=abc",
        "abc",
        "sha256=é" * 9,
        "sha256=\udc80",
        sign("lain", RAW),
        sign("rahasia", RAW) + "0",
        sign("rahasia", RAW).upper(),
    ],
)
def test_odd_or_wrong_headers_fail_without_raising(header: str | None) -> None:
    assert verify_signature("rahasia", RAW, header) is False


def test_an_empty_secret_never_passes() -> None:
    assert not verify_signature("", RAW, sign("", RAW))


@given(st.binary(), st.text())
def test_no_header_raises(raw: bytes, header: str) -> None:
    assert verify_signature("rahasia", raw, header) is False
    assert verify_signature("rahasia", raw, "sha256=" + header) is False


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "tok", "hub.challenge": "1158201444"}, "1158201444"),
        ({"hub.mode": "subscribe", "hub.verify_token": "salah", "hub.challenge": "1"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "tok", "hub.challenge": "1"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "tök", "hub.challenge": "1"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "tok"}, None),
        ({}, None),
    ],
)
def test_subscription(query: dict[str, str], answer: str | None) -> None:
    assert verify_subscription(query, "tok") == answer
    assert verify_subscription(query, "") is None
