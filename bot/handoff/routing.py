"""Which waiting conversation is put before which agent. Pure: no database, no clock.

Conversations are looked at in the order of service; one that nobody can take holds up nobody behind it. Of the agents who may take it, those who
were asked least in this episode come first, then who served this customer today, then who has waited longest for work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

FRONT = ("agent_gone", "transfer")  # reasons of a hand-off whose customer has waited before


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued conversation that is offered to nobody now. `asked`: how often each agent declined or missed it in this episode; `resting`: who
    declined just now, and is not asked again at once."""

    id: str
    team: str
    since: datetime
    urgent: bool = False
    reason: str | None = None
    topic: str | None = None
    language: str = "id"
    for_agent: str | None = None
    not_for: str | None = None  # who gave it away
    served_by: str | None = None  # who last served this customer today
    asked: Mapping[str, int] = field(default_factory=dict)
    resting: Collection[str] = ()

    @property
    def order(self) -> tuple[bool, bool, datetime, str]:
        """Urgent first, then who was handed on, then by when the customer began to wait."""
        return not self.urgent, self.reason not in FRONT, self.since, self.id


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who is ready at a desk that lives. `topics`, `languages`: None means all. `offered`: offers open before them."""

    id: str
    team: str
    capacity: int
    load: int
    free_since: datetime
    offered: int = 0
    topics: Collection[str] | None = None
    languages: Collection[str] | None = None

    @property
    def room(self) -> int:
        """How many more they may have."""
        return max(0, self.capacity - self.load)


@dataclass(frozen=True, slots=True)
class Match:
    """Put this conversation before this agent."""

    conversation: str
    agent: str


def may_take(agent: Agent, waiting: Waiting) -> bool:
    """Whether it is the agent's work at all: team and skills, or it was handed to them by name. Room is another question."""
    if agent.id == waiting.not_for or agent.id in waiting.resting:
        return False
    if agent.id == waiting.for_agent:
        return True
    if agent.team != waiting.team:
        return False
    knows_topic = agent.topics is None or waiting.topic is None or waiting.topic in agent.topics
    return knows_topic and (agent.languages is None or waiting.language in agent.languages)


def match(queue: Iterable[Waiting], agents: Sequence[Agent], sticky: bool = True) -> list[Match]:
    """Who is offered what now. Nobody gets more than their room, and no conversation two agents."""
    floor = {agent.id: agent for agent in agents if agent.room}
    found = []
    for waiting in sorted(queue, key=lambda each: each.order):
        if not floor:
            break
        able = [agent for agent in floor.values() if may_take(agent, waiting)]
        if not able:
            continue
        chosen = min(able, key=lambda agent: _preference(agent, waiting, sticky))
        found.append(Match(waiting.id, chosen.id))
        chosen = replace(chosen, load=chosen.load + 1, offered=chosen.offered + 1)
        if chosen.room:
            floor[chosen.id] = chosen
        else:
            del floor[chosen.id]
    return found


def _preference(agent: Agent, waiting: Waiting, sticky: bool) -> tuple[bool, int, bool, int, datetime, str]:
    named = agent.id == waiting.for_agent
    known = sticky and agent.id == waiting.served_by
    return not named, waiting.asked.get(agent.id, 0), not known, agent.offered, agent.free_since, agent.id
