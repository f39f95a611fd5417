"""The page of pairs as a web application: two responses side by side, and a place that takes choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samp_eval.errors import SampEvalError
from samp_eval.review.page.links import reviewer_for_token
from samp_eval.review.page.pair_service import PairService
from samp_eval.review.page.secured_app import TEMPLATES, picture_response, secured_app, sent_list

__all__ = ["pair_app"]


def pair_app(service: PairService, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The application that serves reviewers of pairs; the parameters are those of ``marking_app``."""

    def reviewer_of(request: Request) -> str:
        name = reviewer_for_token(request.path_params["token"], links)
        if name is None:
            raise HTTPException(404)
        return name

    async def page(request: Request) -> Response:
        return TEMPLATES.TemplateResponse(request, "pairs.html", {"reviewer": reviewer_of(request)})

    async def work(request: Request) -> Response:
        reviewer = reviewer_of(request)
        try:
            found = await run_in_threadpool(service.work, reviewer)
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return Response(found, media_type="application/json")

    async def picture(request: Request) -> Response:
        reviewer_of(request)
        return await picture_response(request, service.picture)

    async def choices(request: Request) -> Response:
        reviewer = reviewer_of(request)
        sent = await sent_list(request)
        if sent is None:
            return JSONResponse({"problem": "this is no list of choices"}, status_code=422)
        try:
            held = await run_in_threadpool(service.choose, reviewer, sent, datetime.now(UTC))
        except SampEvalError as error:
            return JSONResponse({"problem": str(error)}, status_code=503)
        return JSONResponse({"held": held})

    return secured_app(
        [
            Route("/r/{token}/", page),
            Route("/r/{token}/work", work),
            Route("/r/{token}/pictures/{sha256}", picture),
            Route("/r/{token}/choices", choices, methods=["POST"]),
        ],
        hosts,
    )
