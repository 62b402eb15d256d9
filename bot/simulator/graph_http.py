"""The HTTP side of the stand-in: addresses, token, answers. What is accepted is graph_standin.py's to decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.simulator.graph_errors import GraphError
from bot.simulator.samples import Sample

if TYPE_CHECKING:
    from bot.simulator.graph_standin import GraphStandIn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ADDRESS_LIFE = timedelta(minutes=5)
_UPLOAD_SIZE = 110 * 1024 * 1024
_VERSION = r"{version:v\d+\.\d+}"


def routes(standin: GraphStandIn) -> list[web.RouteDef]:
    """The documented subset of the Graph API: messages, media upload, media address, media bytes."""

    def guarded(handler: Callable[[GraphStandIn, web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                if not standin.authorised(request.headers.get("Authorization")):
                    raise GraphError(190, "Authentication Error: the access token is not valid.")
                return await handler(standin, request)
            except GraphError as error:
                return error.response()

        return handle

    return [
        web.post(f"/{_VERSION}/{{number}}/messages", guarded(_messages)),
        web.post(f"/{_VERSION}/{{number}}/media", guarded(_upload)),
        web.get(f"/{_VERSION}/{{media_id}}", guarded(_describe)),
        web.get("/attachments/{media_id}", guarded(_file)),
    ]


async def _messages(standin: GraphStandIn, request: web.Request) -> web.StreamResponse:
    _check_number(standin, request.match_info["number"])
    body = await _json_object(request)
    if body.get("status") == "read":
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        standin.mark_read(body)
        return web.json_response({"success": True})
    faults = standin.faults
    if faults.delay_ms:
        await asyncio.sleep(faults.delay_ms / 1000)
    code = faults.next_refusal()
    if code is not None:
        raise GraphError(code, "Refused on purpose by the stand-in.")
    silence = faults.next_silence()
    if silence and not faults.accept_first:
        return await _no_answer(standin, request, silence)
    wamid, who = standin.accept(body)
    if silence:
        return await _no_answer(standin, request, silence)
    contact = {"input": body["to"], "wa_id": who.wa_id} if body.get("to") else {"input": who.bsuid, "user_id": who.bsuid}
    return web.json_response({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]})


async def _no_answer(standin: GraphStandIn, request: web.Request, how: str) -> web.StreamResponse:
    if how == "hang":
        await standin.hang()
    elif how == "drop" and request.transport is not None:
        request.transport.abort()
    return web.Response(status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html")


async def _upload(standin: GraphStandIn, request: web.Request) -> web.StreamResponse:
    _check_number(standin, request.match_info["number"])
    if not request.content_type.startswith("multipart/"):
        raise GraphError(131008, "The upload must be multipart/form-data.")
    # Mounted as a sub-app, the outer app's much smaller limit would hold.
    form = await request.clone(client_max_size=_UPLOAD_SIZE).post()
    file = form.get("file")
    data = b""
    if isinstance(file, web.FileField):
        with file.file as stream:  # a temporary file when large
            data = stream.read()
    if form.get("messaging_product") != "whatsapp" or not isinstance(file, web.FileField):
        raise GraphError(131008, "The parameters messaging_product and file are required.")
    mime = str(form.get("type") or file.content_type).split(";")[0]
    shelved = standin.media.upload(Sample(data, mime, file.filename), standin.clock())
    return web.json_response({"id": shelved.id})


async def _describe(standin: GraphStandIn, request: web.Request) -> web.StreamResponse:
    if "phone_number_id" in request.query:
        _check_number(standin, request.query["phone_number_id"])
    now = standin.clock()
    shelved = standin.media.get(request.match_info["media_id"], now)
    # Whatever prefix we are mounted under stays in front.
    prefix = request.path.removesuffix(f"/{request.match_info['version']}/{shelved.id}")
    address = request.url.origin().with_path(f"{prefix}/attachments/{shelved.id}")
    address = address.with_query({"expires": str(int((now + _ADDRESS_LIFE).timestamp()))})
    return web.json_response(
        {
            "messaging_product": "whatsapp",
            "url": str(address),
            "mime_type": shelved.mime,
            "sha256": shelved.sha256,
            "file_size": len(shelved.data),
            "id": shelved.id,
        }
    )


async def _file(standin: GraphStandIn, request: web.Request) -> web.StreamResponse:
    now, expires = standin.clock(), request.query.get("expires", "")
    if not expires.isdecimal() or int(expires) <= now.timestamp():
        return web.Response(status=404)
    shelved = standin.media.get(request.match_info["media_id"], now)
    data = shelved.data
    if standin.faults.corrupt_media:
        data = data[:-1] + bytes([data[-1] ^ 1])
    return web.Response(body=data, headers={"Content-Type": shelved.mime})


def _check_number(standin: GraphStandIn, number: str) -> None:
    if number != standin.phone_number_id:
        details = (
            f"Object with ID '{number}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
        )
        raise GraphError(100, details, subcode=33)


async def _json_object(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    return body
