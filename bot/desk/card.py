"""The card's words: what the dialogue knew when it handed over, as an agent reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from bot.client import Client
from bot.wording import say_date

LABELS = {
    "consent_given": "Persetujuan data",
    "complaint_topic": "Topik keluhan",
    "complaint_detail": "Uraian keluhan",
    "reporter": "Nama",
    "contact": "Nomor kontak",
    "outlet": "Outlet",
    "visit_date": "Tanggal kunjungan",
    "visit_time": "Jam kunjungan",
    "purpose": "Keperluan",
    "moves": "Reservasi yang diubah",
    "cross_sold": "Produk yang ditawarkan",
}
# Form of the dialogue -> id and label as shown, and the slots an agent would ask for.
FORMS = {
    "complaint_form": ("keluhan", "Formulir keluhan", ("consent_given", "complaint_detail", "reporter", "contact")),
    "reservation_form": ("reservasi", "Formulir reservasi", ("outlet", "visit_date", "visit_time", "purpose", "reporter")),
}
# What only steers the dialogue.
_INNER = frozenset({"expects", "channel", "requested_slot", "complaint_opening", "complaint_confirmed", "visit_text", "visit_confirmed"})
_CONSENT = {"granted": "Disetujui", "declined": "Ditolak", "withdrawn": "Ditarik kembali"}


def form_of(context: Mapping[str, Any], client: Client) -> dict[str, Any] | None:
    """The form under way: what is filled in and what is missing."""
    known = FORMS.get(context.get("form") or "")
    if known is None:
        return None
    form_id, label, names = known
    slots = _slots(context)
    filled = [_field(name, slots[name], client) for name in names if slots.get(name) is not None]
    return {"id": form_id, "label": label, "fields": filled, "missing": [LABELS[name] for name in names if slots.get(name) is None]}


def slots_of(context: Mapping[str, Any], client: Client) -> list[dict[str, Any]]:
    """What else the dialogue knew, beside the form's own fields."""
    in_form = FORMS.get(context.get("form") or "", ("", "", ()))[2]
    others = ((name, value) for name, value in _slots(context).items() if name not in in_form and name not in _INNER)
    return [_field(name, value, client) for name, value in others if value is not None]


def _slots(context: Mapping[str, Any]) -> Mapping[str, Any]:
    slots = context.get("slots")
    return slots if isinstance(slots, Mapping) else {}


def _field(name: str, value: Any, client: Client) -> dict[str, Any]:
    return {"id": name, "label": LABELS.get(name, name.replace("_", " ").capitalize()), "value": _say(name, value, client)}


def _say(name: str, value: Any, client: Client) -> Any:
    if not isinstance(value, str):
        return value
    if name == "consent_given":
        return _CONSENT.get(value, value)
    if name == "complaint_topic":
        return client.topic_label(value) if value in client.topics else value
    if name == "outlet" and value in client.outlet_by_id:
        return client.outlet_by_id[value].name
    if name == "cross_sold" and value in client.product_by_id:
        return client.product_by_id[value].name
    if name == "visit_date":
        try:
            return say_date(datetime.combine(date.fromisoformat(value), time(12), UTC), client.zone)
        except ValueError:
            return value
    return value
