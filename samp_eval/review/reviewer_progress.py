"""How far the marking is: for each reviewer, and between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Mark
from samp_eval.review.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import answer_ids_by_response, answers_to_mark
from samp_eval.run.respondent import Response

__all__ = ["ReviewProgress", "ReviewerProgress", "review_progress"]

_Shown = tuple[str, bool]
"""An answer that a reviewer has, and whether for the second time."""


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    """Counts of one reviewer's answers; ``open`` are those on a sheet that lack a mark on either basis.

    An adjudicator marks only what is disputed, so one mark closes a row.
    """

    reviewer: str
    rows: int
    key: int
    judgement: int
    harm: int
    open: int


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """The marking at a glance; disagreements by basis, before adjudication, and those still unresolved."""

    lines: int
    distinct_answers: int
    reviewers: tuple[ReviewerProgress, ...]
    disagreements: dict[str, int]
    unresolved: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Fields for ``samp-eval review status --json``."""
        return asdict(self)


def review_progress(
    bank: Bank, responses: Sequence[Response], rows: Iterable[SheetRow], marks: Sequence[Mark], reviewers: Sequence[str]
) -> ReviewProgress:
    """Count rows, marks and disagreements; repeated rows are not told apart from the others."""
    to_mark = answers_to_mark(bank, responses)
    together = answer_ids_by_response(bank, responses)
    known = {identifier for group in together for identifier in group}
    marks = [mark for mark in marks if mark.answer_id in known]
    on_sheets: dict[Reviewer, set[_Shown]] = {}
    for row in rows:
        if row.answer_id in known:
            on_sheets.setdefault(row.reviewer, set()).add((row.answer_id, row.repeat))
    marked: dict[tuple[Reviewer, str], set[_Shown]] = {}
    for mark in marks:
        on_sheets.setdefault(mark.reviewer, set())
        if mark.field != "harm" or mark.value == "1":
            marked.setdefault((mark.reviewer, mark.field), set()).add((mark.answer_id, mark.repeat))
    counts = tuple(_reviewer(reviewer, shown, marked) for reviewer, shown in on_sheets.items())
    gathered = GatheredMarks(marks)
    bases: tuple[MarkBasis, ...] = get_args(MarkBasis)
    return ReviewProgress(
        to_mark.lines,
        len(to_mark.answers),
        counts,
        {basis: len(gathered.disagreements(basis, reviewers, together)) for basis in bases},
        {basis: len(gathered.unresolved(basis, reviewers, together)) for basis in bases},
    )


def _reviewer(
    reviewer: Reviewer, shown: set[_Shown], marked: Mapping[tuple[Reviewer, str], set[_Shown]]
) -> ReviewerProgress:
    key, judgement, harm = (marked.get((reviewer, field), set()) for field in ("key", "judgement", "harm"))
    done = key | judgement if reviewer.role == "adjudicator" else key & judgement
    return ReviewerProgress(reviewer.label, len(shown), len(key), len(judgement), len(harm), len(shown - done))
