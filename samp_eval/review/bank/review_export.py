"""Which questions an expert gets next, and on what sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.literals import BankReviewStep, SheetFormat
from samp_eval.review.bank.rating_fields import is_rated
from samp_eval.review.bank.review_rows import BankReview, BankReviewRow
from samp_eval.review.bank.review_sheets import write_review_sheet
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import new_row_id
from samp_eval.review.sheets.exchange import check_reviewers, free_stem
from samp_eval.review.sheets.sheet_age import SentSheet

__all__ = [
    "ReviewSheet",
    "ReviewSheetPlan",
    "check_round",
    "export_review_sheets",
    "questions_to_rate",
    "rows_out",
]

_FEWEST_FOR_SECOND_ROUND = 2


class _RowKeeper(Protocol):
    """Where rows are recorded before they go out."""

    def keep_bank_review_rows(self, rows: Sequence[BankReviewRow]) -> list[BankReviewRow]: ...

    def bank_rating_values(self) -> Mapping[str, Mapping[str, str]]: ...

    def sent_sheets(self) -> Mapping[str, SentSheet]: ...

    def keep_sheet(self, sheet: SentSheet) -> None: ...


@dataclass(frozen=True, slots=True)
class ReviewSheetPlan:
    """What sheets are wanted; ``step`` None for each expert's next."""

    experts: tuple[str, ...]
    step: BankReviewStep | None = None
    round: int = 1
    form: SheetFormat = "csv"


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """A sheet as written; without a file where nothing is open."""

    expert: str
    step: BankReviewStep
    rows: int
    file: str


def export_review_sheets(
    store: _RowKeeper, review: BankReview, plan: ReviewSheetPlan, folder: Path, now: datetime
) -> list[ReviewSheet]:
    """Write each expert's next sheet; rows are recorded first. No file is overwritten.

    Raises
    ------
    StudyConflict
        Where a name cannot be an expert's, or a second round comes before there is a first.
    CannotStore
        Where the folder cannot be written.
    """
    check_reviewers(plan.experts)
    check_round(review, plan.round, plan.step)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStore(f"the folder {folder} cannot be made: {error.strerror}") from error
    sheets = []
    for expert in plan.experts:
        step, wanted = _next_sheet(review, expert, plan)
        if not wanted:
            sheets.append(ReviewSheet(expert, step, 0, ""))
            continue
        rows = store.keep_bank_review_rows(rows_out(review, expert, ((name, step, plan.round) for name in wanted), now))
        file = folder / f"{free_stem(folder, f'bank-{step}-{expert}', (plan.form,))}.{plan.form}"
        held = store.bank_rating_values()
        shown = {row.row_id: {name: value for name, value in held.get(row.row_id, {}).items() if value} for row in rows}
        sheet = SentSheet(new_row_id(store.sent_sheets()), Reviewer(expert), now, file.stem, shown)
        store.keep_sheet(sheet)
        write_review_sheet(rows, review, sheet, file)
        sheets.append(ReviewSheet(expert, step, len(rows), str(file)))
    return sheets


def check_round(review: BankReview, number: int, step: BankReviewStep | None = None) -> None:
    """Refuse a later round of which there is nothing to show yet."""
    if number == 1:
        return
    if step == "answers":
        raise StudyConflict("only ratings have a second round")
    if number > review.rounds + 1:
        raise StudyConflict(f"round {number} comes after round {review.rounds + 1}, which no expert has had yet")
    rated = {expert for (expert, _), opinion in review.opinions.items() if opinion.until(number - 1)}
    if len(rated) < _FEWEST_FOR_SECOND_ROUND:
        raise StudyConflict(
            f"round {number} shows what the experts said in the round before, and only {len(rated)} of them said "
            "anything; wait until they have rated"
        )


def _next_sheet(review: BankReview, expert: str, plan: ReviewSheetPlan) -> tuple[BankReviewStep, list[str]]:
    """What an expert gets: the wanted step, else ratings of what was answered, else what is left to answer."""
    if plan.step is not None or plan.round > 1:
        step = plan.step or "ratings"
        return step, _open_questions(review, expert, step, plan.round)
    rated_next = questions_to_rate(review, expert)
    to_rate = [name for name in _open_questions(review, expert, "ratings", 1) if name in rated_next]
    to_answer = [name for name in _open_questions(review, expert, "answers", 1) if name not in rated_next]
    return ("ratings", to_rate) if to_rate else ("answers", to_answer)


def questions_to_rate(review: BankReview, expert: str) -> set[str]:
    """Questions whose key an expert may see: they were answered without it, or it went out before."""
    saw_key = {row.question_id for row in review.rows if row.expert == expert and row.step == "ratings"}
    return saw_key | {
        name for who, name in review.opinions if who == expert and review.opinions[who, name].has_answered
    }


def _open_questions(review: BankReview, expert: str, step: BankReviewStep, number: int) -> list[str]:
    """Questions that the expert has not answered, or not rated in the round, in the bank's order."""
    wanted = []
    for _, question in review.bank.asked():
        opinion = review.opinion(expert, question.id)
        if step == "answers":
            is_open = not opinion.has_answered
        elif number == 1:
            is_open = not is_rated(opinion.values, question)
        else:
            is_open = number not in opinion.by_round
        if is_open:
            wanted.append(question.id)
    return wanted


def rows_out(
    review: BankReview, expert: str, wanted: Iterable[tuple[str, BankReviewStep, int]], now: datetime
) -> list[BankReviewRow]:
    """A row for each question id, step and round: the one that went out already with the same text, else a new one."""
    taken = {row.row_id for row in review.rows}
    rows = []
    for question_id, step, number in wanted:
        row = BankReviewRow(new_row_id(taken), expert, step, number, question_id, review.bank.version, now)
        taken.add(row.row_id)
        rows.append(review.current.get(row.place, row))
    return rows
