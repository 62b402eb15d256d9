"""`sapa serve`, `sapa run`, `sapa migrate`: starting the service, with or without its engines."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import STANDIN_PREFIX, create_runner, create_service
from bot.logs import configure_logs
from bot.operations.demo import load_demo
from bot.pages import built
from bot.settings import Settings, load_settings
from bot.store.migrate import upgrade

ENGINE_PYTHON = Path("engine/.venv/bin/python")
ENGINE_START_S = 120


class CannotStart(Exception):
    """Something needed is missing or in use; the message says what to do."""


def add_commands(commands: Any) -> None:
    """Register the commands."""
    serve = commands.add_parser("serve", help="the service alone; engines are started elsewhere")
    serve.set_defaults(run=lambda _: asyncio.run(_serve(load_settings())))
    run = commands.add_parser("run", help="service and engine together, with demo data: what `make run` does")
    run.add_argument("--no-demo", action="store_true", help="no demo data")
    run.set_defaults(run=lambda options: _run(options))
    migrate = commands.add_parser("migrate", help="bring the database to the present schema")
    migrate.set_defaults(run=lambda _: asyncio.run(upgrade(load_settings().database)))


async def _serve(settings: Settings) -> int:
    configure_logs()
    await upgrade(settings.database)
    service = create_service(settings)
    runner = create_runner(service)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise CannotStart(f"port {settings.port} is in use. Choose another: PORT=8081 make run") from None
    port = runner.addresses[0][1]
    if service.standin is not None:
        service.standin.webhooks.url = f"http://127.0.0.1:{port}/webhooks/whatsapp"
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    logging.getLogger(__name__).info("serving on port %s", port)
    await stop.wait()
    logging.getLogger(__name__).info("stopping: no new work, finishing what is under way")
    # Requests are served on for DRAIN_S: a balancer must have seen the 503 of /readyz before nobody listens any more.
    await asyncio.gather(service.drain(), asyncio.sleep(settings.drain_s))
    await runner.cleanup()
    return 0


def _run(options: argparse.Namespace) -> int:
    """Everything on this machine, for trying it out: secrets are made once and kept under var/."""
    environment = _development_environment()
    settings = load_settings(**environment)
    os.environ.update(environment)
    _check(settings)
    _say("preparing the database")
    asyncio.run(upgrade(settings.database))
    passwords = {} if options.no_demo else asyncio.run(load_demo(settings))
    engines = {url: _start_engine(url, settings) for url in settings.engine_url.split(",")}
    try:
        return asyncio.run(_run_beside(settings, engines, passwords))
    finally:
        for engine in engines.values():
            engine.terminate()
        for engine in engines.values():
            try:
                engine.wait(10)
            except subprocess.TimeoutExpired:
                engine.kill()
        _say("stopped")


def _development_environment() -> dict[str, str]:
    """Settings for a try-out: what the environment does not say is made up once and kept in var/development.env."""
    var = Path(os.environ.get("SAPA_VAR", "var"))
    kept = var / "development.env"
    known = dict(line.split("=", 1) for line in kept.read_text().splitlines() if "=" in line) if kept.is_file() else {}
    wanted = ("SECRET_KEY", "ENGINE_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_ACCESS_TOKEN")
    for name in wanted:
        known.setdefault(name, secrets.token_hex(24))
    var.mkdir(parents=True, exist_ok=True)
    kept.write_text("".join(f"{name}={known[name]}\n" for name in wanted))
    kept.chmod(0o600)
    port = os.environ.get("PORT", "8080")
    environment = {
        **known,
        "SAPA_ENV": "development",
        "PORT": port,
        "DRAIN_S": "0",
        "ENGINE_URL": f"http://127.0.0.1:{_free_port()}",
        "WHATSAPP_PHONE_NUMBER_ID": "100000000000001",
        "WHATSAPP_API_URL": f"http://127.0.0.1:{port}{STANDIN_PREFIX}",
    }
    return {name: os.environ.get(name, value) for name, value in environment.items()}


def _check(settings: Settings) -> None:
    """Raise CannotStart for whatever would only show up later."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise CannotStart(f"port {settings.port} is in use. Choose another: PORT={settings.port + 1} make run") from None
    if not ENGINE_PYTHON.is_file():
        raise CannotStart("the engine's environment is missing. Run: make engine-env")
    if not list(settings.models_folder.glob("*.tar.gz")):
        raise CannotStart("there is no model yet. Run: make train")
    if not built(settings.web_folder):
        raise CannotStart("the pages are not built. Run: make web")


def _start_engine(url: str, settings: Settings) -> subprocess.Popen[bytes]:
    port = url.rsplit(":", 1)[1]
    environment = {**os.environ, "ENGINE_TOKEN": settings.engine_token, "PYTHONPATH": str(Path.cwd())}
    log = (settings.var / "engine.log").open("ab")
    command = [str(ENGINE_PYTHON), "-m", "engine", "--model", str(settings.models_folder), "--port", port]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)


Running = dict[str, "subprocess.Popen[bytes]"]  # engines by address


async def _run_beside(settings: Settings, engines: Running, passwords: dict[str, str]) -> int:
    serving = asyncio.create_task(_serve(settings))
    watching: asyncio.Task[None] | None = None
    try:
        if not await _wait_for_engines(settings, engines, serving):
            return await serving
        watching = asyncio.create_task(_keep_running(settings, engines))
        _announce(settings, passwords)
        return await serving
    finally:
        tasks = [task for task in (serving, watching) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(settings: Settings, engines: Running) -> None:
    """Start an engine again that has ended; meanwhile messages wait in the inbox."""
    while True:
        await asyncio.sleep(1)
        for url, engine in list(engines.items()):
            if engine.poll() is not None:
                _say(f"an engine ended with code {engine.returncode}; starting it again")
                engines[url] = _start_engine(url, settings)
                await asyncio.sleep(5)  # one that cannot start is not tried in a tight loop


async def _wait_for_engines(settings: Settings, engines: Running, serving: asyncio.Task[int]) -> bool:
    _say("starting the engine (about 15 seconds)")
    end = time.monotonic() + ENGINE_START_S
    async with aiohttp.ClientSession() as session:
        for url, engine in engines.items():
            while True:
                if serving.done():
                    return False
                if engine.poll() is not None or time.monotonic() > end:
                    raise CannotStart(f"the engine did not start; its last words are in {settings.var / 'engine.log'}")
                try:
                    async with session.get(f"{url}/health") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.3)
    return True


def _announce(settings: Settings, passwords: dict[str, str]) -> None:
    address = f"http://localhost:{settings.port}"
    lines = [
        "",
        "  Sapa is running. Open:",
        f"    {address}/            a page with the chat widget",
        f"    {address}/simulator   a pretend WhatsApp phone",
        f"    {address}/desk        the agents' desk",
        f"    {address}/tickets     tickets: Tier 1, Tier 2, divisions",
        f"    {address}/train       the trainers' page",
    ]
    if passwords:
        lines += ["", "  Demo users of the desk:"] + [f"    {name:<10} {password}" for name, password in passwords.items()]
    print("\n".join([*lines, "", "  Ctrl-C stops everything.", ""]), flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(what: str) -> None:
    print(f"sapa: {what}", file=sys.stderr, flush=True)
