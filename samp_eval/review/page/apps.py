"""The pages for reviewers as web applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from samp_eval.review.guide import page_guide
from samp_eval.review.marks import SentMark, StandingMark
from samp_eval.review.page.bank_service import BankReviewService
from samp_eval.review.page.mark_saver import MarkSaver
from samp_eval.review.page.marking_service import MarkingService, RefusedMark
from samp_eval.review.page.pair_service import PairService
from samp_eval.review.page.reviewer_page import ReviewerPage, reviewer_app
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["bank_review_app", "marking_app", "pair_app"]


def marking_app(service: MarkingService, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The marking page; the other parameters are those of ``reviewer_app``."""
    saver = MarkSaver(service.store)

    def work(label: str, now: datetime) -> bytes:
        return service.work(Reviewer.from_label(label), now)

    async def take(label: str, sent: list[Any], now: datetime) -> list[dict[str, Any]]:
        read = await run_in_threadpool(service.read, Reviewer.from_label(label), sent, now)
        held = iter(await saver.save([mark for mark in read if isinstance(mark, SentMark)]))
        return [_held(mark if isinstance(mark, RefusedMark) else next(held)) for mark in read]

    def filled_in(label: str) -> dict[str, Any]:
        reviewer = Reviewer.from_label(label)
        settling = reviewer.role == "adjudicator"
        return {"reviewer": reviewer.name, "adjudication": settling, "guide": page_guide(settling=settling)}

    page = ReviewerPage("page.html", "marks", work, take, service.picture, filled_in)
    return reviewer_app(page, links, hosts)


def _held(held: StandingMark | RefusedMark) -> dict[str, Any]:
    """What the page is told of one of its marks."""
    if isinstance(held, RefusedMark):
        return {"refused": held.reason}
    return {"value": held.value, "version": held.version, "against": held.against}


def pair_app(service: PairService, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The page of pairs."""

    async def take(label: str, sent: list[Any], now: datetime) -> list[dict[str, Any]]:
        return await run_in_threadpool(service.choose, label, sent, now)

    page = ReviewerPage("pairs.html", "choices", lambda label, now: service.work(label), take, service.picture)
    return reviewer_app(page, links, hosts)


def bank_review_app(service: BankReviewService, links: Mapping[str, str], hosts: Sequence[str]) -> Starlette:
    """The page on which physicians review the bank."""

    async def take(label: str, sent: list[Any], now: datetime) -> list[dict[str, Any]]:
        return await run_in_threadpool(service.take, label, sent, now)

    return reviewer_app(ReviewerPage("bank.html", "ratings", service.work, take, service.picture), links, hosts)
