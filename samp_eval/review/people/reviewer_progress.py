"""How far the marking is: for each reviewer, and between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.plan import AssignmentPlan, finished_answers
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import answer_ids_by_response, answers_to_mark
from samp_eval.run.respondent import Response

__all__ = ["ReviewProgress", "ReviewerProgress", "review_progress"]

_LONGEST_FORECAST = 36_500
"""Days; a later end of the marking is none."""

_Shown = tuple[str, int]
"""An answer that a reviewer has, and whether for the second time."""


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    """What one reviewer has, how far it is, and at what pace.

    An adjudicator marks only what is disputed, so one mark closes a row.

    Attributes
    ----------
    reviewer : str
    rows : int
        Answers on sheets and the page.
    key, judgement, harm : int
        Answers marked so.
    open : int
        Answers that lack a mark on either basis: of the reviewer's sheets or, under a plan, of what it assigns.
    questions : int or None
        Questions with answers that the plan assigns; None without a plan.
    assigned : int or None
        Answers that the plan assigns; None without a plan.
    last_mark : datetime or None
        UTC.
    per_day : float
        Answers finished a day, since the reviewer's first row went out.
    done_by : date or None
        When the open answers will be marked at that pace; None where nothing is open or nothing was finished.
    """

    reviewer: str
    rows: int
    key: int
    judgement: int
    harm: int
    open: int
    questions: int | None
    assigned: int | None
    last_mark: datetime | None
    per_day: float
    done_by: date | None

    def is_silent(self, days: int, now: datetime) -> bool:
        """Whether something is open and nothing was marked for so many days."""
        return self.open > 0 and (self.last_mark is None or now - self.last_mark >= timedelta(days=days))

    def as_json(self) -> dict[str, Any]:
        """Fields for ``--json``."""
        last = None if self.last_mark is None else self.last_mark.isoformat(timespec="seconds")
        return {**asdict(self), "last_mark": last, "done_by": None if self.done_by is None else str(self.done_by)}


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """The marking at a glance; disagreements by basis, before adjudication, and those still unresolved.

    ``unplanned`` are questions with answers that the plan assigns to nobody.
    """

    lines: int
    distinct_answers: int
    reviewers: tuple[ReviewerProgress, ...]
    disagreements: dict[str, int]
    unresolved: dict[str, int]
    unplanned: int

    def only_silent(self, days: int, now: datetime) -> ReviewProgress:
        """The same with only those reviewers who have open work and marked nothing for so many days."""
        return replace(self, reviewers=tuple(who for who in self.reviewers if who.is_silent(days, now)))

    def as_json(self) -> dict[str, Any]:
        """Fields for ``samp-eval review status --json``."""
        return {**asdict(self), "reviewers": [reviewer.as_json() for reviewer in self.reviewers]}


def review_progress(
    bank: Bank,
    responses: Sequence[Response],
    rows: Iterable[SheetRow],
    marks: Sequence[Mark],
    reviewers: Sequence[str],
    *,
    plan: AssignmentPlan | None = None,
    now: datetime,
) -> ReviewProgress:
    """Count rows, marks and disagreements; repeated rows are not told apart from the others.

    Parameters
    ----------
    plan : AssignmentPlan, optional
        Who marks what.
    now : datetime
        UTC; for the pace.
    """
    to_mark = answers_to_mark(bank, responses)
    together = answer_ids_by_response(bank, responses)
    known = {identifier for group in together for identifier in group}
    marks = [mark for mark in marks if mark.answer_id in known]
    planned = _assigned(plan, to_mark.answers, marks)
    given = _Given.of((row for row in rows if row.answer_id in known), marks)
    places = {name: place for place, name in enumerate(reviewers)}
    others = sorted(
        given.rows, key=lambda who: (who.role != "reviewer", places.get(who.name, len(places)), who.name, who.role)
    )
    names = [*map(Reviewer, planned), *others]
    gathered = GatheredMarks(marks, plan)
    bases: tuple[MarkBasis, ...] = get_args(MarkBasis)
    return ReviewProgress(
        to_mark.lines,
        len(to_mark.answers),
        tuple(given.progress(who, planned, now, has_plan=plan is not None) for who in dict.fromkeys(names)),
        {basis: len(gathered.disagreements(basis, reviewers, together)) for basis in bases},
        {basis: len(gathered.unresolved(basis, reviewers, together)) for basis in bases},
        0 if plan is None else len({answer.question_id for answer in to_mark.answers} - plan.seats.keys()),
    )


_Assigned = Mapping[str, Mapping[str, str]]
"""By reviewer, the answers of the plan and the question of each."""


def _assigned(plan: AssignmentPlan | None, answers: Sequence[Any], marks: Sequence[Mark]) -> _Assigned:
    if plan is None:
        return {}
    finished = finished_answers(marks)
    return {
        name: {answer.answer_id: answer.question_id for answer in plan.assigned(name, answers, finished)}
        for name in plan.reviewers
    }


@dataclass(frozen=True, slots=True)
class _Given:
    """Rows that went out and marks that came back, by reviewer."""

    rows: Mapping[Reviewer, set[_Shown]]
    first_row: Mapping[Reviewer, datetime]
    marked: Mapping[tuple[Reviewer, str], set[_Shown]]
    moments: Mapping[Reviewer, list[datetime]]

    @classmethod
    def of(cls, rows: Iterable[SheetRow], marks: Iterable[Mark]) -> _Given:
        shown: dict[Reviewer, set[_Shown]] = {}
        first: dict[Reviewer, datetime] = {}
        for row in rows:
            shown.setdefault(row.reviewer, set()).add((row.answer_id, row.repeat))
            first[row.reviewer] = min(first.get(row.reviewer, row.exported_at), row.exported_at)
        marked: dict[tuple[Reviewer, str], set[_Shown]] = {}
        moments: dict[Reviewer, list[datetime]] = {}
        for mark in marks:
            shown.setdefault(mark.reviewer, set())
            moments.setdefault(mark.reviewer, []).append(mark.marked_at)
            if mark.field != "harm" or mark.value == "1":
                marked.setdefault((mark.reviewer, mark.field), set()).add((mark.answer_id, mark.repeat))
        return cls(shown, first, marked, moments)

    def progress(self, who: Reviewer, planned: _Assigned, now: datetime, *, has_plan: bool) -> ReviewerProgress:
        key, judgement, harm = (self.marked.get((who, field), set()) for field in ("key", "judgement", "harm"))
        shown = self.rows.get(who, set())
        own = planned.get(who.name, {}) if has_plan and who.role == "reviewer" else None
        wanted = shown if own is None else {(answer, False) for answer in own} | _repeats(shown, own)
        done = key | judgement if who.role == "adjudicator" else key & judgement
        left = len(wanted - done)
        moments = self.moments.get(who, [])
        start = min([*moments, self.first_row.get(who, now)])
        pace = len(done) / max((now - start) / timedelta(days=1), 1.0)
        return ReviewerProgress(
            who.label,
            len(shown),
            len(key),
            len(judgement),
            len(harm),
            left,
            None if own is None else len(set(own.values())),
            None if own is None else len(own),
            max(moments, default=None),
            round(pace, 1),
            (now + timedelta(days=left / pace)).date() if left and left < pace * _LONGEST_FORECAST else None,
        )


def _repeats(shown: Collection[_Shown], own: Mapping[str, str]) -> set[_Shown]:
    return {(answer, repeat) for answer, repeat in shown if repeat and answer in own}
