"""Nobody closes as solved, or with a ticket, what the guide's steps were not done for: by the log, not by the row."""

from collections.abc import Iterator

from tests.simulation.day.checker.evidence import Evidence

NEEDED = {
    "solved": {"salam", "kebutuhan", "solusi", "bantuan_lain"},
    "ticket": {"salam", "verifikasi", "kebutuhan", "solusi", "bantuan_lain"},
}


def check(day: Evidence) -> Iterator[str]:
    people = {row["id"] for row in day.tables["users"]}
    for conversation, story in day.story.items():
        done: set[str] = set()
        for fact in story:
            data = fact["data"]
            if fact["kind"] == "step_done":
                done.add(data["step"])
            elif fact["kind"] == "step_undone":
                done.discard(data["step"])
            elif fact["kind"] == "steps_waived":
                done |= set(data["steps"])
            elif fact["kind"] == "conversation_closed" and data["by"] in people:
                missing = NEEDED.get(data["outcome"], set()) - done
                if missing:
                    yield f"conversation {conversation}: closed as {data['outcome']} without {', '.join(sorted(missing))} (fact {fact['id']})"
