"""How long marking takes: from the marks that were given on the page, or what is assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from samp_eval.review.assignment.planning import SECONDS_A_QUESTION, SECONDS_AN_ANSWER
from samp_eval.review.marks import Mark
from samp_eval.review.page.marking_service import PAGE
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["MarkingPace", "marking_pace"]

LONGEST_GAP = 600.0
"""Seconds between two marks after which a reviewer has been away."""

FEWEST_GAPS = 10
"""Fewer gaps, within questions or between them, have no median that tells anything."""


@dataclass(frozen=True, slots=True)
class MarkingPace:
    """Seconds of one reviewer.

    Attributes
    ----------
    question : float
        To read a case and its question.
    answer : float
        To mark one answer on both bases.
    measured : bool
        Whether these are medians of the study's own marks.
    """

    question: float = SECONDS_A_QUESTION
    answer: float = SECONDS_AN_ANSWER
    measured: bool = False


def marking_pace(marks: Iterable[Mark]) -> MarkingPace:
    """Medians of the gaps between marks of the marking page; what is assumed where there are too few.

    A gap between two answers of a question is the time for one answer; a gap to the first answer of another question
    is the time to read that question more. Marks of sheets have no moments of their own.
    """
    moments: dict[Reviewer, dict[str, tuple[datetime, str]]] = {}
    for mark in marks:
        if mark.source == PAGE and mark.reviewer.role == "reviewer" and not mark.repeat:
            own = moments.setdefault(mark.reviewer, {})
            earlier = own.get(mark.answer_id, (mark.marked_at, ""))[0]
            own[mark.answer_id] = min(earlier, mark.marked_at), mark.question_id
    within: list[float] = []
    between: list[float] = []
    for own in moments.values():
        for (before, question), (after, following) in pairwise(sorted(own.values())):
            seconds = (after - before).total_seconds()
            if seconds <= LONGEST_GAP:
                (within if question == following else between).append(seconds)
    if min(len(within), len(between)) < FEWEST_GAPS:
        return MarkingPace()
    answer = median(within)
    return MarkingPace(max(0.0, median(between) - answer), answer, measured=True)
