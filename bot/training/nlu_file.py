"""One file of data/nlu as text: what stands where, and adding or taking out one line. Everything else stays byte for byte. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

_END = re.compile(r"(?:\r\n|\n|\r)$")


class BrokenFile(Exception):
    """The file is not what Rasa could read. `line` counts from 1; `problem` is a sentence in Indonesian."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Block:
    """The examples of one intent in one place. `lines`: the numbers (from 0) of the lines that hold them."""

    intent: str
    first: int
    indent: str
    lines: tuple[int, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class NluFile:
    """A file that was read. `lines` keep their own line ends."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...] = field(default=())

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def block(self, intent: str) -> Block | None:
        """Where the intent's examples stand; the longest block if there are several."""
        return max((b for b in self.blocks if b.intent == intent), key=lambda b: len(b.lines), default=None)

    def with_example(self, intent: str, example: str) -> NluFile:
        """The file with one example more at the end of the intent's. Raises LookupError, BrokenFile."""
        block = self.block(intent)
        if block is None:
            raise LookupError(intent)
        last = block.lines[-1]
        end = _end_of(self.lines[last]) or _end_of(self.lines[0]) or "\n"
        lines = list(self.lines)
        if not _end_of(lines[last]):  # the file ends without a line end; so it does afterwards
            lines[last] += end
            lines.insert(last + 1, f"{block.indent}- {example}")
        else:
            lines.insert(last + 1, f"{block.indent}- {example}{end}")
        return self._checked(lines, intent, [*block.examples, example], block)

    def without_example(self, intent: str, example: str) -> NluFile | None:
        """The file without this very line, or None where it does not stand (any more). The last example of a block is left."""
        for block in self.blocks:
            if block.intent == intent and example in block.examples and len(block.examples) > 1:
                at = len(block.examples) - 1 - block.examples[::-1].index(example)
                lines = list(self.lines)
                removed = lines.pop(block.lines[at])
                if not _end_of(removed) and lines:  # it ended the file
                    lines[-1] = _END.sub("", lines[-1])
                kept = [e for number, e in enumerate(block.examples) if number != at]
                return self._checked(lines, intent, kept, block)
        return None

    def _checked(self, lines: list[str], intent: str, wanted: list[str], block: Block) -> NluFile:
        """The edited file, read again: only this block may differ, and only as wanted."""
        edited = read("".join(lines))
        before = [(b.intent, b.examples if b is not block else tuple(wanted)) for b in self.blocks]
        if [(b.intent, b.examples) for b in edited.blocks] != before:
            raise BrokenFile(f"contoh untuk '{intent}' tidak dapat ditulis dengan aman", block.first + 1)
        return edited


def read(text: str) -> NluFile:
    """Read a file. Raises BrokenFile."""
    lines = tuple(text.splitlines(keepends=True))
    try:
        root = yaml.compose(text, Loader)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BrokenFile(_told(error.problem or error.context or ""), mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, RecursionError) as error:
        position = getattr(error, "position", 0)
        raise BrokenFile("ada karakter atau susunan yang tidak dapat dibaca", text.count("\n", 0, position) + 1) from None
    if root is None:
        return NluFile(lines)
    entries = _value(root, "nlu")
    if not isinstance(root, yaml.MappingNode) or not isinstance(entries, yaml.SequenceNode | None):
        raise BrokenFile("'nlu:' dengan daftar di bawahnya tidak ditemukan", 1)
    blocks = [_block(entry, lines) for entry in (entries.value if entries else ())]
    return NluFile(lines, tuple(block for block in blocks if block))


def _block(entry: yaml.Node, lines: tuple[str, ...]) -> Block | None:
    intent, examples, line = _value(entry, "intent"), _value(entry, "examples"), entry.start_mark.line
    if intent is None:
        return None
    if not isinstance(intent, yaml.ScalarNode) or not isinstance(examples, yaml.ScalarNode) or examples.style != "|":
        raise BrokenFile("contoh harus ditulis di bawah 'examples: |'", line + 1)
    numbers: list[int] = []
    for number in range(examples.start_mark.line + 1, len(lines)):
        if not lines[number].strip():
            continue
        depth = _depth(lines[number])
        if depth <= entry.start_mark.column or (numbers and depth < _depth(lines[numbers[0]])):
            break
        if not lines[number].strip().startswith("-") or (numbers and depth > _depth(lines[numbers[0]])):
            raise BrokenFile("setiap contoh dimulai dengan '- ', semuanya lurus ke bawah", number + 1)
        numbers.append(number)
    if not numbers:
        raise BrokenFile(f"intent '{intent.value}' belum memiliki contoh", line + 1)
    found = tuple(e[1:].strip(" \r\n") for e in examples.value.splitlines() if e.strip())
    if len(found) != len(numbers):
        raise BrokenFile(f"contoh intent '{intent.value}' tidak dapat dibaca baris demi baris", line + 1)
    return Block(intent.value, line, " " * _depth(lines[numbers[0]]), tuple(numbers), found)


def _value(node: Any, key: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if getattr(name, "value", None) == key), None)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _end_of(line: str) -> str:
    found = _END.search(line)
    return found[0] if found else ""


_TOLD = (
    ("\\t", "ada tab di awal baris; pakai spasi"),
    ("'\\t'", "ada tab di awal baris; pakai spasi"),
    ("mapping values are not allowed", "tanda ':' berada di tempat yang salah, atau baris sebelumnya kurang lengkap"),
    ("could not find expected ':'", "tanda ':' hilang, atau spasi di awal baris kurang"),
    ("expected <block end>", "spasi di awal baris tidak lurus dengan baris di atasnya"),
    ("did not find expected", "spasi di awal baris tidak lurus dengan baris di atasnya"),
    ("cannot start any token", "ada tanda baca yang tidak boleh di awal baris"),
)


def _told(problem: str) -> str:
    return next((told for word, told in _TOLD if word in problem), "susunan YAML tidak sesuai")
