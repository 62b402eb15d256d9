"""The engine's HTTP side, on loopback only and behind a shared token.

POST /turn    one turn of one conversation; 409 when the engine does not hold its state, 502 when an action failed
POST /parse   what the model makes of a text
POST /model   serve another model from the next turn on; 422 when it cannot be loaded, and the one in service stays
GET  /health  the model in service
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional

from aiohttp import web
from rasa.shared.core.events import Event

from engine.actions import ServiceActions, TurnCall, current_call
from engine.dialogues import LiveDialogues, build, cut, due_for_cutting, new_dialogue
from engine.models import CannotLoad, ModelInService
from engine.processor import ActionFailed, TurnProcessor, user_message

log = logging.getLogger(__name__)
IN_FLIGHT = 16  # turns at once: more only lengthens everybody's wait (docs/decisions/0002-stateless-engine.md)


@dataclass
class Engine:
    """What one engine process holds."""

    model: ModelInService
    actions: ServiceActions
    token: str
    dialogues: LiveDialogues = field(default_factory=lambda: LiveDialogues(5000))
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))


ENGINE: web.AppKey[Engine] = web.AppKey("engine", Engine)


@web.middleware
async def require_token(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse whoever does not know the shared token."""
    if request.path == "/health":
        return await handler(request)
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {request.app[ENGINE].token}".encode()):
        return web.json_response({"error": "unauthorised"}, status=401)
    return await handler(request)


async def health(request: web.Request) -> web.Response:
    return web.json_response({**_serving(request.app[ENGINE]), "held": len(request.app[ENGINE].dialogues)})


def _serving(engine: Engine) -> Dict[str, Any]:
    return {"model": engine.model.processor.model_id, "file": engine.model.processor.model_filename}


