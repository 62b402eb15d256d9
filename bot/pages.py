"""The pages and static files of the browser side, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OWN = "'self'"
CSP = "default-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"


class Pages:
    """Serves what Vite built."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.web_folder
        self._settings = settings

    def add_routes(self, app: web.Application) -> None:
        """Mount the pages; the simulator only in development."""
        app.router.add_get("/", self._page("demo.html"))
        app.router.add_get("/chat", self._page("chat.html"))
        app.router.add_get("/desk", self._page("desk.html"))
        app.router.add_get("/tickets", self._page("tickets.html"))
        app.router.add_get("/train", self._page("train.html"))
        if self._settings.development:
            app.router.add_get("/simulator", self._page("simulator.html"))
        app.router.add_get("/widget.js", self._widget)
        if self._folder.is_dir():
            app.router.add_static("/static", self._folder, append_version=False)

    def _page(self, name: str) -> Handler:
        async def serve(_request: web.Request) -> web.StreamResponse:
            path = self._folder / name
            if not path.is_file():
                raise web.HTTPServiceUnavailable(text="Halaman belum dibangun. Jalankan: make web")
            return web.FileResponse(path, headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"})

        return serve

    async def _widget(self, _request: web.Request) -> web.StreamResponse:
        path = self._folder / "widget.js"
        if not path.is_file():
            raise web.HTTPServiceUnavailable(text="Widget belum dibangun. Jalankan: make web")
        headers = {
            "Content-Type": "text/javascript; charset=utf-8",
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
        }
        return web.FileResponse(path, headers=headers)


def headers_middleware(settings: Settings) -> Middleware:
    """Security headers; who may frame the chat is CHAT_ORIGINS (in development: anybody)."""
    origins = settings.chat_origins.replace(",", " ").strip() or ("*" if settings.development else "'self'")

    @web.middleware
    async def secure(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            _add(request, error, origins)
            raise
        if not response.prepared:
            _add(request, response, origins)
        return response

    return secure


def _add(request: web.Request, response: web.StreamResponse, origins: str) -> None:
    framed = request.path == "/chat"
    response.headers.setdefault("Content-Security-Policy", f"{CSP}; frame-ancestors {origins if framed else OWN}")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if not framed:
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")


def built(folder: Path) -> bool:
    """Whether the browser side has been built."""
    return (folder / "widget.js").is_file() and (folder / "chat.html").is_file()
