"""What every page is served with: headers, an answer to unknown addresses, and what is taken from whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SECURITY_HEADERS", "TEMPLATES", "secured_app", "sent_list"]

_HERE = Path(__file__).parent
_MOST_BYTES = 1_000_000
_MOST_ENTRIES = 1_000

TEMPLATES = Jinja2Templates(_HERE / "templates")

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def secured_app(routes: Sequence[Route], hosts: Sequence[str]) -> Starlette:
    """An application with these routes, reached under these names of hosts; ``*`` for any."""

    async def not_found(request: Request, _: Exception) -> Response:
        return HTMLResponse(TEMPLATES.get_template("not_found.html").render(), status_code=404)

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # to nobody; without it, each would be a traceback in the log

    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=_HERE / "static"))],
        middleware=[Middleware(_SecurityHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        exception_handlers={404: not_found, ClientDisconnect: gone},
    )


async def sent_list(request: Request) -> list[Any] | None:
    """The list that a page of this server sent; None where it is none.

    Raises
    ------
    HTTPException
        Where another site's page sent it, whose origin differs and which cannot send JSON unasked, or it is too large.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(413)
    try:
        sent = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, list) and len(sent) <= _MOST_ENTRIES else None


class _SecurityHeaders:
    """Every response, also an error, carries :data:`SECURITY_HEADERS`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra: list[Any] = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
