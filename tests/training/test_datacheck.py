"""What trainers write wrong is told with file and line, before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.client import load_client
from bot.training.datacheck import check
from tests.support.servers import ROOT

DOMAIN = """
intents: [salam, info_gadai, {info_emas: {use_entities: []}}, EXTERNAL_idle]
entities: [{produk: {influence_conversation: false}}]
"""
GOOD = """# greetings
version: "3.1"
nlu:
  - intent: salam
    examples: |
      - halo
      - selamat pagi
  - lookup: produk
    examples: |
      - KCA
  - intent: info_gadai
    examples: |
      - mau gadai [KCA](produk)
      - gadai emas bisa?
"""
EMAS = """nlu:
  - intent: info_emas
    examples: |
      - harga emas
      - beli [emas]{"entity": "produk", "value": "emas batangan"}
  - intent: EXTERNAL_idle
    examples: |
      - EXTERNAL_idle
      - /EXTERNAL_idle
"""
RULES = "rules: [{rule: a, steps: [{intent: salam}, {intent: info_gadai}, {intent: info_emas}, {intent: EXTERNAL_idle}]}]"
TOPICS = {"salam": "salam", "info_gadai": "info_gadai", "info_emas": "info_emas", "info_perak": "info_emas"}


def faults(**changed: str) -> list[str]:
    files = {"data/nlu/a.yml": GOOD, "data/nlu/b.yml": EMAS, "data/rules/r.yml": RULES}
    files |= {f"data/nlu/{name}.yml": text for name, text in changed.items() if name != "domain"}
    return check(files, ("domain.yml", changed.get("domain", DOMAIN)), TOPICS).faults


def test_sound_data_has_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"a": GOOD.replace("    examples: |\n      - halo", "   examples: |\n      - halo")}, ["data/nlu/a.yml baris 5"]),
        ({"a": GOOD.replace("      - halo", "\t- halo")}, ["data/nlu/a.yml baris 6"]),
        ({"a": GOOD.replace("      - halo", "      halo")}, ["data/nlu/a.yml baris 6"]),
        (
            {"b": EMAS.replace("harga emas", "Gadai  emas bisa")},
            ["data/nlu/b.yml baris 4", "'info_emas' dan 'info_gadai'", "data/nlu/a.yml baris 14"],
        ),
        (
            {"b": EMAS.replace("harga emas", "[Halo](produk)!")},
            ["data/nlu/b.yml baris 4", "'info_emas' dan 'salam'", "data/nlu/a.yml baris 6"],
        ),
        ({"b": EMAS.replace('"produk"', '"barang"')}, ["data/nlu/b.yml baris 5", "entitas 'barang'"]),
        ({"a": GOOD.replace("(produk)", "(kota)")}, ["data/nlu/a.yml baris 13", "entitas 'kota'"]),
        ({"b": EMAS.replace("info_emas", "info_perak")}, ["data/nlu/b.yml baris 4: intent 'info_perak' belum ada di domain.yml."]),
        ({"domain": DOMAIN.replace("salam", "salam, baru")}, ["domain.yml: intent 'baru' tidak punya cukup contoh"]),
        ({"domain": "intents: [a\nentities: b: c"}, ["domain.yml baris 2"]),
        ({"b": "nlu: {}"}, ["data/nlu/b.yml baris 1"]),
    ],
)
def test_each_fault_is_told_with_its_place(changed: dict[str, str], told: list[str]) -> None:
    found = "\n".join(faults(**changed))
    assert all(part in found for part in told), found


def test_an_intent_needs_a_topic_and_a_rule() -> None:
    domain = DOMAIN.replace("salam", "salam, pajak")
    found = faults(domain=domain, c="nlu:\n  - intent: pajak\n    examples: |\n      - pajak emas\n      - kena pajak ga\n")
    assert found == [
        "data/nlu/c.yml baris 4: intent 'pajak' belum punya topik di client.yml.",
        "data/nlu/c.yml baris 4: intent 'pajak' belum punya aturan jawaban di data/rules.",
    ]


def test_what_does_little_harm_is_a_warning() -> None:
    files = {"data/nlu/a.yml": GOOD.replace("- halo", "- halo\n      - Halo!"), "data/rules/r.yml": RULES}
    files["data/nlu/b.yml"] = EMAS.replace("harga emas", "emas gadai bisa")
    found = check(files, ("domain.yml", DOMAIN), TOPICS)
    assert found.faults == []
    told = "\n".join(found.warnings)
    assert "data/nlu/a.yml baris 7: 'Halo!' sudah ada di data/nlu/a.yml baris 6." in told
    assert "hampir sama dengan" in told
    assert "Intent 'info_gadai' hanya punya 2 contoh." in told
    assert "EXTERNAL_idle" not in told


def test_the_project_s_own_data_is_sound() -> None:
    client = load_client(ROOT / "clients/pegadaian")
    files = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted((ROOT / "data").rglob("*.yml"))}
    topics = {**{topic: topic for topic in client.topics}, **client.intents}
    assert check(files, ("domain.yml", Path(ROOT / "domain.yml").read_text("utf-8")), topics).faults == []
