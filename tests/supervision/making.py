"""Random days of a contact centre as an event log: plausible, interleaved, with times that are late and out of order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Line = dict[str, Any]
AGENTS = ("RANI", "BUDI", "SITI")
TEAMS = ("tier1", "cs_digital")


class Making:
    """`lines(n)` gives the next n lines. Time moves on as it goes, over midnights and the end of a month."""

    def __init__(self, seed: int, start: datetime) -> None:
        self._random = random.Random(seed)
        self._now = start
        self._count = 0
        self._live: list[Iterator[Line]] = []

    def lines(self, number: int) -> list[Line]:
        made: list[Line] = []
        while len(made) < number:
            roll = self._random.random()
            self._now += timedelta(milliseconds=self._random.choice((0, 1, 700, 7_000, 60_000, 300_000)) + self._random.randrange(3))
            if roll < 0.1 or not self._live:
                self._count += 1
                kind = self._random.choices((self._chat, self._contact, self._agent, self._ticket, self._halts), (12, 1, 2, 2, 1))[0]
                self._live.append(kind(f"S{self._count:05}"))
            one = self._random.choice(self._live)
            try:
                made.append(next(one))
            except StopIteration:
                self._live.remove(one)
        return made

    def _line(self, kind: str, conversation: str | None = None, agent: str | None = None, late: float = 0, **data: Any) -> Line:
        back = self._random.choice((0, 0, 0, 0, 0.4, 3))  # a transaction that began earlier than it wrote
        at = self._now - timedelta(seconds=back)
        return {
            "kind": kind,
            "at": at,
            "channel_at": at - timedelta(seconds=late) if kind in ("message_received", "message_status") else None,
            "conversation_id": conversation,
            "customer_id": None,
            "agent_id": agent,
            "ticket": data.get("ticket"),
            "data": data,
        }

    def _message(self, c: str, n: int, owner: str, skipped: str | None) -> Line:
        return self._line("message_received", c, message=f"{c}-{n}", owner=owner, skipped=skipped, late=self._random.choice((0, 0, 2, 900)))

    def _owner(self, c: str, before: str, after: str, agent: str | None = None) -> Line:
        return self._line("owner_changed", c, agent, before=before, after=after)

    def _chat(self, c: str) -> Iterator[Line]:
        r = self._random
        yield self._line("conversation_opened", c, channel=r.choice(("livechat", "whatsapp")))
        sent: list[str] = []
        served, agent, team = "bot", None, None
        owner = "bot"
        for n in range(1, r.randrange(2, 15)):
            if owner == "bot":
                yield self._message(c, n, owner, r.choice((None, None, "late", "reaction")))
                if r.random() < 0.7:
                    topic = r.choice((None, "gadai", "emas"))
                    yield self._line("message_sent", c, author="bot", message=f"{c}-b{n}")
                    sent.append(f"{c}-b{n}")
                    yield self._line(
                        "bot_answered", c, message=r.choice((f"{c}-{n}", "idle-1-1")), topic=topic, understood=r.random() < 0.8
                    )
                if r.random() < 0.4:
                    owner, team = "queue", r.choice(TEAMS)
                    yield self._owner(c, "bot", "queue")
                    yield self._line("handoff_offered", c, reason=r.choice(("requested", "fallback")), team=team, episode=1)
            elif owner == "queue":
                what = r.random()
                agent = r.choice(AGENTS)
                if what < 0.2:
                    yield self._message(c, n, owner, "person")
                elif what < 0.35:
                    yield self._line("offer_ended", c, agent, how=r.choice(("missed", "declined", "withdrawn")))
                elif what < 0.45:
                    owner = "bot"
                    yield self._owner(c, "queue", "bot")
                else:
                    owner = "agent"
                    yield self._line("offer_ended", c, agent, how="accepted")
                    yield self._owner(c, "queue", "agent", agent)
                    yield self._line("handoff_accepted", c, agent, episode=1)
            else:
                what = r.random()
                if what < 0.35:
                    yield self._message(c, n, owner, r.choice(("person", "person", "echo")))
                elif what < 0.75:
                    yield self._line("message_sent", c, agent, author="agent", message=f"{c}-a{n}")
                    sent.append(f"{c}-a{n}")
                    served = "agent"
                elif what < 0.83:
                    yield self._line("topic_named", c, agent, topic=r.choice(("gadai", "keluhan")))
                elif what < 0.92:
                    owner, team = "queue", r.choice(TEAMS)
                    yield self._owner(c, "agent", "queue")
                    yield self._line("handoff_offered", c, reason=r.choice(("transfer", "agent_gone")), team=team, episode=2)
                else:
                    owner = "bot"
                    yield self._owner(c, "agent", "bot")
            if sent and r.random() < 0.3:
                yield self._status(c, r.choice(sent))
        if r.random() < 0.15:
            return  # left open
        yield self._owner(c, owner, "closed")
        by = r.choice(("system", "bot", "RANI"))
        yield self._line("conversation_closed", c, by=by, outcome=r.choice(("solved", "no_response", "ticket")))
        if owner == "agent":
            yield self._line("wrapup_started", c, agent)
            if r.random() < 0.9:
                yield self._line("wrapup_ended", c, agent, by="system")
        for message in sent:
            if r.random() < 0.4:
                yield self._status(c, message)
        if r.random() < 0.5:
            rated = agent if served == "agent" else None
            yield self._line("survey_answered", c, rated, score=r.randrange(1, 6), served="agent" if rated else "bot")

    def _status(self, c: str, message: str) -> Line:
        if self._random.random() < 0.2:
            return self._line("message_failed_to_channel", c, message=message, code=1)
        return self._line("message_status", c, message=message, status=self._random.choice(("sent", "delivered", "read", "failed")))

    def _contact(self, c: str) -> Iterator[Line]:
        agent = self._random.choice(AGENTS)
        yield self._line("conversation_opened", c, channel="phone")
        yield self._line("contact_recorded", c, agent, channel="phone", topic="gadai")
        yield self._line("contact_said", c, agent, author="agent", message=f"{c}-1")
        if self._random.random() < 0.2:
            yield self._owner(c, "agent", "queue")
            yield self._line("handoff_offered", c, reason="transfer", team="tier1", episode=1)
            yield self._owner(c, "queue", "agent", "SITI")
            yield self._line("handoff_accepted", c, "SITI", episode=1)
            agent = "SITI"
        yield self._owner(c, "agent", "closed")
        yield self._line("conversation_closed", c, by=agent, outcome="solved")
        yield self._line("wrapup_started", c, agent)
        yield self._line("wrapup_ended", c, agent, by=agent)

    def _agent(self, _name: str) -> Iterator[Line]:
        agent = self._random.choice(AGENTS)
        for _ in range(self._random.randrange(1, 6)):
            state = self._random.choice(("ready", "aux", "wrapup", "offline"))
            reason = self._random.choice(("ibadah", "toilet")) if state == "aux" else None
            yield self._line("agent_state_changed", None, agent, state=state, reason=reason)

    def _ticket(self, name: str) -> Iterator[Line]:
        state = {"status": "open", "unit": "tier1", "topic": "keluhan"}
        yield self._line("ticket_opened", None, ticket=name, what="opened", state=dict(state))
        for _ in range(self._random.randrange(5)):
            if self._random.random() < 0.3:
                told = {"what": self._random.choice(("breach", "reminder")), "scope": self._random.choice(("hop", "overall"))}
                yield self._line("ticket_alerted", None, ticket=name, **told)
            else:
                state |= {"status": self._random.choice(("open", "escalated", "solved", "no_response")), "unit": self._random.choice(TEAMS)}
                yield self._line("ticket_changed", None, ticket=name, what="x", state=dict(state))

    def _halts(self, _name: str) -> Iterator[Line]:
        until = self._random.choice((None, (self._now + timedelta(minutes=20)).isoformat()))
        yield self._line("channel_halted", account="A", code=1, until=until)
        if self._random.random() < 0.7:
            yield self._line("channel_resumed", account="A")
