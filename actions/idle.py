"""The idle rule within the dialogue: fired by the service's timer as the external event EXTERNAL_idle."""

from __future__ import annotations

from actions.turn import Turn, action
from bot.conversations.closing import AskedIfThere, CloseConversation, farewell
from bot.conversations.idle import IdleState, IdleStep, decide_idle
from bot.conversations.service import idle_times


@action("action_check_idle")
async def check_idle(turn: Turn) -> None:
    """Asks whether the customer is still there, or closes; nothing while the customer is not waited for."""
    row = turn.unit.conversation
    decision = decide_idle(IdleState(row.owner, row.idle_since, row.idle_stage), idle_times(turn.client), turn.unit.now)
    if decision.step == IdleStep.ASK:
        turn.say(turn.client.idle.question)
        turn.stage(AskedIfThere(row.idle_stage))
    elif decision.step == IdleStep.CLOSE:
        last = farewell(turn.client, turn.unit.library.calendar, turn.unit.now, turn.client.idle.goodbye)
        turn.say(last.text, last.choices, last.list_label)
        turn.unit.mark("penutup")
        turn.stage(CloseConversation("no_response", by="system"))
        turn.unit.closed = True
