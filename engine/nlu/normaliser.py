"""IndonesianNormaliser: what people type becomes what the classifier has seen.

Tokenises, in training and in service alike. The customer's own words stay in the message's `text` (entities are found there, dates are read there);
only the tokens, and so the features, are the normalised ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from engine.nlu.lexicon import read_lexicon

LIMIT = 1000  # characters read; a longer text says what it wants in its beginning (100 KB would block the engine for two seconds)

_WORD = re.compile(r"[^\W_]+(?:['’\-/.][^\W_]+)*|[^\w\s]", re.UNICODE)
_LAUGH = re.compile(r"^(?:w?k){3,}w?$|^(?:ha){2,}h?$|^(?:he){2,}h?$|^(?:hi){2,}$|^(?:xi){2,}$")
_STRETCH = re.compile(r"([^\W\d])\1{2,}")
_AMOUNT = re.compile(r"^(?:rp\.?)?\d+(?:[.,]\d+)*(?:rb|rbu|ribu|k|jt|juta|m|perak)$|^rp\.?\d+(?:[.,]\d+)*$|^\d{1,3}(?:\.\d{3})+$")
_NUMBER = re.compile(r"^\d{4,}$")
_REPEATED = re.compile(r"^(\w{3,})2$")  # "hati2" is "hati-hati"
_HANDLE = re.compile(r"@\w+")
_URL = re.compile(r"https?://\S+|www\.\S+")


def normalise(text: str, lexicon: Dict[str, str]) -> List[str]:
    """The words of `text`, lower case, slang written out, letters repeated for effect reduced, numbers and amounts as classes."""
    text = unicodedata.normalize("NFKC", text[:LIMIT]).lower()
    text = _URL.sub(" tautan ", text)
    text = _HANDLE.sub(" akun ", text)
    words: List[str] = []
    for word in _WORD.findall(text):
        word = word.replace("’", "'")
        if _LAUGH.match(word):
            words.append("haha")
            continue
        if _AMOUNT.match(word) or _NUMBER.match(word):
            words.append("nominal" if _AMOUNT.match(word) else "angka")
            continue
        if word not in lexicon:
            word = _STRETCH.sub(r"\1", word)
        word = _REPEATED.sub(r"\1", word)
        written_out = lexicon.get(word, word)
        words.extend(written_out.split())
    return words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class IndonesianTokenizer(Tokenizer):
    """Splits a message into normalised words. Config: `lexicon` (a path), default the lexicon beside this module."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None, "prefix_separator_symbol": None}

    def __init__(self, config: Dict[Text, Any]) -> None:
        super().__init__(config)
        self._lexicon = read_lexicon()

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> GraphComponent:
        """The recipe's constructor."""
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Tokens of the attribute's text. Offsets are those of the normalised words in a row, which only featurisers use."""
        text = message.get(attribute) or ""
        words = normalise(text, self._lexicon) or [""]
        tokens, position = [], 0
        for word in words:
            tokens.append(Token(word, position))
            position += len(word) + 1
        return tokens
