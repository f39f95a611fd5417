"""Reviewer sheets out of a study."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.answers.readings import counted_answers
from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.literals import SheetFormat, SheetUnit
from samp_eval.review.amendments.amendment import reopened_marks, what_changed
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.assignment.late_answers import HIDDEN_SHARE, GivenBy, repeats_for_late_answers
from samp_eval.review.assignment.plan import finished_answers
from samp_eval.review.blinding import blinded_order, repeated_answers, repeats_among, rows_for
from samp_eval.review.marks import Mark, MarkPlace, marked_on_both
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.row_ids import SheetRow, new_row_id
from samp_eval.review.sheets.sheet_age import SentSheet
from samp_eval.review.sheets.sheet_files import write_sheet
from samp_eval.review.sheets.sheet_lines import (
    WHY_AGAIN,
    LastColumn,
    SheetLine,
    as_sheet,
    marks_shown,
    sheet_lines,
    with_marks,
)
from samp_eval.review.to_mark import AnswersToMark, lines_to_mark, respondents_by_line, reviewed
from samp_eval.study import CONTROL

__all__ = [
    "ExportedSheet",
    "SheetPlan",
    "WhichRows",
    "export_sheets",
    "record_sheet",
    "sheet_file",
]

WhichRows = Literal["open", "new", "all", "reopened"]
"""open: not wholly marked yet; new: on no earlier sheet; all: everything, with the marks so far; reopened: marked under
a key that was corrected since."""


LARGE = 10_000
"""Responses or rows that take some seconds."""


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What sheets are wanted.

    Attributes
    ----------
    reviewers : tuple of str
    formats : tuple of SheetFormat
    unit : SheetUnit
    which : WhichRows
    repeat_share : float or None
        Share of a reviewer's rows that come again unannounced, 0 to 1. None for none, but
        :data:`~samp_eval.review.assignment.late_answers.HIDDEN_SHARE` where only late respondents have new answers.
    seed : int
        The study's seed.
    """

    reviewers: tuple[str, ...]
    formats: tuple[SheetFormat, ...] = ("csv",)
    unit: SheetUnit = "answer"
    which: WhichRows = "open"
    repeat_share: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ExportedSheet:
    """One reviewer's sheet as written.

    Attributes
    ----------
    reviewer : str
    files : tuple of str
        Empty where there was nothing to write.
    rows : int
    repeats : int
        Rows among them that repeat an answer.
    outstanding : int
        Rows among them that are on an earlier sheet and are not wholly marked yet.
    """

    reviewer: str
    files: tuple[str, ...]
    rows: int
    repeats: int
    outstanding: int


