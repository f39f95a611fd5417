"""A third person settles where reviewers disagree; what they said before stays what agreement is taken from."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.blinding import blinded_order, rows_for
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Disagreement, Mark, MarkPlace
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets.exchange import record_sheet
from samp_eval.review.sheets.sheet_files import write_sheet
from samp_eval.review.sheets.sheet_lines import MARKS_SO_FAR, LastColumn, sheet_lines
from samp_eval.review.to_mark import answer_ids_by_response, answers_to_mark, reviewed
from samp_eval.run.respondent import Response

__all__ = [
    "Dispute",
    "adjudication_rows",
    "agreed_answers",
    "disputes",
    "marks_before_adjudication",
    "reviewers_who_marked",
    "write_adjudication_sheet",
]


@dataclass(frozen=True, slots=True)
class Dispute:
    """An answer on whose marks the reviewers differ: both marks by basis, without names, in an order of no meaning."""

    question_id: str
    answer_id: str
    text: str
    values: Mapping[str, tuple[str, ...]]

    def in_words(self) -> str:
        """``key: 0 or A; judgement: 0 or 1``."""
        return "; ".join(f"{basis}: {' or '.join(values)}" for basis, values in self.values.items())


def disputes(
    bank: Bank,
    responses: Sequence[Response],
    rows: Iterable[SheetRow],
    marks: Sequence[Mark],
    reviewers: Sequence[str] = (),
    plan: AssignmentPlan | None = None,
) -> list[Dispute]:
    """Every unresolved disagreement of people on either basis, in the bank's order."""
    people = GatheredMarks((mark for mark in marks if mark.reviewer.role != "automatic"), plan)
    together = answer_ids_by_response(bank, responses)
    bases: tuple[MarkBasis, ...] = get_args(MarkBasis)
    named: dict[str, dict[str, Disagreement]] = {}
    for basis in bases:
        for disagreement in people.unresolved(basis, reviewers, together):
            named.setdefault(disagreement.answer_id, {})[basis] = disagreement
    texts = {row.answer_id: row.text for row in rows}
    texts |= {answer.answer_id: answer.text for answer in answers_to_mark(bank, responses).answers}
    place = {question.id: number for number, (_, question) in enumerate(bank.asked())}
    all_disputes = [
        Dispute(
            next(iter(by_basis.values())).question_id,
            answer_id,
            texts[answer_id],
            {basis: tuple(sorted({value for _, value in found.values})) for basis, found in by_basis.items()},
        )
        for answer_id, by_basis in named.items()
        if answer_id in texts
    ]
    known = [dispute for dispute in all_disputes if dispute.question_id in place]
    return sorted(known, key=lambda dispute: place[dispute.question_id])


def adjudication_rows(
    open_disputes: Sequence[Dispute],
    keys: KeyHistory,
    name: str,
    held: Mapping[str, SheetRow],
    seed: int,
    now: datetime,
) -> list[SheetRow]:
    """A row for each dispute, in blinded order, for the person who settles them.

    Raises
    ------
    StudyConflict
        Where ``name`` is one of the reviewers: nobody settles a dispute with themselves.
    """
    if any(row.reviewer == Reviewer(name) for row in held.values()):
        raise StudyConflict(f"{name} is a reviewer of this study; a third person settles disagreements")
    adjudicator = Reviewer(name, "adjudicator")
    answers = [DistinctAnswer(dispute.answer_id, dispute.question_id, dispute.text, 1) for dispute in open_disputes]
    rows = rows_for(adjudicator, answers, "adjudication", held, keys, now)
    return blinded_order(rows, keys.present.bank, adjudicator, seed)


def reviewers_who_marked(marks: Iterable[Mark], reviewers: Sequence[str] = ()) -> tuple[str, ...]:
    """People whose marks could disagree: the study's reviewers, else everyone; no adjudicator and no program."""
    found = dict.fromkeys(mark.reviewer for mark in marks if mark.field in get_args(MarkBasis))
    people = [reviewer.name for reviewer in found if reviewer.role == "reviewer"]
    return tuple(name for name in people if not reviewers or name in reviewers)


