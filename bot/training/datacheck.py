"""Checks what trainers wrote before it is trained: each fault is an Indonesian sentence naming file and line. Pure over the files' texts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

from bot.training import nlu_file
from bot.training.marks import same

NEVER_TYPED = "EXTERNAL_"
AT_LEAST = 2  # examples, or an intent cannot be learned
FEW = 15  # below, it is learned badly
_MARK = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\)|\{([^}]*)\})")
_ENTITY = re.compile(r'"entity"\s*:\s*"([^"]*)"')
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Example:
    """One example and where it stands."""

    intent: str
    text: str
    place: str

    @property
    def plain(self) -> str:
        """As it is read: without marks of entities."""
        return _MARK.sub(lambda found: found[1], self.text)


@dataclass
class Checked:
    """`faults` keep training from beginning; `warnings` are shown with the report."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Examples by intent."""
        return Counter(example.intent for example in self.examples)


def check(files: Mapping[str, str], domain: tuple[str, str], topics: Mapping[str, str]) -> Checked:
    """Check the texts of the data's files by name, and the domain's (name, text). `topics`: the topic of each intent that has one."""
    result = Checked()
    intents, entities = _domain(result, *domain)
    marked: list[tuple[str, str]] = []
    for name, text in sorted(files.items()):
        for example in _examples(result, name, text):
            result.examples.append(example)
            marked += [(entity, example.place) for entity in _entities(example.text)]
    if result.faults:
        return result  # of a file that cannot be read nothing more can be said
    rules = "\n".join(text for name, text in files.items() if {"rules", "stories"} & set(name.split("/")))
    first_at = {example.intent: example.place for example in reversed(result.examples)}
    for intent in sorted(first_at):
        if intent not in intents:
            result.faults.append(f"{first_at[intent]}: intent '{intent}' belum ada di {domain[0]}.")
        if intent not in topics and not intent.startswith(NEVER_TYPED):
            result.faults.append(f"{first_at[intent]}: intent '{intent}' belum punya topik di client.yml.")
        if not re.search(rf"intent:\s*{re.escape(intent)}\b", rules):
            result.faults.append(f"{first_at[intent]}: intent '{intent}' belum punya aturan jawaban di data/rules.")
    counts = result.counts()
    for intent in sorted(intents):
        if counts[intent] < AT_LEAST:
            result.faults.append(f"{domain[0]}: intent '{intent}' tidak punya cukup contoh di data ({counts[intent]} contoh).")
        elif counts[intent] < FEW and not intent.startswith(NEVER_TYPED):
            result.warnings.append(f"Intent '{intent}' hanya punya {counts[intent]} contoh.")
    unknown = {entity: place for entity, place in reversed(marked) if entity not in entities}
    result.faults += [f"{place}: entitas '{entity}' belum ada di {domain[0]}." for entity, place in sorted(unknown.items())]
    _twice(result, topics)
    return result


def _domain(result: Checked, name: str, text: str) -> tuple[set[str], set[str]]:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        result.faults.append(f"{name}{f' baris {mark.line + 1}' if mark else ''}: susunan YAML tidak dapat dibaca.")
        return set(), set()
    content = loaded if isinstance(loaded, dict) else {}
    return _names(content.get("intents")), _names(content.get("entities"))


def _names(entries: Any) -> set[str]:
    found = entries if isinstance(entries, list) else []
    return {name for entry in found for name in ([entry] if isinstance(entry, str) else entry if isinstance(entry, dict) else [])}


def _examples(result: Checked, name: str, text: str) -> Iterator[Example]:
    try:
        blocks = nlu_file.read(text).blocks
    except nlu_file.BrokenFile as broken:
        result.faults.append(f"{name} baris {broken.line}: {broken.problem}.")
        return
    for block in blocks:
        for line, example in zip(block.lines, block.examples, strict=True):
            yield Example(block.intent, example, f"{name} baris {line + 1}")


def _entities(text: str) -> Iterator[str]:
    for found in _MARK.finditer(text):
        if found[2] is not None:
            yield found[2].split(":")[0]
        else:
            named = _ENTITY.search("{" + (found[3] or "") + "}")
            yield named[1] if named else ""


def _twice(result: Checked, topics: Mapping[str, str]) -> None:
    """The same example under two intents cannot be told apart; the same words in another order hardly. Within one topic neither does harm."""
    places: dict[str, dict[str, Example]] = defaultdict(dict)
    near: dict[tuple[str, ...], dict[str, Example]] = defaultdict(dict)
    for example in (e for e in result.examples if not e.intent.startswith(NEVER_TYPED)):
        words = _WORD.findall(example.plain.casefold())
        key = same(example.text) or example.plain
        other = next((e for intent, e in places[key].items() if intent != example.intent), None)
        if other:
            harmless = topics.get(example.intent) == topics.get(other.intent)
            (result.warnings if harmless else result.faults).append(
                f"{example.place}: kalimat '{example.plain}' ada di intent '{example.intent}' dan '{other.intent}' ({other.place})."
            )
        elif example.intent in places[key]:
            result.warnings.append(f"{example.place}: '{example.plain}' sudah ada di {places[key][example.intent].place}.")
        elif len(words) > 1:
            alike = next((e for intent, e in near[tuple(sorted(words))].items() if intent != example.intent), None)
            if alike:
                result.warnings.append(
                    f"{example.place}: '{example.plain}' ({example.intent}) hampir sama dengan '{alike.plain}' ({alike.intent}, {alike.place})."
                )
            near[tuple(sorted(words))].setdefault(example.intent, example)
        places[key].setdefault(example.intent, example)
