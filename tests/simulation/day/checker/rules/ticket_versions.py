"""Every change of a ticket is one fact and one version; what was asked for was done once, and what was done had been asked for; the row is
what the log says. Of two who do the same at once, one does."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence, moment

STEPS = (
    "accept",
    "return",
    "dispatch",
    "assign",
    "wait",
    "propose",
    "work",
    "resume",
    "solve",
    "confirm",
    "no_response",
    "reopen",
    "merge",
)
BESIDE = {"calls": ("solve", "confirm", "reopen", "unsolved"), "": ("fields",)}  # what else brings such a change
STATE = ("status", "unit", "hop", "accepted", "kind", "topic", "product", "category", "priority")


def check(day: Evidence) -> Iterator[str]:
    for ticket in day.tables["tickets"]:
        number, facts = ticket["number"], day.of_ticket[ticket["number"]]
        if ticket["version"] != len(facts):
            yield f"ticket {number} has version {ticket['version']} and {len(facts)} facts"
        last = facts[-1]["data"]["state"] if facts else {}
        said = {name: ticket[name] for name in STATE} | {"assignee": ticket["assignee_id"]}
        for name, value in last.items():
            if said.get(name) != value and not (name == "accepted" and bool(said[name]) == value):
                yield f"ticket {number}: {name} is {said.get(name)!r} in its row and {value!r} in its log"
        accepted = Counter(f["data"]["state"]["hop"] for f in facts if f["data"]["what"] == "accept")
        for hop, count in accepted.items():
            if count > 1:
                yield f"ticket {number} was accepted {count} times in hop {hop}"
    yield from _asked_for(day)


def _asked_for(day: Evidence) -> Iterator[str]:
    """One success of a call is one fact of its agent, then; a success may be lost on its way, so there may be a fact more."""
    done: Counter[tuple[str, str, str]] = Counter()
    tried = set()
    for call in day.record["desk"]:
        path = call["call"].partition(" ")[2].split("/")
        if path[:4] != ["", "api", "desk", "tickets"] or call["call"].startswith("GET") or len(path) < 5:
            continue
        number, action = path[4], path[5] if len(path) > 5 else ""
        step = {"": "fields"}.get(action, action)
        tried |= {(number, each, call["agent"], moment(call["at"])) for each in BESIDE.get(action, (step,))}
        if step in (*STEPS, "fields") and call["status"] == 200:
            done[number, step, call["agent"]] += 1
    made: Counter[tuple[str, str, str]] = Counter()
    for fact in day.of_kind("ticket_changed"):
        number, what, agent = fact["data"]["ticket"], fact["data"]["what"], fact["agent_id"]
        made[number, what, agent] += 1
        if (number, what, agent, fact["at"]) not in tried:
            yield f"ticket {number}: {what} by {agent} (fact {fact['id']}), who had not asked for it"
    for key, count in done.items():
        if made[key] < count:
            yield f"ticket {key[0]}: {key[1]} was answered {count} times as done, and was done {made[key]} times"
