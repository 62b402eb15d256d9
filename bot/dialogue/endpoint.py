"""POST /internal/actions: Rasa's action endpoint, beside the services that actions call. Loopback and the shared token only."""

from __future__ import annotations

import hmac
import ipaddress
import logging

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException

from bot.bodies import read_object
from bot.dialogue.unit import Unit, current_unit

log = logging.getLogger(__name__)
CALL_LIMIT = 8 * 2**20


class ActionEndpoint:
    """Runs an action for the turn that is under way in this process; `units` holds those turns."""

    def __init__(self, package: str, token: str) -> None:
        self.units: dict[str, Unit] = {}
        self._token = token
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def handle(self, request: web.Request) -> web.Response:
        """200 with events and responses; 401/403 strangers; 410 unknown turn; 449 domain wanted; 400 rejected; 404 no such action; 500 failed."""
        if not _is_loopback(request.remote):
            return web.json_response({"error": "loopback only"}, status=403)
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return web.json_response({"error": "unauthorised"}, status=401)
        call = await read_object(request, CALL_LIMIT)
        if not isinstance(call.get("next_action"), str) or not isinstance(call.get("turn"), str):
            return web.json_response({"error": "no action call"}, status=400)
        unit = self.units.get(call["turn"])
        if unit is None:
            return web.json_response({"error": "unknown turn"}, status=410)
        token = current_unit.set(unit)
        try:
            result = await self._executor.run(call)
        except ActionMissingDomainException as error:
            return web.json_response({"error": str(error), "action_name": call.get("next_action")}, status=449)
        except ActionExecutionRejection as error:
            return web.json_response({"error": str(error), "action_name": error.action_name}, status=400)
        except ActionNotFoundException as error:
            return web.json_response({"error": str(error), "action_name": error.action_name}, status=404)
        except Exception:
            log.exception("action %s failed", call.get("next_action"))
            return web.json_response({"error": "action failed", "action_name": call.get("next_action")}, status=500)
        finally:
            current_unit.reset(token)
        return web.json_response(result.model_dump() if result else {"events": [], "responses": []})


def _is_loopback(remote: str | None) -> bool:
    try:
        return ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        return False
