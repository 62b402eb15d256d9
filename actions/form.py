"""How a form listens and asks. One call a turn: it reads the answer, and asks the next question itself.

A message that is no answer but a request of its own (a question, "batal", "minta orang") is left to the rules; Rasa then comes back to
the form, which only asks again. See docs/decisions/0003-dialogue.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from actions.choices import keep_other_needs
from actions.turn import Turn

# Requests that interrupt a question; below `SURE` the message is taken for an answer that was not understood.
INTERRUPTS = (
    "info_",
    "keluhan_akun_dibobol",
    "cek_status",
    "data_pribadi",
    "tanya_bot",
    "reservasi_outlet",
    "ubah_reservasi",
    "batal_reservasi",
    "di_luar_topik",
)
SURE = 0.55
CLEAR = 0.75  # where nearly any words would do as an answer, a request must be clearer
DECLINED = "declined"
RESTART = object()  # what `read` returns when earlier answers were taken back, or the question got narrower, and nothing needs explaining
_INTERRUPTION = object()
ALWAYS = ("batal", "minta_agen", "tunggu_petugas", "tarik_persetujuan", "EXTERNAL_idle", "pamit", "lampiran", "kirim_rahasia")


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `read` gives the answer's value or None; `known` a value that needs no question; `free`: any words are an answer.
    `loose`: `read` takes nearly anything, so a clear request of its own goes first. `exact`: what `read` finds can be nothing else, however the
    words around it sound ("hubungi saya di 0812…" is a number, not a wish for a person)."""

    slot: str
    ask: Callable[[Turn], Awaitable[None]]
    read: Callable[[Turn], Awaitable[Any]]
    hint: str
    known: Callable[[Turn], Awaitable[Any]] | None = None
    free: bool = False
    loose: bool = False
    exact: bool = False


async def run(turn: Turn, fields: Sequence[Field]) -> None:
    """The form's turn. Setting no slot at all tells Rasa that this was no answer."""
    requested = turn.slot("requested_slot")
    if requested is None:
        keep_other_needs(turn)
    if turn.unit.handed_over or turn.unit.closed or (turn.came_back() and turn.intent == "EXTERNAL_idle"):
        turn.set("requested_slot", requested)  # stay where we are, without a word
        return
    field = next((f for f in fields if f.slot == requested), None)
    if field is not None and not turn.came_back():
        value = await _answer(turn, field)
        if value is _INTERRUPTION:
            return
        turn.set(field.slot, None if value is RESTART else value)
        if value == DECLINED:
            turn.set("requested_slot", None)  # without consent nothing more is asked
            return
        if value is None and field.hint:
            turn.say(field.hint)
    await ask_next(turn, fields)


async def ask_next(turn: Turn, fields: Sequence[Field]) -> None:
    """Fill in what is known, ask the first open question, or end the form."""
    for field in fields:
        if turn.slot(field.slot) is not None:
            continue
        value = await field.known(turn) if field.known else None
        if value is None:
            await field.ask(turn)
            turn.set("requested_slot", field.slot)
            return
        turn.set(field.slot, value)
    turn.set("requested_slot", None)


async def _answer(turn: Turn, field: Field) -> Any:
    if field.exact and (found := await field.read(turn)) is not None:
        return found
    if turn.intent in ALWAYS and (turn.confidence >= SURE or turn.intent == "EXTERNAL_idle"):
        return _INTERRUPTION
    if field.free and not _short_question(turn):
        return await field.read(turn)
    asks_something = turn.intent.startswith(INTERRUPTS) and turn.confidence >= (CLEAR if field.loose else SURE)
    if asks_something and field.loose:
        return _INTERRUPTION
    value = await field.read(turn)
    return _INTERRUPTION if value is None and asks_something else value


def _short_question(turn: Turn) -> bool:
    """Where any words would do, only a short, clear question is taken for one."""
    return turn.intent.startswith("info_") and turn.confidence >= CLEAR and len(turn.text.split()) <= 10


def picked(turn: Turn) -> str | None:
    """The value of a tapped choice."""
    return turn.entity("nilai") if turn.intent == "pilih" else None


def stop(turn: Turn, fields: Sequence[Field], keep: Sequence[str] = ()) -> None:
    """Forget the answers, so that the form can be filled anew."""
    for field in fields:
        if field.slot not in keep:
            turn.set(field.slot, None)
