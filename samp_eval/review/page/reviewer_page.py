"""What the pages for reviewers have in common: whose link it is, what is loaded, what is sent and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samp_eval.errors import SampEvalError
from samp_eval.input_files.picture import PlainPicture
from samp_eval.review.page.links import reviewer_for_token
from samp_eval.review.page.secured_app import TEMPLATES, secured_app, sent_list

__all__ = ["ReviewerPage", "reviewer_app"]

Held = dict[str, Any]
"""What holds in the place of something that a page sent, or why it was refused."""


@dataclass(frozen=True, slots=True)
class ReviewerPage:
    """A page for reviewers. Each function gets the reviewer's label first.

    Attributes
    ----------
    template : str
    sends : str
        What it sends, in the plural: the end of the address that takes it, and its name in messages.
    work : callable
        Gives everything that the page shows, as JSON.
    take : callable
        Takes the list that the page sent; gives what holds for each entry.
    picture : callable
        Gives a picture of the bank by its hash; None for any other.
    filled_in : callable
        Gives what the template is filled in with.
    """

    template: str
    sends: str
    work: Callable[[str, datetime], bytes]
    take: Callable[[str, list[Any], datetime], Awaitable[list[Held]]]
    picture: Callable[[str], PlainPicture | None]
    filled_in: Callable[[str], dict[str, Any]] = lambda label: {"reviewer": label}


def reviewer_app(page: ReviewerPage, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The application that serves a page.

    Parameters
    ----------
    page : ReviewerPage
    links : mapping
        Token by the reviewer's label.
    hosts : sequence of str
        Names under which the page may be reached; ``*`` for any.
    """

    def label_of(request: Request) -> str:
        label = reviewer_for_token(request.path_params["token"], links)
        if label is None:
            raise HTTPException(404)
        return label

    async def html(request: Request) -> Response:
        return TEMPLATES.TemplateResponse(request, page.template, page.filled_in(label_of(request)))

    async def work(request: Request) -> Response:
        label = label_of(request)
        try:
            found = await run_in_threadpool(page.work, label, datetime.now(UTC))
        except SampEvalError as error:
            return _problem(str(error), 503)
        return Response(found, media_type="application/json")

    async def picture(request: Request) -> Response:
        label_of(request)
        found = await run_in_threadpool(page.picture, request.path_params["sha256"])
        if found is None:
            raise HTTPException(404)
        return Response(found.content, media_type=found.media_type)

    async def take(request: Request) -> Response:
        label = label_of(request)
        sent = await sent_list(request)
        if sent is None:
            return _problem(f"this is no list of {page.sends}", 422)
        try:
            return JSONResponse({"held": await page.take(label, sent, datetime.now(UTC))})
        except SampEvalError as error:
            return _problem(str(error), 503)

    routes = [
        Route("/r/{token}/", html),
        Route("/r/{token}/work", work),
        Route("/r/{token}/pictures/{sha256}", picture),
        Route(f"/r/{{token}}/{page.sends}", take, methods=["POST"]),
    ]
    return secured_app(routes, hosts)


def _problem(text: str, status: int) -> JSONResponse:
    return JSONResponse({"problem": text}, status_code=status)