async def parse(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    body = await _body(request)
    if not isinstance(body.get("text"), str):
        return _bad("text")
    with engine.model.use() as processor:
        result = await processor.parse_message(user_message(body["text"], "parse", "parse", None, {}))
    return web.json_response(insight(result))


async def change_model(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    body = await _body(request)
    name, model = body.get("file"), body.get("model")
    if not isinstance(name, str) or not isinstance(model, (str, type(None))):
        return _bad("file, model")
    try:
        changed = await engine.model.change(name, model, engine.actions)
    except CannotLoad as error:
        log.warning("not changed: %s", error)
        return web.json_response({"error": "cannot_load", "reason": error.reason, "detail": error.detail[:500]}, status=422)
    if changed:
        engine.dialogues.clear()  # of the model before: each is of no use, and holds a part of it
    return web.json_response({**_serving(engine), "changed": changed})


async def turn(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    body = await _body(request)
    wrong = _wrong_field(body)
    if wrong:
        return _bad(wrong)
    async with engine.slots:
        with engine.model.use() as processor:
            return await _turn(engine, processor, body)


async def _body(request: web.Request) -> Dict[str, Any]:
    """The request's JSON object; an empty one for anything else."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _bad(field_name: str) -> web.Response:
    return web.json_response({"error": "bad_request", "field": field_name}, status=400)


def _wrong_field(body: Dict[str, Any]) -> Optional[str]:
    """The first field of a turn that is missing or of the wrong type."""
    version, message = body.get("version"), body.get("message")
    state, slots = body.get("state"), body.get("slots")
    if not all(isinstance(body.get(name), str) for name in ("conversation_id", "turn", "callback")):
        return "conversation_id, turn, callback"
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        return "version"
    if not isinstance(message, dict) or not isinstance(message.get("id"), str) or not isinstance(message.get("text"), (str, type(None))):
        return "message"
    payload, metadata = message.get("payload") or {}, message.get("metadata") or {}
    if not isinstance(payload, dict) or not isinstance(metadata, dict) or (payload and not isinstance(payload.get("intent"), str)):
        return "message.payload"
    if not isinstance(payload.get("entities") or {}, dict):
        return "message.payload.entities"
    if not isinstance(slots, (dict, type(None))) or not isinstance(body.get("after"), (str, type(None))):
        return "slots, after"
    if state is not None and not (isinstance(state, list) and all(isinstance(e, dict) and isinstance(e.get("event"), str) for e in state)):
        return "state"
    return None


async def _turn(engine: Engine, processor: TurnProcessor, body: Dict[str, Any]) -> web.Response:
    conversation, version = body["conversation_id"], body["version"]
    tracker = engine.dialogues.take(conversation, body.get("after"), processor.model_id)
    if tracker is None:
        if version == 0:
            events: List[Event] = new_dialogue(body.get("slots") or {})
        elif body.get("state") is not None:
            events = [Event.from_parameters(e) for e in body["state"]]
        else:
            return web.json_response({"error": "state_needed"}, status=409)
        tracker = build(conversation, [e for e in events if e is not None], processor.domain)
    started = 0 if version == 0 else len(tracker.events)
    token = current_call.set(TurnCall(body["turn"], body["callback"]))
    try:
        message = body["message"]
        said = user_message(message.get("text"), conversation, message["id"], _given(message), message.get("metadata") or {})
        responses = await processor.run_turn(tracker, said)
    except ActionFailed as error:
        log.warning("turn %s failed: %s", body["turn"], error)
        return web.json_response({"error": "action_failed", "detail": str(error)[:300]}, status=502)
    finally:
        current_call.reset(token)
    new_events = [e.as_dict() for e in itertools.islice(tracker.events, started, None)]
    shorter = None
    if due_for_cutting(len(tracker.events) - len(new_events), len(tracker.events)):
        shorter = cut(tracker, processor.domain, processor.decisions.view)
        tracker = shorter or tracker
    if processor is engine.model.processor:
        engine.dialogues.put(conversation, body["turn"], processor.model_id, tracker)
    latest = tracker.latest_message
    loop = tracker.active_loop
    return web.json_response(
        {
            "version": version + 1,
            "model": processor.model_id,
            "responses": responses,
            "new_events": new_events,
            "seed": [e.as_dict() for e in shorter.events] if shorter is not None else None,
            "insight": insight(latest.parse_data) if latest and latest.parse_data else None,
            "form": loop.name if loop else None,
            "slots": {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None},
        }
    )


def _given(message: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """Parse data for a message whose meaning is known: {"intent": name, "entities": {name: value}}."""
    payload = message.get("payload")
    if not payload:
        return None
    intent = {"name": payload["intent"], "confidence": 1.0}
    entities = [{"entity": k, "value": v, "confidence": 1.0} for k, v in (payload.get("entities") or {}).items()]
    return {"text": message.get("text") or "", "intent": intent, "intent_ranking": [intent], "entities": entities}


def insight(parsed: Dict[str, Any]) -> Dict[str, Any]:
    """The part of a parse worth keeping."""
    entities = [{"entity": e["entity"], "value": e["value"]} for e in parsed.get("entities", [])]
    ranking = [{"name": r["name"], "confidence": round(r["confidence"], 4)} for r in parsed.get("intent_ranking", [])[:4]]
    intent = parsed.get("intent") or {}
    found = {
        "intent": intent.get("name"),
        "confidence": round(intent.get("confidence") or 0.0, 4),
        "ranking": ranking,
        "entities": entities,
    }
    return {**found, **({"second": parsed["second"]} if parsed.get("second") else {})}


def create_app(processor: TurnProcessor, actions: ServiceActions, token: str, folder: Path = Path("models")) -> web.Application:
    """The application; `actions` opens and closes with it. `folder`: where other models lie."""
    app = web.Application(middlewares=[require_token], client_max_size=16 * 2**20)
    app[ENGINE] = Engine(ModelInService(processor, folder), actions, token)
    app.add_routes([web.get("/health", health), web.post("/parse", parse), web.post("/model", change_model), web.post("/turn", turn)])

    async def connection(_app: web.Application) -> Any:
        await actions.open()
        yield
        await actions.close()

    app.cleanup_ctx.append(connection)
    return app
