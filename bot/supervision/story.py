"""What one conversation counts for, from its facts alone. docs/figures.md says it in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.supervision.bookings import Bookings, Fact, keys, milliseconds, quarter_of

HANDED_ON = ("transfer", "agent_gone")  # the customer is in people's hands already: no new hand-off
ARRIVED = ("delivered", "read", "played")
COUNTED = (None, "person", "late", "survey")  # what of a customer's messages is one: not reactions, edits, echoes
WAITS = (None, "person", "late")  # and what waits for an answer
Where = dict[str, str | None]  # dimension -> key


@dataclass(frozen=True, slots=True)
class Stay:
    """The conversation in one agent's hands. `wrap_ms`: None until writing up has ended."""

    conversation: str
    number: int
    agent: str
    channel: str | None
    team: str | None
    topic: str | None
    began_at: datetime
    ended_at: datetime | None
    wrap_ms: int | None


@dataclass
class _HandOff:
    """From asking for a person until the conversation is closed or back with the bot, however often it is handed on."""

    at: datetime
    reason: str
    team: str | None
    answered_by: str | None = None
    ended_at: datetime | None = None
    ended: str | None = None  # closed | returned


@dataclass
class _Held:
    agent: str
    team: str | None
    began: datetime
    ended: datetime | None = None
    wrap_began: datetime | None = None
    wrap_ms: int | None = None


@dataclass
class _Sent:
    at: datetime
    author: str
    states: set[str] = field(default_factory=set)


