"""What people write into a ticket: each field checked, secrets hidden, forms as the client's data ask for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.client import Client
from bot.client_tickets import Form
from bot.conversations.secrets import hide_secrets
from bot.desk.errors import DeskError, bad_field

SUMMARY, DETAIL, LINE = 200, 8000, 300  # most characters
_TEXTS = (
    ("summary", SUMMARY, "Ringkasan"),
    ("detail", DETAIL, "Uraian"),
    ("note", DETAIL, "Catatan"),
    ("resolution", DETAIL, "Penyelesaian"),
)
_KEPT = ("summary", "detail", "note", "resolution", "topic", "priority", "status", "kind", "product", "category", "sub_category", "form")


def checked(client: Client, fields: Mapping[str, Any], needed: tuple[str, ...] = (), form: str | None = None) -> dict[str, Any]:
    """The fields that make sense; raises `bad_field` or `too_long` for the first that does not. `form`: which form, else the kind's."""
    rules = client.ticketing
    for name, known, told in (
        ("topic", client.topics, "Pilih topik tiket."),
        ("priority", client.tickets.priorities, "Pilih prioritas tiket."),
        ("status", client.tickets.statuses, "Pilih status tiket."),
        ("kind", rules.kinds, "Pilih jenis tiket."),
    ):
        if (name in fields or name in needed) and fields.get(name) not in known:
            raise bad_field(told)
    result = {name: fields[name] for name in _KEPT if name in fields}
    _of_catalogue(client, result, fields)
    if "outlet" in fields:
        if fields["outlet"] and fields["outlet"] not in client.outlet_by_id:
            raise bad_field("Pilih outlet.")
        result["outlet_id"] = fields["outlet"] or None
    for name, most, told in _TEXTS:
        if name in fields or name in needed:
            result[name] = hide_secrets(str(fields.get(name) or "").strip())[0]
            if len(result[name]) > most:
                raise DeskError(422, "too_long", f"{told} terlalu panjang, paling banyak {most} karakter.")
    if "summary" in result and not result["summary"]:
        raise bad_field("Isi ringkasan tiket.")
    if "resolution" in needed and not result["resolution"]:
        raise bad_field("Isi penyelesaian.")
    if not result.get("note", "-"):
        del result["note"]
    asked = form or (rules.kinds[fields["kind"]].form if fields.get("kind") in rules.kinds else None)
    if asked and ("form" in fields or "form" in needed):
        result["form"] = filled_in(rules.forms[asked], fields.get("form"), client)
    elif "form" in result and not isinstance(result["form"], dict):
        result["form"] = None
    return result


def _of_catalogue(client: Client, result: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Product, category, sub-category: each known within the one before it."""
    product = fields.get("product")
    if product is not None and product not in client.ticketing.catalogue:
        raise bad_field("Produk tidak dikenal.")
    category = fields.get("category") or None
    if category is None:
        if "category" in fields:
            result["category"] = result["sub_category"] = None
        return
    known = client.ticketing.catalogue.get(product or "", {}).get(category)
    if known is None:
        raise bad_field("Pilih kategori sesuai produknya.")
    sub = fields.get("sub_category") or None
    if sub is not None and sub not in known.subs:
        raise bad_field("Pilih subkategori sesuai kategorinya.")
    result |= {"category": category, "sub_category": sub}


def filled_in(form: Form, given: Any, client: Client) -> dict[str, Any]:
    """The fields of a form as given; raises `bad_field` naming the first that is missing or makes no sense."""
    given = given if isinstance(given, dict) else {}
    result: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = hide_secrets(str(given.get(name) or "").strip())[0]
        if not value:
            if field.required:
                raise bad_field(f"Isi '{field.label}'.")
            continue
        if len(value) > (DETAIL if field.kind == "long" else LINE):
            raise DeskError(422, "too_long", f"'{field.label}' terlalu panjang.")
        wrong = (field.kind == "choice" and value not in field.choices) or (field.kind == "outlet" and value not in client.outlet_by_id)
        if wrong or (field.kind == "date" and not _is_date(value)) or (field.kind == "money" and not value.isdigit()):
            raise bad_field(f"'{field.label}' tidak sesuai.")
        result[name] = value
    return result


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
