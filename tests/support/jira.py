"""A stand-in of Jira Service Management: the documented endpoints with their paging, rate limits and errors, and signed webhooks.

Faults are told by the test: `away` (503), `gone` (the connection breaks), `limits` (so many 429), `lose` (the next call of this kind is
carried out, its answer is lost), `refuse` (the next call of this kind is a 400). A new issue is found by search `lag` calls later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

Json = dict[str, Any]
PROJECT = "ARIANA"
# status -> {transition: status}
WORKFLOW = {
    "Waiting for support": {
        "Start": "In Progress",
        "Wait for customer": "Waiting for customer",
        "Escalate": "Escalated",
        "Resolve": "Resolved",
    },
    "In Progress": {"Wait for customer": "Waiting for customer", "Escalate": "Escalated", "Resolve": "Resolved"},
    "Waiting for customer": {"Start": "In Progress", "Escalate": "Escalated", "Resolve": "Resolved"},
    "Escalated": {"Start": "In Progress", "Wait for customer": "Waiting for customer", "Resolve": "Resolved"},
    "Resolved": {"Reopen": "Reopened"},
    "Reopened": {"Start": "In Progress", "Resolve": "Resolved"},
}
_PATH = re.compile(r"\w+-\d+")


@dataclass
class Issue:
    key: str
    fields: Json
    status: str = "Waiting for support"
    updated: int = 0
    comments: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    found_after: int = 0


@dataclass
class JiraStandIn:
    """`calls`: what was asked, in order: (kind, issue). `hooks`: webhooks not sent yet."""

    user: str = "bot@example.com"
    token: str = "jira-token"
    secret: str = "jira-webhook-secret"
    page: int = 2
    lag: int = 0
    away: bool = False
    gone: bool = False
    limits: int = 0
    lose: list[str] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    issues: dict[str, Issue] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    hooks: list[Json] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    url: str = ""
    _ids: Any = field(default_factory=lambda: itertools.count(10_000))
    _server: TestServer | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=2**26)
        desk, api = "/rest/servicedeskapi/request", "/rest/api/3"
        app.add_routes(
            [
                web.post(desk, self._does("create", self._create)),
                web.get(f"{desk}/{{key}}/comment", self._does("comments", self._list_comments)),
                web.post(f"{desk}/{{key}}/comment", self._does("comment", self._comment)),
                web.get(f"{api}/issue/{{key}}/transitions", self._does("transitions", self._transitions)),
                web.post(f"{api}/issue/{{key}}/transitions", self._does("transition", self._transition)),
                web.post(f"{api}/issue/{{key}}/attachments", self._does("attach", self._attach)),
                web.get(f"{api}/issue/{{key}}", self._does("issue", self._issue)),
                web.get(f"{api}/search/jql", self._does("search", self._search)),
                web.get(f"{api}/attachment/content/{{id}}", self._does("content", self._content)),
            ]
        )
        self._server = TestServer(app)
        await self._server.start_server()
        self.url = str(self._server.make_url("/")).rstrip("/")

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.close()

    # --- what people do in Jira

    def moves(self, key: str, status: str) -> None:
        issue = self.issues[key]
        before, issue.status = issue.status, status
        self._told(issue, "jira:issue_updated", changelog={"items": [{"field": "status", "fromString": before, "toString": status}]})

    def writes(self, key: str, text: str, name: str = "Dewi Ariana", public: bool = False) -> str:
        issue = self.issues[key]
        comment = {"id": str(next(self._ids)), "body": text, "public": public, "author": {"displayName": name}}
        issue.comments.append(comment)
        self._told(issue, "comment_created", comment=comment)
        return str(comment["id"])

    def adds_file(self, key: str, name: str, data: bytes) -> str:
        issue, file = self.issues[key], str(next(self._ids))
        self.files[file] = data
        issue.attachments.append({"id": file, "filename": name, "size": len(data)})
        self._told(issue, "jira:issue_updated", changelog={"items": [{"field": "Attachment", "to": file, "toString": name}]})
        return file

    def _told(self, issue: Issue, event: str, **more: Any) -> None:
        issue.updated = next(self._ids)
        fields = {"summary": issue.fields["summary"], "status": {"name": issue.status}}
        body = {"timestamp": issue.updated, "webhookEvent": event, "issue": {"id": "1", "key": issue.key, "fields": fields}, **more}
        self.hooks.append({"id": f"hook-{issue.updated}", "body": body})

    async def send(self, to: str, hook: Json, secret: str | None = None) -> int:
        """Post one webhook, signed; the status it was answered with."""
        raw = json.dumps(hook["body"]).encode()
        signature = "sha256=" + hmac.new((self.secret if secret is None else secret).encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": signature, "X-Atlassian-Webhook-Identifier": hook["id"], "Content-Type": "application/json"}
        async with aiohttp.ClientSession() as session, session.post(to, data=raw, headers=headers) as answer:
            return answer.status

    async def send_all(self, to: str) -> None:
        """Post every webhook that waits, in order."""
        while self.hooks:
            assert await self.send(to, self.hooks.pop(0)) == 200

    # --- the API

    def _does(self, kind: str, handler: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            if self.gone:
                self._break(request)
            if self.away:
                return web.json_response({"errorMessages": ["Service unavailable"]}, status=503)
            if request.headers.get("Authorization") != aiohttp.encode_basic_auth(self.user, self.token):
                return web.json_response({"errorMessages": ["Unauthorized"]}, status=401)
            if self.limits:
                self.limits -= 1
                return web.json_response({}, status=429, headers={"Retry-After": "17"})
            key = request.match_info.get("key", "")
            self.calls.append((kind, key))
            if kind in self.refuse:
                self.refuse.remove(kind)
                return web.json_response({"errorMessages": ["Not so."], "errors": {"summary": "too odd"}}, status=400)
            if key and key not in self.issues:
                return web.json_response({"errorMessages": ["Issue does not exist"], "errors": {}}, status=404)
            answer: web.StreamResponse = await handler(request)
            if kind in self.lose:
                self.lose.remove(kind)
                self._break(request)
            return answer

        return handle

    @staticmethod
    def _break(request: web.Request) -> None:
        assert request.transport is not None
        request.transport.abort()
        raise asyncio.CancelledError

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["serviceDeskId"] == "1" and body["requestTypeId"] and body["requestFieldValues"]["summary"]
        key = f"{PROJECT}-{len(self.issues) + 1}"
        issue = self.issues[key] = Issue(key, body["requestFieldValues"], found_after=len(self.searches) + self.lag)
        self._told(issue, "jira:issue_created")
        return web.json_response({"issueId": key[-1], "issueKey": key}, status=201)

    async def _list_comments(self, request: web.Request) -> web.Response:
        start, limit = int(request.query["start"]), min(self.page, int(request.query["limit"]))
        found = self.issues[request.match_info["key"]].comments
        values = found[start : start + limit]
        page = {"values": values, "start": start, "limit": limit, "size": len(values), "isLastPage": start + limit >= len(found)}
        return web.json_response(page)

    async def _comment(self, request: web.Request) -> web.Response:
        body = await request.json()
        made = self.writes(request.match_info["key"], body["body"], "Sapa", body["public"])
        return web.json_response({"id": made, "body": body["body"], "public": body["public"]}, status=201)

    async def _transitions(self, request: web.Request) -> web.Response:
        return web.json_response({"transitions": self._offered(request)})

    def _offered(self, request: web.Request) -> list[Json]:
        ways = WORKFLOW[self.issues[request.match_info["key"]].status]
        return [{"id": str(place), "name": name, "to": {"name": to}} for place, (name, to) in enumerate(ways.items(), 11)]

    async def _transition(self, request: web.Request) -> web.Response:
        wanted = (await request.json())["transition"]["id"]
        to = next((each["to"]["name"] for each in self._offered(request) if each["id"] == wanted), None)
        if to is None:
            return web.json_response({"errorMessages": ["It is not on the screen"], "errors": {}}, status=400)
        self.moves(request.match_info["key"], to)
        return web.Response(status=204)

    async def _attach(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Atlassian-Token") != "no-check":
            return web.json_response({"errorMessages": ["XSRF check failed"]}, status=403)
        part = (await request.post())["file"]
        assert isinstance(part, web.FileField)
        data = part.file.read()
        part.file.close()
        file = self.adds_file(request.match_info["key"], part.filename, data)
        return web.json_response([{"id": file, "filename": part.filename}])

    async def _issue(self, request: web.Request) -> web.Response:
        issue = self.issues[request.match_info["key"]]
        return web.json_response({"key": issue.key, "fields": {"status": {"name": issue.status}, "attachment": issue.attachments}})

    async def _search(self, request: web.Request) -> web.Response:
        jql = request.query["jql"]
        self.searches.append(jql)
        number = re.search(r'summary ~ "\\"(.+?)\\""', jql)
        found = [each for each in self.issues.values() if each.found_after < len(self.searches)]
        found = [each for each in found if not number or number[1] in each.fields["summary"]]
        start = int(request.query.get("nextPageToken", "0"))
        page = sorted(found, key=lambda each: each.updated)[start : start + self.page]
        shown = [{"key": each.key, "fields": {"summary": each.fields["summary"], "updated": str(each.updated)}} for each in page]
        last = start + self.page >= len(found)
        return web.json_response({"issues": shown, "isLast": last} | ({} if last else {"nextPageToken": str(start + self.page)}))

    async def _content(self, request: web.Request) -> web.Response:
        data = self.files.get(request.match_info["id"])
        return web.Response(body=data) if data is not None else web.json_response({"errorMessages": ["gone"]}, status=404)
