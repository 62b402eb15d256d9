"""What has been taught is read so, and how sure a reading is has a meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.classifier import LEARNT, LinearIntentClassifier
from engine.nlu.normaliser import IndonesianTokenizer

EXAMPLES = {
    "info_emas": ["harga emas hari ini", "berapa harga emas antam", "mau nabung emas", "cara buka tabungan emas", "emas satu gram berapa"],
    "info_outlet": [
        "outlet buka jam berapa",
        "sabtu buka tidak",
        "alamat cabang terdekat",
        "jam operasional cabang",
        "cabang tutup jam berapa",
    ],
    "salam": ["halo", "selamat pagi", "halo kak", "permisi", "assalamualaikum"],
}
ODD = "zzyx qwrt plmk"  # says nothing to the scores


def message(text: str, **data: Any) -> Message:
    return Message({"text": text, **data})


@pytest.fixture
def tokenizer() -> IndonesianTokenizer:
    return IndonesianTokenizer(IndonesianTokenizer.get_default_config())


def trained(tokenizer: IndonesianTokenizer, folder: Path, **more: List[str]) -> LinearIntentClassifier:
    examples = {**EXAMPLES, **{intent: [*EXAMPLES.get(intent, []), *texts] for intent, texts in more.items()}}
    data = TrainingData([message(text, intent=intent) for intent, texts in examples.items() for text in texts])
    tokenizer.process_training_data(data)
    storage, resource = LocalModelStorage(folder), Resource("classifier")
    config = LinearIntentClassifier.get_default_config()
    LinearIntentClassifier(config, storage, resource).train(data)
    return LinearIntentClassifier.load(config, storage, resource, None)  # type: ignore[arg-type]


def read(classifier: LinearIntentClassifier, tokenizer: IndonesianTokenizer, text: str) -> Message:
    return classifier.process(tokenizer.process([message(text)]))[0]


def test_one_example_is_enough_for_the_very_message(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    before = read(trained(tokenizer, tmp_path / "a"), tokenizer, ODD)
    assert before.get("intent")["name"] != "info_outlet" or before.get("intent")["confidence"] < LEARNT
    (tmp_path / "b").mkdir()
    taught = trained(tokenizer, tmp_path / "b", info_outlet=[ODD])
    assert read(taught, tokenizer, ODD.upper() + " ").get("intent") == {"name": "info_outlet", "confidence": LEARNT}


def test_an_example_of_two_intents_is_left_to_the_scores(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    classifier = trained(tokenizer, tmp_path, info_outlet=["hallo kak"])
    assert read(classifier, tokenizer, "halo kak").get("intent")["confidence"] < LEARNT


def test_a_ranking_is_in_order_and_adds_up_to_one_at_most(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    ranking = read(trained(tokenizer, tmp_path), tokenizer, "emas buka jam berapa kak").get("intent_ranking")
    confidences = [r["confidence"] for r in ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-6


def test_an_empty_message_has_no_intent(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    assert read(trained(tokenizer, tmp_path), tokenizer, "  ").get("intent")["name"] in (None, *EXAMPLES)


def test_the_first_need_leads_the_ranking(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    """Also where the whole message was read otherwise, and with more confidence: else it would fall back for being ambiguous."""
    found = read(trained(tokenizer, tmp_path), tokenizer, "outlet buka jam berapa? terus berapa harga emas antam")
    assert [need["name"] for need in found.get("needs")] == ["info_outlet", "info_emas"]
    ranking = found.get("intent_ranking")
    assert found.get("intent") == ranking[0] and ranking[0]["name"] == "info_outlet"
    assert ranking[0]["confidence"] == max(r["confidence"] for r in ranking)


def test_what_was_taught_counts_more_than_its_parts(tokenizer: IndonesianTokenizer, tmp_path: Path) -> None:
    """A trainer said what the whole message means."""
    said = "outlet buka jam berapa? terus berapa harga emas antam"
    found = read(trained(tokenizer, tmp_path, salam=[said]), tokenizer, said)
    assert found.get("intent") == {"name": "salam", "confidence": LEARNT}
    assert found.get("needs") is None