class Story:
    """Reads a conversation's facts in the order of the log. Its time never goes back: an earlier one counts as the time before it."""

    def __init__(self, conversation: str, target_ms: int) -> None:
        self._conversation = conversation
        self._target_ms = target_ms
        self._now: datetime | None = None
        self._channel: str | None = None
        self._topic: str | None = None
        self._team: str | None = None
        self._opened: datetime | None = None
        self._by_hand = False
        self._bot_answers = 0
        self._entered: datetime | None = None  # into the queue, this time
        self._waits_since: datetime | None = None
        self._first = False  # whether the answer waited for is the first of a hand-off
        self._hand_offs: list[_HandOff] = []
        self._held: list[_Held] = []
        self._closed: datetime | None = None
        self._received: dict[str, datetime] = {}
        self._sent: dict[str, _Sent] = {}
        self._booked: list[tuple[datetime, str, int, Where]] = []

    def read(self, facts: Iterable[Fact]) -> tuple[Bookings, list[Stay]]:
        """What it counts for, and its stays with agents, which are counted together with the agents' other ones."""
        for fact in facts:
            handle = getattr(self, f"_{fact.kind}", None)
            if handle is not None and fact.kind in KINDS:
                self._now = max(self._now or fact.at, fact.at)
                handle(fact, self._now)
        self._end()
        bookings: Bookings = Counter()
        for at, measure, amount, dimensions in self._booked:
            where = keys(channel=self._channel, topic=self._topic, **dimensions)
            bookings[(quarter_of(at), measure, where)] += amount
        stays = [
            Stay(self._conversation, number, one.agent, self._channel, one.team, self._topic, one.began, one.ended, one.wrap_ms)
            for number, one in enumerate(self._held)
        ]
        return Counter({booking: amount for booking, amount in bookings.items() if amount}), stays

    def _book(self, at: datetime, measure: str, amount: int = 1, where: Where | None = None) -> None:
        self._booked.append((at, measure, amount, where or {}))

    @property
    def _hand_off(self) -> _HandOff | None:
        return self._hand_offs[-1] if self._hand_offs and self._hand_offs[-1].ended is None else None

    @property
    def _in_hand(self) -> _Held | None:
        return self._held[-1] if self._held and self._held[-1].ended is None else None

    # --- one method for each kind of fact

    def _conversation_opened(self, fact: Fact, now: datetime) -> None:
        self._channel, self._opened = fact.data.get("channel"), now

    def _contact_recorded(self, fact: Fact, now: datetime) -> None:
        self._by_hand = True
        self._topic = fact.data.get("topic") or self._topic
        if fact.agent:
            self._held.append(_Held(fact.agent, None, now))

    def _owner_changed(self, fact: Fact, now: datetime) -> None:
        if (held := self._in_hand) is not None:
            held.ended = now
        after = fact.data.get("after")
        if after == "agent" and fact.agent:
            self._held.append(_Held(fact.agent, self._team, now))
        elif after in ("bot", "closed"):
            if self._waits_since is not None and self._held_last:
                self._book(now, "unanswered", where={"team": self._team, "agent": self._held_last})
            self._waits_since, self._first = None, False
            if (hand_off := self._hand_off) is not None:
                hand_off.ended_at, hand_off.ended = now, "closed" if after == "closed" else "returned"
            if after == "closed":
                self._closed = now

    @property
    def _held_last(self) -> str | None:
        return self._held[-1].agent if self._held else None

    def _handoff_offered(self, fact: Fact, now: datetime) -> None:
        reason, self._team, self._entered = fact.data.get("reason", ""), fact.data.get("team"), now
        if reason not in HANDED_ON:
            self._hand_offs.append(_HandOff(now, reason, self._team))
            self._waits_since, self._first = now, True
        elif self._waits_since is None:
            self._waits_since = now

    def _handoff_accepted(self, fact: Fact, now: datetime) -> None:
        where = {"team": self._team, "agent": fact.agent}
        self._book(now, "accepted", where=where)
        self._book(now, "queue_ms", milliseconds(now - (self._entered or now)), where=where)

    def _message_received(self, fact: Fact, now: datetime) -> None:
        skipped, happened = fact.data.get("skipped"), fact.happened_at
        if skipped in COUNTED:
            self._book(happened, "messages_in")
            self._received[fact.data.get("message", "")] = happened
        if skipped in WAITS and fact.data.get("owner") in ("queue", "agent") and self._waits_since is None:
            self._waits_since = happened

    def _message_sent(self, fact: Fact, now: datetime) -> None:
        author = fact.data.get("author", "")
        self._sent[fact.data.get("message", "")] = _Sent(now, author)
        if author != "agent":
            return
        if self._waits_since is not None:
            waited = milliseconds(now - self._waits_since)
            which, where = "first" if self._first else "next", {"team": self._team, "agent": fact.agent}
            self._book(now, f"{which}_responses", where=where)
            self._book(now, f"{which}_response_ms", waited, where=where)
            self._book(now, "responses_in_target", int(waited <= self._target_ms), where=where)
            self._waits_since, self._first = None, False
        if (hand_off := self._hand_off) is not None and hand_off.answered_by is None:
            hand_off.answered_by = fact.agent or ""

    def _message_status(self, fact: Fact, now: datetime) -> None:
        if (sent := self._sent.get(fact.data.get("message", ""))) is not None:
            sent.states.add(fact.data.get("status", ""))

    def _message_failed_to_channel(self, fact: Fact, now: datetime) -> None:
        if (sent := self._sent.get(fact.data.get("message", ""))) is not None:
            sent.states.add("failed")

    def _bot_answered(self, fact: Fact, now: datetime) -> None:
        self._topic = fact.data.get("topic") or self._topic
        self._bot_answers += 1
        asked = self._received.get(fact.data.get("message", ""))
        if asked is not None:
            self._book(now, "bot_responses")
            self._book(now, "bot_response_ms", milliseconds(now - asked))
            self._book(now, "bot_misunderstood", int(fact.data.get("understood") is False))

    def _topic_named(self, fact: Fact, now: datetime) -> None:
        self._topic = fact.data.get("topic") or self._topic

    def _conversation_closed(self, fact: Fact, now: datetime) -> None:
        where = {"team": self._team, "agent": self._held_last, "served": self._served}
        self._book(now, "closed", where=where)
        self._book(now, "resolved", int(fact.data.get("outcome") == "solved"), where=where)
        idle = fact.data.get("by") == "system" and fact.data.get("outcome") == "no_response"
        self._book(now, "idle_closes", int(idle), where=where)

    @property
    def _served(self) -> str:
        return "agent" if self._by_hand or any(one.answered_by is not None for one in self._hand_offs) else "bot"

    def _survey_answered(self, fact: Fact, now: datetime) -> None:
        score, at = int(fact.data.get("score", 0)), self._closed or now
        where = {"agent": fact.agent, "team": self._team if fact.agent else None, "served": fact.data.get("served")}
        self._book(at, "ratings", where=where)
        self._book(at, "rating_sum", score, where=where)
        self._book(at, "ratings_good", int(score >= 4), where=where)

    def _wrapup_started(self, fact: Fact, now: datetime) -> None:
        if self._held and self._held[-1].agent == fact.agent:
            self._held[-1].wrap_began = now

    def _wrapup_ended(self, fact: Fact, now: datetime) -> None:
        if self._held and self._held[-1].agent == fact.agent and (begun := self._held[-1].wrap_began) is not None:
            self._held[-1].wrap_ms = milliseconds(now - begun)

    def _offer_ended(self, fact: Fact, now: datetime) -> None:
        if (how := fact.data.get("how")) in ("accepted", "missed", "declined"):
            self._book(now, f"offers_{how}", where={"team": self._team, "agent": fact.agent})

    # --- what is known only at the end

    def _end(self) -> None:
        for one in self._hand_offs:
            where = {"reason": one.reason, "team": one.team}
            self._book(one.at, "handoffs", where=where)
            if one.answered_by is not None:
                self._book(one.at, "offered", where={**where, "agent": one.answered_by})
                self._book(one.at, "served", where={**where, "agent": one.answered_by})
            elif one.ended == "returned":
                self._book(one.at, "returned_unanswered", where=where)
            else:
                self._book(one.at, "offered", where=where)
                if one.ended == "closed" and one.ended_at is not None:
                    self._book(one.at, "abandoned", where=where)
                    self._book(one.at, "abandoned_ms", milliseconds(one.ended_at - one.at), where=where)
        for sent in self._sent.values():
            self._book(sent.at, "messages_out", where={"served": sent.author if sent.author in ("bot", "agent") else None})
            if sent.states.intersection(ARRIVED):
                self._book(sent.at, "messages_delivered")
            elif "failed" in sent.states:
                self._book(sent.at, "messages_failed")
        if self._opened is not None and not self._by_hand:
            self._book(self._opened, "opened")
            if self._hand_offs:
                self._book(self._opened, "handed_off")
            elif self._closed is not None and self._bot_answers:
                self._book(self._opened, "contained")
        elif self._opened is not None:
            self._book(self._opened, "contacts")


KINDS = frozenset(
    {
        "conversation_opened", "contact_recorded", "owner_changed", "handoff_offered", "handoff_accepted", "message_received", "message_sent",
        "message_status", "message_failed_to_channel", "bot_answered", "topic_named", "conversation_closed", "survey_answered",
        "wrapup_started", "wrapup_ended", "offer_ended",
    }
)  # fmt: skip
