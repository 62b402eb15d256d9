"""What happened to a ticket, as sentences for its history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.client import Client

_DID = {
    "opened": "Tiket dibuat",
    "accept": "Menerima tiket",
    "assign": "Menugaskan tiket",
    "wait": "Meminta data kepada nasabah",
    "propose": "Mengusulkan penyelesaian kepada nasabah",
    "work": "Mulai menangani",
    "resume": "Melanjutkan penanganan",
    "solve": "Menyelesaikan tiket",
    "confirm": "Penyelesaian dikonfirmasi",
    "no_response": "Menutup karena pelapor tidak merespons",
    "merge": "Menggabungkan ke tiket lain",
    "unsolved": "Masalah belum selesai saat nasabah dihubungi",
}
_FIELDS = {
    "summary": "ringkasan",
    "detail": "uraian",
    "kind": "jenis",
    "topic": "topik",
    "product": "produk",
    "category": "kategori",
    "sub_category": "subkategori",
    "outlet_id": "outlet",
    "priority": "prioritas",
    "form": "formulir",
    "note": "catatan",
}
_ALERTS = {"reminder": "Pengingat batas waktu", "breach": "Batas waktu terlewati", "escalation": "Eskalasi karena terlambat"}
_HOW = {
    "message": "pesan",
    "template": "templat WhatsApp",
    "kept": "disampaikan saat nasabah membalas",
    "none": "tidak ada saluran, hubungi melalui telepon",
}


def sentence(kind: str, data: Mapping[str, Any], client: Client, names: Mapping[str | None, str]) -> str | None:
    """A fact in a sentence; None for what is no news to people."""
    rules = client.ticketing
    match kind:
        case "ticket_opened":
            return f"{_DID['opened']} ({_unit(data, client)})"
        case "ticket_changed":
            return _change(data, client, names)
        case "ticket_noted":
            return "Menulis kepada nasabah" if data.get("audience") == "customer" else "Menambahkan catatan"
        case "ticket_filed":
            return "Menambahkan berkas"
        case "ticket_called":
            outcome = str(data.get("outcome"))
            return f"Menghubungi nasabah, percobaan ke-{data.get('attempt')}: {rules.call_outcomes.get(outcome, outcome)}"
        case "ticket_told":
            return f"Nasabah dikabari ({_HOW.get(str(data.get('how')), data.get('how'))})"
        case "ticket_alerted":
            scope = "seluruh tiket" if data.get("scope") == "overall" else "unit ini"
            return f"{_ALERTS.get(str(data.get('what')), 'Pemberitahuan')} ({scope})"
        case "monev_sent":
            return "Mengirim MONEV ke outlet"
        case "monev_answered":
            return "Outlet menjawab MONEV"
        case "case_changed":
            return "Berkas kasus diperbarui"
    return None


def _change(data: Mapping[str, Any], client: Client, names: Mapping[str | None, str]) -> str | None:
    rules, what = client.ticketing, data.get("what")
    reasons = rules.dispatch_reasons | rules.return_reasons | rules.reopen_reasons
    reason = f": {reasons.get(data['reason'], data['reason'])}" if data.get("reason") else ""
    if what == "dispatch":
        return f"Meneruskan ke {_unit(data, client)}{reason}"
    if what == "return":
        return f"Mengembalikan ke {_unit(data, client)}{reason}"
    if what == "reopen":
        return f"Membuka kembali{reason}"
    if what == "assign":
        person = (data.get("state") or {}).get("assignee")
        return f"Menugaskan kepada {names.get(person, 'rekan')}" if person else "Melepas penugasan"
    if what in _DID:
        return _DID[what]
    changed = [_FIELDS[name] for name in data.get("changed", ()) if name in _FIELDS and name != "note"]
    if not changed:
        return None  # a note alone has a line of its own
    return f"Mengubah {', '.join(changed)}"


def _unit(data: Mapping[str, Any], client: Client) -> str:
    unit = (data.get("state") or {}).get("unit", "")
    known = client.ticketing.units.get(unit)
    return known.label if known else unit or "unit layanan"
