"""`python -m engine.crossvalidate`: how well the pipeline of config.yml learns the intents of data/nlu. Prints one JSON object.

The examples are split into folds, each with its share of every intent; each fold is read by a pipeline trained on the others. The pipeline's components
are made, trained and loaded as Rasa does it, so any pipeline can be measured. As in `rasa test nlu`, a fallback counts as the intent it replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

QUIET = {
    "PYTHONWARNINGS": "ignore",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",  # one fold, one core
    "OPENBLAS_NUM_THREADS": "1",
}
NEVER_TYPED = "EXTERNAL_"
FALLBACK = "nlu_fallback"
LEAST_A_FOLD = (
    4  # an intent with fewer examples a fold, tapped rather than typed, is learned but not counted: its F1 is a throw of the dice
)

Pair = Tuple[str, str]  # wanted intent, read intent


def folds(intents: Sequence[str], count: int, seed: int) -> List[List[int]]:
    """The numbers of the examples to be read in each fold: each intent evenly spread, the same for the same examples and seed."""
    from sklearn.model_selection import StratifiedKFold

    split = StratifiedKFold(n_splits=count, shuffle=True, random_state=seed)
    return [list(map(int, held_out)) for _, held_out in split.split([0] * len(intents), intents)]


def read_fold(config: str, data: str, held_out: Sequence[int]) -> List[Pair]:
    """Train on all other examples, read these; wanted and read intent of each."""
    warnings.filterwarnings("ignore")
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message

    everything, examples = _examples(data)
    left_out = set(held_out)
    training = everything.filter_training_examples(lambda _: True)  # a copy with the lookup tables and synonyms
    training.training_examples = [deepcopy(m) for n, m in enumerate(examples) if n not in left_out]  # featurisers write into them
    messages = [Message({TEXT: examples[n].get(TEXT)}) for n in held_out]
    context = ExecutionContext(GraphSchema({}))
    kinds = DefaultV1Recipe.ComponentType
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(Path(folder))
        for number, item in enumerate(_pipeline(config)):
            registered = DefaultV1Recipe._from_registry(item["name"])
            if set(registered.types) <= {kinds.ENTITY_EXTRACTOR}:
                continue  # says nothing about the intent
            settings = {**registered.clazz.get_default_config(), **{k: v for k, v in item.items() if k != "name"}}
            resource = Resource(f"{number}")
            component = registered.clazz.create(settings, storage, resource, context)
            if registered.is_trainable:
                component.train(training)
                component = registered.clazz.load(settings, storage, resource, context)
            if {kinds.MESSAGE_TOKENIZER, kinds.MESSAGE_FEATURIZER} & set(registered.types):
                training = component.process_training_data(training)
            messages = component.process(messages)
    return [(examples[n].get("intent"), _intent(message)) for n, message in zip(held_out, messages, strict=True)]


def _intent(message: Any) -> str:
    """The likeliest intent, whatever a fallback made of it."""
    names = [entry["name"] for entry in [message.get("intent") or {"name": None}, *(message.get("intent_ranking") or [])]]
    return next((name for name in names if name and name != FALLBACK), FALLBACK)


@lru_cache(maxsize=1)
def _examples(data: str) -> Tuple[Any, List[Any]]:
    """The training data, and the examples that customers could have typed."""
    from rasa.shared.nlu.training_data.loading import load_data

    everything = load_data(data)
    return everything, [m for m in everything.intent_examples if not (m.get("text") or "").startswith(NEVER_TYPED)]


def _pipeline(config: str) -> List[Dict[str, Any]]:
    from rasa.shared.utils.io import read_config_file

    return list(read_config_file(config)["pipeline"])


def f1_by_intent(pairs: Sequence[Pair]) -> Dict[str, float]:
    """F1 of each intent that was wanted."""
    right = Counter(wanted for wanted, got in pairs if wanted == got)
    wanted_count, read_count = Counter(wanted for wanted, _ in pairs), Counter(got for _, got in pairs)
    return {intent: 2 * right[intent] / (wanted_count[intent] + read_count[intent]) for intent in sorted(wanted_count)}


def summary(by_fold: Sequence[Sequence[Pair]]) -> Dict[str, Any]:
    """`macro_f1` is the mean of the folds' F1 averaged over intents, `fold_spread` the folds' standard deviation; `by_intent` and `confused` are over all folds."""
    pairs = [pair for fold in by_fold for pair in fold]
    counts = Counter(wanted for wanted, _ in pairs)
    counted = sorted(intent for intent, count in counts.items() if count >= LEAST_A_FOLD * len(by_fold))
    scores = [sum(f1_by_intent(fold)[intent] for intent in counted) / len(counted) for fold in by_fold]
    mean = sum(scores) / len(scores)
    confused = Counter(pair for pair in pairs if pair[0] != pair[1])
    return {
        "macro_f1": round(mean, 4),
        "fold_spread": round((sum((score - mean) ** 2 for score in scores) / (len(scores) - 1)) ** 0.5, 4),
        "folds": [round(score, 4) for score in scores],
        "accuracy": round(sum(wanted == got for wanted, got in pairs) / len(pairs), 4),
        "examples": len(pairs),
        "not_counted": sorted(set(counts) - set(counted)),
        "by_intent": {intent: {"f1": round(f1, 4), "examples": counts[intent]} for intent, f1 in f1_by_intent(pairs).items()},
        "confused": [{"wanted": w, "read": r, "count": n} for (w, r), n in sorted(confused.items(), key=lambda item: (-item[1], item[0]))],
    }


def cross_validate(config: str, data: str, count: int = 5, seed: int = 1, jobs: int = 2) -> Dict[str, Any]:
    """The summary of `count` folds, `jobs` of them read at a time."""
    _, examples = _examples(data)
    held_out = folds([m.get("intent") for m in examples], count, seed)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return summary(list(pool.map(read_fold, [config] * count, [data] * count, held_out)))


def main() -> None:
    """Print the summary, with the seconds it took."""
    os.environ.update(QUIET)
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(prog="engine.crossvalidate", description=__doc__)
    parser.add_argument("--config", default="config.yml")
    parser.add_argument("--data", default="data/nlu")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="folds read at a time")
    options = parser.parse_args()
    begun = time.monotonic()
    result = cross_validate(options.config, options.data, options.folds, options.seed, options.jobs)
    json.dump({**result, "seed": options.seed, "seconds": round(time.monotonic() - begun, 1)}, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