def export_sheets(
    store: ReviewStore, plan: SheetPlan, folder: Path, now: datetime, notify: Callable[[str], None] = lambda said: None
) -> tuple[AnswersToMark, list[ExportedSheet]]:
    """Write a sheet for each reviewer; what stands behind its rows is recorded first. No file is overwritten.

    ``notify`` is told what is under way, where that takes long.

    Raises
    ------
    StudyConflict
        Where a reviewer's name cannot be one, or there is nothing to mark.
    CannotStore
        Where the folder cannot be written.
    """
    check_reviewers(plan.reviewers)
    keys = store.key_history()
    bank, responses = reviewed(store, keys.present.bank)
    if len(responses) > LARGE:
        notify(f"Reading {len(responses):,} responses")
    counted = list(counted_answers(bank, responses))
    to_mark, marks = lines_to_mark(bank, counted, plan.unit), store.marks(automatic=False)
    given_by = respondents_by_line(counted) if marks else {}  # for repeats, which are of marked answers
    del counted, responses  # their texts are most of the memory
    if not to_mark.answers:
        raise StudyConflict("the study holds no answer lines to mark yet; run samp-eval run or responses import first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStore(f"the folder {folder} cannot be made: {error.strerror}") from error
    sent, assignment = store.sent_sheets(), store.assignment_plan()
    finished = finished_answers(marks)
    if assignment is not None:
        assignment.check_reviewers(plan.reviewers)
    reopened, held = reopened_marks(keys, store.marks_as_given(automatic=False)), store.sheet_rows()
    sheets = []
    for name in plan.reviewers:
        reviewer = Reviewer(name)
        answers = to_mark.answers if assignment is None else assignment.assigned(name, to_mark.answers, finished)
        earlier = {row_id for sheet in sent.values() if sheet.reviewer == reviewer for row_id in sheet.shown}
        rows = _rows_wanted(keys, bank, answers, given_by, reviewer, plan, held, earlier, marks, reopened, now)
        if len(rows) > LARGE:
            notify(f"{name}: recording and writing {len(rows):,} rows")
        rows = store.keep_sheet_rows(rows)
        lines = with_marks(sheet_lines(rows, bank), rows, marks)
        why = _why_again(keys, rows, reopened) if plan.which == "reopened" else None
        stem = free_stem(folder, name, plan.formats) if rows else ""
        if rows:
            lines = record_sheet(store, lines, reviewer, stem, now)
        written = [write_sheet(lines, bank, folder / f"{stem}.{ending}", why) for ending in plan.formats if rows]
        files = list(map(str, written))
        done = marked_on_both(marks, reviewer)
        outstanding = sum(row.row_id in earlier and (row.answer_id, row.repeat) not in done for row in rows)
        repeats = sum(row.repeat for row in rows)
        sheets.append(ExportedSheet(name, tuple(files), len(rows), repeats, outstanding))
        held |= {row.row_id: row for row in rows}
        del rows, lines  # before the next reviewer's, which take as much memory
    return to_mark, sheets


def record_sheet(
    store: ReviewStore, lines: Sequence[SheetLine], reviewer: Reviewer, file: str, now: datetime
) -> list[SheetLine]:
    """Record a sheet before it is written; returns its lines with its id."""
    sheet = new_row_id(store.sent_sheets())
    store.keep_sheet(SentSheet(sheet, reviewer, now, file, marks_shown(lines)))
    return as_sheet(lines, sheet)


def check_reviewers(reviewers: Sequence[str]) -> None:
    """Refuse names that mean something else, that are missing, or that are given twice."""
    if not reviewers:
        raise StudyConflict("who marks? give --reviewer NAME for each, or name them in study.toml under [review]")
    for name in reviewers:
        if not name.strip() or len(name) > 100 or CONTROL.search(name) or Reviewer.from_label(name).role != "reviewer":
            raise StudyConflict(f"{name!r} cannot be a reviewer's name; use a name or initials, such as --reviewer A")
    if len({sheet_file(name).lower() for name in reviewers}) < len(reviewers):
        raise StudyConflict(
            f"two reviewers would share one sheet: {', '.join(reviewers)}; give them names of their own"
        )


def sheet_file(reviewer: str) -> str:
    """File name, without its ending, of a reviewer's sheet."""
    return re.sub(r"[^\w.-]+", "-", reviewer).strip("-.") or "reviewer"


def free_stem(folder: Path, reviewer: str, formats: Sequence[SheetFormat]) -> str:
    """The file name for a further sheet: earlier ones may hold marks and are never overwritten."""
    stem = sheet_file(reviewer)
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 10_000))
    return next(name for name in names if not any((folder / f"{name}.{ending}").exists() for ending in formats))


def _rows_wanted(
    keys: KeyHistory,
    bank: Bank,
    answers: Sequence[DistinctAnswer],
    given_by: GivenBy,
    reviewer: Reviewer,
    plan: SheetPlan,
    held: Mapping[str, SheetRow],
    earlier: Container[str],
    marks: Sequence[Mark],
    reopened: Mapping[MarkPlace, Mark],
    now: datetime,
) -> list[SheetRow]:
    """The rows of one reviewer, in blinded order."""
    rows = rows_for(reviewer, answers, plan.unit, held, keys, now)
    done = marked_on_both(marks, reviewer)
    again = {(answer_id, repeat) for who, answer_id, _, repeat in reopened if who == reviewer}

    def is_wanted(row: SheetRow) -> bool:
        if plan.which == "new":
            return row.row_id not in earlier
        shown = row.answer_id, row.repeat
        return plan.which == "all" or (shown in again if plan.which == "reopened" else shown not in done)

    wanted = list(filter(is_wanted, rows))
    own = {answer.answer_id for answer in answers}
    repeated = [answer for answer in repeated_answers(held.values(), reviewer, bank) if answer.answer_id in own]
    share = HIDDEN_SHARE if plan.repeat_share is None else plan.repeat_share
    late = repeats_for_late_answers(answers, held.values(), done, given_by, share, plan.seed, reviewer)
    if wanted and not repeated and not late:
        repeated = repeats_among(wanted, plan.repeat_share or 0.0, plan.seed)
    repeated += late
    if repeated:
        known = {**held, **{row.row_id: row for row in rows}}
        wanted += filter(is_wanted, rows_for(reviewer, repeated, plan.unit, known, keys, now, repeat=True))
    return blinded_order(wanted, bank, reviewer, plan.seed)


def _why_again(keys: KeyHistory, rows: Sequence[SheetRow], reopened: Mapping[MarkPlace, Mark]) -> LastColumn:
    """Why a reviewer gets each answer once more."""
    versions = {(who, answer_id, repeat): mark.key_version for (who, answer_id, _, repeat), mark in reopened.items()}
    changed = (what_changed(keys, row.question_id, versions[row.reviewer, row.answer_id, row.repeat]) for row in rows)
    return LastColumn(WHY_AGAIN, [" ".join(sentences) for sentences in changed])
