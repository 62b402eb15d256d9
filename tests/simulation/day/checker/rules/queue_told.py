"""Whoever waits in the queue is told so after 3, 9 and 21 minutes, to the second, and not when they wait no more."""

from collections.abc import Iterator
from datetime import timedelta

from tests.simulation.day.checker.evidence import Evidence, moment

LEASE = timedelta(seconds=30)


def check(day: Evidence) -> Iterator[str]:
    promise = day.seconds("handoff.promise_after_s")
    disturbed = {moment(f["at"]) for f in day.record["faults"] if f["what"] in ("crash", "database")}
    for conversation, story in day.story.items():
        told = [f["at"] for f in story if f["kind"] == "queue_notice"]
        wanted = []
        for number, fact in enumerate(story):
            if fact["kind"] != "owner_changed" or fact["data"]["after"] != "queue" or fact["data"]["reason"] == "late":
                continue
            left = next((f["at"] for f in story[number + 1 :] if f["kind"] == "owner_changed"), day.ended_at)
            due = fact["at"]
            for pause in (promise, 2 * promise, 4 * promise):
                due += pause
                while due in disturbed:
                    due += LEASE
                if due > left or (due == left and due not in told):
                    break
                wanted.append(due)
        if told != wanted:
            shown = [f"{at:%H:%M:%S}" for at in told], [f"{at:%H:%M:%S}" for at in wanted]
            yield f"conversation {conversation}: told of the queue at {shown[0]}, due at {shown[1]}"
