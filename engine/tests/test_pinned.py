"""The engine overrides private methods of Rasa 3.6.21. When one of them changes, this says so before a customer does."""

from __future__ import annotations

import inspect

import pytest
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from engine.processor import TurnProcessor


def test_rasa_is_the_pinned_release() -> None:
    assert rasa.__version__ == "3.6.21"


@pytest.mark.parametrize(
    ("owner", "method", "parameters"),
    [
        (MessageProcessor, "_handle_message_with_tracker", ["self", "message", "tracker"]),
        (MessageProcessor, "run_action_extract_slots", ["self", "output_channel", "tracker"]),
        (MessageProcessor, "_run_prediction_loop", ["self", "output_channel", "tracker"]),
        (MessageProcessor, "_run_action", ["self", "action", "tracker", "output_channel", "nlg", "prediction"]),
        (MessageProcessor, "_log_action_on_tracker", ["self", "tracker", "action", "events", "prediction"]),
        (MessageProcessor, "_send_bot_messages", ["events", "tracker", "output_channel"]),
        (MessageProcessor, "_parse_message_with_graph", ["self", "message", "tracker", "only_output_properties"]),
        (MessageProcessor, "_predict_next_with_tracker", ["self", "tracker"]),
        (DaskGraphRunner, "run", ["self", "inputs", "targets"]),
        (GraphNode, "__call__", ["self", "inputs_from_previous_nodes"]),
        (Domain, "_get_user_sub_state", ["self", "tracker"]),
        (DialogueStateTracker, "generate_all_prior_trackers", ["self"]),
        (MessageProcessor, "_check_for_unseen_features", ["self", "parse_data"]),
        (RemoteAction, "_action_call_format", ["self", "tracker", "domain"]),
        (RemoteAction, "_validate_action_result", ["self", "result"]),
        (DialogueStateTracker, "from_events", ["sender_id", "evts", "slots", "max_event_history", "sender_source", "domain"]),
    ],
)
def test_what_is_overridden_is_as_it_was(owner: type, method: str, parameters: list) -> None:
    assert list(inspect.signature(getattr(owner, method)).parameters) == parameters


def test_the_same_methods_are_overridden() -> None:
    ours = {name for name, _ in inspect.getmembers(TurnProcessor, inspect.isfunction) if name in vars(TurnProcessor)}
    assert ours == {
        "__init__",
        "run_turn",
        "_run_action",
        "_parse_message_with_graph",
        "_predict_next_with_tracker",
        "_check_for_unseen_features",
    }
