"""Somebody else's web site: hostile CSS, a strict Content-Security-Policy, and our widget."""

from __future__ import annotations

from aiohttp import web

from tests.support.servers import free_port

HOSTILE = """
* { all: unset !important; display: inline !important; font: 3px/1 monospace !important; color: red !important;
    visibility: hidden !important; pointer-events: none !important; box-sizing: content-box !important; animation: none !important; }
body, body *, sapa-widget { opacity: 0 !important; transform: scale(.2) !important; filter: blur(9px) !important; }
iframe, button, sapa-widget { display: none !important; width: 1px !important; height: 1px !important; z-index: -1 !important; }
html { overflow: hidden !important; }
"""
PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Toko orang lain</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/hostile.css"><script src="{sapa}/widget.js" data-inbox="web" data-locale="id" async></script></head>
<body><h1>Toko orang lain</h1><a href="#isi">Isi</a></body></html>"""


class HostPage:
    """Serves it on `localhost`, a site other than the stack's 127.0.0.1."""

    def __init__(self, sapa: str) -> None:
        port = free_port()
        self.url = f"http://localhost:{port}/"
        self._port, self._sapa = port, sapa
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/hostile.css", self._css)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "localhost", self._port).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _page(self, _request: web.Request) -> web.Response:
        policy = (
            f"default-src 'none'; script-src {self._sapa}; frame-src {self._sapa}; style-src 'self'; img-src data:; "
            "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'"
        )
        return web.Response(text=PAGE.format(sapa=self._sapa), content_type="text/html", headers={"Content-Security-Policy": policy})

    async def _css(self, _request: web.Request) -> web.Response:
        return web.Response(text=HOSTILE, content_type="text/css")
