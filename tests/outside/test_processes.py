"""The parts joined: two service processes on one PostgreSQL database, a receiver of webhooks and Jira beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.outside import tokens, webhooks
from bot.store.database import Database
from tests.conftest import _create_database
from tests.outside.conftest import TICKET
from tests.support.jira import JiraStandIn
from tests.support.servers import ServiceProcess
from tests.support.stack import until

if TYPE_CHECKING:
    from bot.dialogue.unit import Library
    from tests.outside.conftest import Receiver

TICKETS = 10


@pytest.mark.postgres
async def test_two_processes_a_receiver_and_jira(postgres: str, tmp_path: Path, library: Library, receiver: Receiver) -> None:
    await _create_database(postgres, "outside", "sapa_template")
    url, jira, db = f"{postgres}/outside", JiraStandIn(), Database(f"{postgres}/outside", SystemClock())
    await jira.start()
    given = {
        "JIRA_URL": jira.url,
        "JIRA_USER": jira.user,
        "JIRA_TOKEN": jira.token,
        "JIRA_WEBHOOK_SECRET": jira.secret,
        "SAPA_DATA": str(tmp_path),
    }
    services = [ServiceProcess(url, "http://127.0.0.1:9", "http://127.0.0.1:9", tmp_path, **given) for _ in range(2)]
    try:
        async with db.write() as tx:
            token, _ = await tokens.make(tx, "Inti", tokens.SCOPES, 1, None, library.client.ticketing.units, "admin")
            await webhooks.add(tx, receiver.url, ["ticket_opened", "ticket_changed"], "admin", anywhere=True)
        for service in services:
            await service.start()
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
            for place in range(TICKETS):
                first, second = services[place % 2].url, services[(place + 1) % 2].url
                async with session.post(f"{first}/api/v1/tickets", json=TICKET, headers={"Idempotency-Key": f"k-{place}"}) as answer:
                    number = (await answer.json())["ticket"]["number"]
                accept = {"do": "accept", "version": 1}
                async with session.post(f"{second}/api/v1/tickets/{number}/actions", json=accept) as answer:
                    assert answer.status == 200
            await until(lambda: len({each["body"]["id"] for each in receiver.got}) == 2 * TICKETS, "not everything was told", 60)
            await until(lambda: sum(issue.status == "In Progress" for issue in jira.issues.values()) == TICKETS, "Jira lacks something", 60)
            jira.hooks.clear()
            jira.moves("ARIANA-1", "Resolved")
            jira.moves("ARIANA-2", "Resolved")  # its webhook is lost; the process that starts next finds it
            assert await jira.send(f"{services[1].url}/webhooks/jira", jira.hooks[0]) == 200

            async def solved() -> int:
                async with session.get(f"{services[1].url}/api/v1/tickets?status=solved") as answer:
                    return len((await answer.json())["tickets"])

            async def one() -> bool:
                return await solved() == 1

            await until(one, "the webhook was not followed")
            services[0].kill()
            await services[0].start()

            async def two() -> bool:
                return await solved() == 2

            await until(two, "the reconciliation found nothing")
        assert len(jira.issues) == TICKETS
        assert len(receiver.got) == len({each["body"]["id"] for each in receiver.got})
    finally:
        for service in services:
            service.kill()
        await db.close()
        await jira.stop()
