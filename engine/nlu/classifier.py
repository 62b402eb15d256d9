"""LinearIntentClassifier: several views of a message into one linear model, in one component, with a second opinion beside it.

One component instead of featurisers and a classifier: the vectors never leave it, so nothing is copied into the message and a prediction is one
short product. Chosen by measurement, see docs/understanding.md.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Sequence, Text, Tuple, Type

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from engine.nlu.needs import needs
from engine.nlu.ngrams import Grams, LinearScorer, fit, likelihoods, restored
from engine.nlu.views import VIEWS, Views

log = logging.getLogger(__name__)
SECOND = {"concepts": 2, "pairs": 3}  # the views of the second opinion
FOLDS = 3
LEARNT = 0.99  # confidence in a message that stands among the examples, word for word


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Config: `C` (inverse regularisation), `sharpness` (how strongly scores are told apart), `calibrate`, `ranking` (intents a prediction lists).

    Sets `intent` and `intent_ranking`; confidence is the share of messages as sure as this one that were read right, measured by
    cross-validation of the training data. Sets `second` to the intent of a second model where it reads the message otherwise, and `needs` where
    the message asks for several things; the intent is then the first's.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 0.25, "sharpness": 2.5, "calibrate": True, "ranking": 5}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._storage = model_storage
        self._resource = resource
        self._views: Optional[Views] = None
        self._first: Optional[LinearScorer] = None
        self._second: Optional[LinearScorer] = None
        self._slope, self._level = 1.0, 0.0
        self._learnt: Dict[Text, Text] = {}  # the examples, normalised -> intent: what a trainer has just corrected is read so

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has an intent; what only the service sends (EXTERNAL_…) is never typed."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and not (m.get(TEXT) or "").startswith("EXTERNAL_")]
        words = [_words(m) for m in examples]
        intents = [m.get(INTENT) for m in examples]
        self._views = Views.of(words)
        messages = [self._views.look(w) for w in words]
        self._learnt = _learnt(words, intents)
        self._first = fit(messages, intents, VIEWS, self.config["C"])
        self._second = fit(messages, intents, SECOND, self.config["C"])
        if self.config["calibrate"]:
            self._slope, self._level = self._calibration(messages, intents)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._stored(), folder / "linear.joblib", compress=3)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `intent`, `intent_ranking`, and where there is any, `second` and `needs`. An empty text gets no intent."""
        for message in messages:
            words = _words(message)
            grams = self._views.look(words) if self._views else {}
            ranking = self._rank(words, grams) if grams else []
            taught = " ".join(words) in self._learnt
            wanted = needs(words, ranking[0]["name"], self._read) if ranking and not taught else []
            if wanted:  # the first is answered, the others are offered
                first = {"name": wanted[0]["name"], "confidence": max(wanted[0]["confidence"], ranking[0]["confidence"])}
                ranking = [first, *(r for r in ranking if r["name"] != first["name"])]
                message.set("needs", wanted, add_to_output=True)
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            otherwise = self._otherwise(grams, ranking) if not wanted else None
            if otherwise is not None:
                message.set("second", otherwise, add_to_output=True)
        return messages

    def _rank(self, words: List[Text], grams: Grams) -> List[Dict[Text, Any]]:
        scores = self._first.scores(grams) if self._first else None
        learnt = self._learnt.get(" ".join(words))
        if learnt is not None:
            others = self._ordered(scores) if scores is not None else []
            return [{"name": learnt, "confidence": LEARNT}, *({**r, "confidence": 0.0} for r in others if r["name"] != learnt)]
        return self._ordered(scores) if scores is not None else []

    def _ordered(self, scores: np.ndarray) -> List[Dict[Text, Any]]:
        shares, top = likelihoods(scores, self.config["sharpness"])
        sure = float(1.0 / (1.0 + np.exp(-(self._slope * _log_odds(top) + self._level))))
        others = (1.0 - sure) / (1.0 - top) if top < 1.0 else 0.0
        best = np.argsort(scores)[::-1][: self.config["ranking"]]
        confidences = [sure, *(min(sure, float(shares[i]) * others) for i in best[1:])]
        return [{"name": self._first.classes[i], "confidence": c} for i, c in zip(best, confidences)]

    def _read(self, words: List[Text]) -> Tuple[Text, float]:
        ranking = self._rank(words, self._views.look(words)) if self._views else []
        return (ranking[0]["name"], ranking[0]["confidence"]) if ranking else ("", 0.0)

    def _otherwise(self, grams: Grams, ranking: List[Dict[Text, Any]]) -> Optional[Text]:
        scores = self._second.scores(grams) if self._second and ranking else None
        name = self._second.classes[int(scores.argmax())] if scores is not None else None
        return name if ranking and name != ranking[0]["name"] else None

    def _calibration(self, messages: Sequence[Grams], intents: Sequence[Text]) -> tuple:
        """How sure-looking readings turn out: slope and level of a logistic curve over the log-odds of the greatest share."""
        labels = np.array(intents)
        rare = min(np.unique(labels, return_counts=True)[1])
        if rare < FOLDS:
            log.warning("an intent has fewer than %s examples: confidences are not calibrated", FOLDS)
            return 1.0, 0.0
        sure, right = [], []
        for kept, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels):
            scorer = fit([messages[i] for i in kept], labels[kept], VIEWS, self.config["C"])
            for i in held:
                scores = scorer.scores(messages[i])
                if scores is not None:
                    sure.append(_log_odds(likelihoods(scores, self.config["sharpness"])[1]))
                    right.append(scorer.classes[int(scores.argmax())] == labels[i])
        if len(set(right)) < 2:
            return 1.0, 0.0
        curve = LogisticRegression().fit(np.array(sure)[:, None], right)
        return float(curve.coef_[0, 0]), float(curve.intercept_[0])

    def _stored(self) -> Dict[Text, Any]:
        return {
            "views": self._views.stored(),
            "first": self._first.stored(),
            "second": self._second.stored(),
            "calibration": (self._slope, self._level),
            "learnt": self._learnt,
        }

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> "LinearIntentClassifier":
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = joblib.load(folder / "linear.joblib")
        classifier._views = Views(**stored["views"])
        classifier._first, classifier._second = restored(stored["first"]), restored(stored["second"])
        classifier._slope, classifier._level = stored["calibration"]
        classifier._learnt = stored["learnt"]
        return classifier


def _learnt(examples: Sequence[List[Text]], intents: Sequence[Text]) -> Dict[Text, Text]:
    """Each example's words and its intent; what stands for two intents once it is normalised is left to the scores."""
    learnt: Dict[Text, Text] = {}
    several = set()
    for words, intent in zip(examples, intents):
        text = " ".join(words)
        if learnt.setdefault(text, intent) != intent:
            several.add(text)
    return {text: intent for text, intent in learnt.items() if text not in several}


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    return float(np.log(share / (1.0 - share)))


def _words(message: Message) -> List[Text]:
    tokens = message.get(TEXT_TOKENS)
    return [token.text for token in tokens] if tokens else (message.get(TEXT) or "").split()