def agreed_answers(
    bank: Bank,
    responses: Sequence[Response],
    marks: Sequence[Mark],
    share: float,
    seed: int,
    held: Iterable[SheetRow],
    reviewers: Sequence[str] = (),
    plan: AssignmentPlan | None = None,
) -> list[Dispute]:
    """Draw answers on which the reviewers agree, for the third person to mark as well.

    The third person sees errors that the reviewers share, which their agreement cannot show.

    Parameters
    ----------
    share : float
        Of the agreed answers, 0 to 1, rounded up; those that went out already count.
    seed : int
        The study's seed.
    held : iterable of SheetRow
        Every row that went out.
    """
    people = GatheredMarks((mark for mark in marks if mark.reviewer.role != "automatic"), plan)
    agreed = people.agreed(reviewers)
    texts = {answer.answer_id: answer for answer in answers_to_mark(bank, responses).answers}
    known = sorted(answer_id for answer_id in agreed if answer_id in texts)
    sent = {row.answer_id for row in held if row.unit == "adjudication"}
    shuffled = random.Random(f"{seed}|agreed").sample(known, len(known))  # noqa: S311  # a draw, no secret
    wanted = shuffled[: math.ceil(share * len(known))]
    return [
        Dispute(agreed[answer_id], answer_id, texts[answer_id].text, {})
        for answer_id in wanted
        if answer_id not in sent
    ]


def write_adjudication_sheet(
    store: ReviewStore, file: Path, name: str, reviewers: Sequence[str], seed: int, now: datetime, agreed: float = 0.0
) -> tuple[list[Dispute], list[Dispute]]:
    """Write a sheet of the unresolved disagreements; none is written where there is nothing to mark.

    Both marks are shown, unless a share of the ``agreed`` answers is among them: then nothing tells which is which.

    Returns
    -------
    disagreements, agreed : list of Dispute

    Raises
    ------
    StudyConflict
        Where the file is there already, which may hold marks, or ``name`` is a reviewer.
    CannotStore
        Where the file cannot be written.
    """
    held, keys, plan = store.sheet_rows(), store.key_history(), store.assignment_plan()
    bank, responses = reviewed(store, keys.present.bank)
    marks = store.marks()
    open_disputes = disputes(bank, responses, held.values(), marks, reviewers, plan)
    audited = agreed_answers(bank, responses, marks, agreed, seed, held.values(), reviewers, plan) if agreed else []
    rows = adjudication_rows([*open_disputes, *audited], keys, name, held, seed, now)
    if not rows:
        return [], []
    if file.exists():
        raise StudyConflict(f"{file} is there already and may hold marks; give another name with --out")
    rows = store.keep_sheet_rows(rows)
    in_words = {dispute.answer_id: dispute.in_words() for dispute in open_disputes}
    so_far = None if agreed else LastColumn(MARKS_SO_FAR, [in_words[row.answer_id] for row in rows])
    lines = record_sheet(store, sheet_lines(rows, bank), Reviewer(name, "adjudicator"), file.stem, now)
    write_sheet(lines, bank, file, so_far)
    return open_disputes, audited


def marks_before_adjudication(history: Iterable[Mark], rows: Iterable[SheetRow], keys: KeyHistory) -> list[Mark]:
    """The reviewers' present marks, but as they stood when an answer first went to adjudication.

    Parameters
    ----------
    history : iterable of Mark
        Every mark ever given, in order.
    rows : iterable of SheetRow
        Every row that ever went out.
    keys : KeyHistory
        What went to adjudication under a key that was corrected since was not settled under today's.
    """
    sent: dict[str, datetime] = {}
    for row in rows:
        if row.unit == "adjudication" and keys.reads_alike(row.question_id, row.key_version):
            sent[row.answer_id] = min(sent.get(row.answer_id, row.exported_at), row.exported_at)
    present: dict[MarkPlace, Mark] = {}
    for mark in history:
        late = not mark.repeat and mark.answer_id in sent and mark.marked_at > sent[mark.answer_id]
        if mark.reviewer.role != "adjudicator" and not late:
            present[mark.place] = mark
    return [mark for mark in present.values() if mark.value]
