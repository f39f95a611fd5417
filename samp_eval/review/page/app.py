"""The marking page as a web application: one page, its work list, and a place that takes marks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samp_eval.errors import SampEvalError
from samp_eval.review.guide import page_guide
from samp_eval.review.marks import SentMark, StandingMark
from samp_eval.review.page.links import reviewer_for_token
from samp_eval.review.page.mark_saver import MarkSaver
from samp_eval.review.page.marking_service import MarkingService, RefusedMark
from samp_eval.review.reviewers import Reviewer

__all__ = ["SECURITY_HEADERS", "marking_app"]

_HERE = Path(__file__).parent
_MOST_BYTES = 1_000_000
_MOST_MARKS = 1_000

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


def marking_app(service: MarkingService, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The application that serves reviewers.

    Parameters
    ----------
    service : MarkingService
    links : mapping
        Token by the reviewer's label.
    hosts : sequence of str
        Names under which the page may be reached; ``*`` for any.
    """
    templates = Jinja2Templates(_HERE / "templates")
    saver = MarkSaver(service.store)

    def reviewer_of(request: Request) -> Reviewer:
        label = reviewer_for_token(request.path_params["token"], links)
        if label is None:
            raise HTTPException(404)
        return Reviewer.from_label(label)

    async def page(request: Request) -> Response:
        reviewer = reviewer_of(request)
        settling = reviewer.role == "adjudicator"
        shown = {
            "reviewer": reviewer.name,
            "adjudication": settling,
            "guide": page_guide(settling=settling),
        }
        return templates.TemplateResponse(request, "page.html", shown)

    async def work(request: Request) -> Response:
        reviewer = reviewer_of(request)
        try:
            found = await run_in_threadpool(service.work, reviewer, datetime.now(UTC))
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return Response(found, media_type="application/json")

    async def picture(request: Request) -> Response:
        reviewer_of(request)
        found = await run_in_threadpool(service.picture, request.path_params["sha256"])
        if found is None:
            raise HTTPException(404)
        return Response(found.content, media_type=found.media_type)

    async def marks(request: Request) -> Response:
        reviewer = reviewer_of(request)
        _from_this_page(request)
        sent = _marks(await _body(request))
        if sent is None:
            return JSONResponse({"problem": "this is no list of marks"}, status_code=422)
        try:
            read = await run_in_threadpool(service.read, reviewer, sent, datetime.now(UTC))
            held = iter(await saver.save([mark for mark in read if isinstance(mark, SentMark)]))
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return JSONResponse({"held": [_held(mark if isinstance(mark, RefusedMark) else next(held)) for mark in read]})

    async def not_found(request: Request, _: Exception) -> Response:
        return HTMLResponse(templates.get_template("not_found.html").render(), status_code=404)

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # to nobody; without it, each would be a traceback in the log

    return Starlette(
        routes=[
            Route("/r/{token}/", page),
            Route("/r/{token}/work", work),
            Route("/r/{token}/pictures/{sha256}", picture),
            Route("/r/{token}/marks", marks, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(_SecurityHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        exception_handlers={404: not_found, ClientDisconnect: gone},
    )


def _from_this_page(request: Request) -> None:
    """Refuse what another site's page sends: its origin differs, and it cannot send JSON unasked."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(413)
    return bytes(body)


def _marks(body: bytes) -> list[Any] | None:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, list) and len(sent) <= _MOST_MARKS else None


def _held(held: StandingMark | RefusedMark) -> dict[str, Any]:
    """What the page is told of one of its marks."""
    if isinstance(held, RefusedMark):
        return {"refused": held.reason}
    return {"value": held.value, "version": held.version, "against": held.against}


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
