"""LinearIntentClassifier: word and character n-grams into a multinomial logistic regression, in one component.

One component instead of Rasa's two featurisers and a classifier: the vectors never leave it, so nothing is copied into the message and a
prediction is one sparse product. Chosen by measurement, see docs/understanding.md.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Text, Type

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
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from engine.nlu.ngrams import LinearScorer

log = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Config: `word_ngrams`, `char_ngrams` (both [from, to]), `C` (inverse regularisation), `ranking` (how many intents a prediction lists)."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"word_ngrams": [1, 2], "char_ngrams": [2, 5], "C": 20.0, "ranking": 5}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._storage = model_storage
        self._resource = resource
        self._scorer: Optional[LinearScorer] = None

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has an intent; what only the service sends (EXTERNAL_…) is never typed."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and not (m.get(TEXT) or "").startswith("EXTERNAL_")]
        texts = [_text(m) for m in examples]
        intents = [m.get(INTENT) for m in examples]
        words = TfidfVectorizer(
            ngram_range=tuple(self.config["word_ngrams"]), tokenizer=str.split, token_pattern=None, lowercase=False, sublinear_tf=True
        )
        chars = TfidfVectorizer(
            analyzer="char_wb", ngram_range=tuple(self.config["char_ngrams"]), lowercase=False, sublinear_tf=True, min_df=2
        )
        features = hstack([words.fit_transform(texts), chars.fit_transform(texts)]).tocsr()
        model = LogisticRegression(C=self.config["C"], max_iter=400, class_weight="balanced")
        model.fit(features, intents)
        self._scorer = LinearScorer(words, chars, model)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((words, chars, model), folder / "linear.joblib", compress=3)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `intent` and `intent_ranking`. An empty text gets no intent."""
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, message: Message) -> List[Dict[Text, Any]]:
        scores = self._scorer.probabilities(_text(message)) if self._scorer else None
        if scores is None:
            return []
        best = np.argsort(scores)[::-1][: self.config["ranking"]]
        return [{"name": self._scorer.classes[i], "confidence": float(scores[i])} for i in best]

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> "LinearIntentClassifier":
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._scorer = LinearScorer(*joblib.load(folder / "linear.joblib"))
        return classifier


def _text(message: Message) -> str:
    tokens = message.get(TEXT_TOKENS)
    return " ".join(token.text for token in tokens) if tokens else (message.get(TEXT) or "")
