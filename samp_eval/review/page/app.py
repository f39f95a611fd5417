"""The marking page as a web application: one page, its work list, and a place that takes marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samp_eval.errors import SampEvalError
from samp_eval.review.guide import page_guide
from samp_eval.review.marks import SentMark, StandingMark
from samp_eval.review.page.links import reviewer_for_token
from samp_eval.review.page.mark_saver import MarkSaver
from samp_eval.review.page.marking_service import MarkingService, RefusedMark
from samp_eval.review.page.secured_app import TEMPLATES, picture_response, secured_app, sent_list
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["marking_app"]


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
        return TEMPLATES.TemplateResponse(request, "page.html", shown)

    async def work(request: Request) -> Response:
        reviewer = reviewer_of(request)
        try:
            found = await run_in_threadpool(service.work, reviewer, datetime.now(UTC))
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return Response(found, media_type="application/json")

    async def picture(request: Request) -> Response:
        reviewer_of(request)
        return await picture_response(request, service.picture)

    async def marks(request: Request) -> Response:
        reviewer = reviewer_of(request)
        sent = await sent_list(request)
        if sent is None:
            return JSONResponse({"problem": "this is no list of marks"}, status_code=422)
        try:
            read = await run_in_threadpool(service.read, reviewer, sent, datetime.now(UTC))
            held = iter(await saver.save([mark for mark in read if isinstance(mark, SentMark)]))
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return JSONResponse({"held": [_held(mark if isinstance(mark, RefusedMark) else next(held)) for mark in read]})

    return secured_app(
        [
            Route("/r/{token}/", page),
            Route("/r/{token}/work", work),
            Route("/r/{token}/pictures/{sha256}", picture),
            Route("/r/{token}/marks", marks, methods=["POST"]),
        ],
        hosts,
    )


def _held(held: StandingMark | RefusedMark) -> dict[str, Any]:
    """What the page is told of one of its marks."""
    if isinstance(held, RefusedMark):
        return {"refused": held.reason}
    return {"value": held.value, "version": held.version, "against": held.against}
