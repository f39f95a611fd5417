"""Which rows a reviewer gets, and in what order: seeded for each reviewer, telling nothing of who answered."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.samp import Bank
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import RowUnit, SheetRow, new_row_id

__all__ = ["blinded_order", "repeated_answers", "repeats_among", "rows_for"]

T = TypeVar("T")


@dataclass(slots=True)
class _Group:
    """Rows of one question; ``second`` come again at the end of the sheet, among repeats."""

    first: list[SheetRow]
    second: list[SheetRow]


def rows_for(
    reviewer: Reviewer,
    answers: Iterable[DistinctAnswer],
    unit: RowUnit,
    held: Mapping[str, SheetRow],
    keys: KeyHistory,
    now: datetime,
    *,
    repeat: bool = False,
) -> list[SheetRow]:
    """One row for each answer: the reviewer's earlier row where there is one, so that its id stays, else a new one.

    Parameters
    ----------
    reviewer : Reviewer
    answers : iterable of DistinctAnswer
    unit : RowUnit
    held : mapping
        Every row of the study that ever went out, by row id.
    keys : KeyHistory
        A row whose key has been corrected since is not used again: a sheet that shows it keeps its letters.
    now : datetime
        UTC.
    repeat : bool
        Whether the reviewer gets these answers a second time.
    """
    earlier = {
        (row.answer_id, row.unit, row.repeat): row
        for row in held.values()
        if row.reviewer == reviewer and keys.reads_alike(row.question_id, row.key_version)
    }
    taken = set(held)
    rows = []
    for answer in answers:
        row = earlier.get((answer.answer_id, unit, repeat))
        if row is None:
            row_id = new_row_id(taken)
            shown = (answer.question_id, answer.answer_id, answer.text)
            row = SheetRow(row_id, reviewer, *shown, unit, now, repeat, keys.present_version)
            taken.add(row_id)
        rows.append(row)
    return rows


def repeated_answers(rows: Iterable[SheetRow], reviewer: Reviewer, bank: Bank) -> list[DistinctAnswer]:
    """The answers that a reviewer has got a second time, of the bank's questions."""
    known = bank.by_question()
    return [
        DistinctAnswer(row.answer_id, row.question_id, row.text, 1)
        for row in {row.answer_id: row for row in rows if row.reviewer == reviewer and row.repeat}.values()
        if row.question_id in known
    ]


def repeats_among(rows: Sequence[SheetRow], share: float, seed: int) -> list[DistinctAnswer]:
    """Draw the answers that the reviewer marks a second time without being told.

    Parameters
    ----------
    rows : sequence of SheetRow
        First rows of one reviewer.
    share : float
        Of the rows, 0 to 1; rounded up.
    seed : int
        The study's seed.
    """
    if not rows or share <= 0:
        return []
    chance = random.Random(f"{seed}|repeats|{rows[0].reviewer.label}")  # noqa: S311  # an order, no secret
    ordered = sorted(rows, key=lambda row: row.answer_id)
    drawn = chance.sample(ordered, min(len(ordered), max(1, round(len(ordered) * share))))
    return [DistinctAnswer(row.answer_id, row.question_id, row.text, 1) for row in drawn]


def blinded_order(rows: Iterable[SheetRow], bank: Bank, reviewer: Reviewer, seed: int) -> list[SheetRow]:
    """Order the rows of one reviewer: cases and the answers of a question shuffled, the questions of a case in order.

    Rows of a case and of a question stand together, and an update comes after the questions before it. Where answers
    are repeated that stand among the rows for the first time too, their questions come once more at the end, the
    repeats among as many answers that were held back for it, so that nothing tells which is which.
    """
    chance = random.Random(f"{seed}|order|{reviewer.label}")  # noqa: S311  # an order, no secret
    groups: dict[str, list[SheetRow]] = {}
    for row in sorted(rows, key=lambda row: (row.repeat, row.answer_id)):
        groups.setdefault(row.question_id, []).append(row)
    split = {question_id: _split(group, chance) for question_id, group in groups.items()}
    cases: dict[str, list[str]] = {}
    for case, question in bank.asked():
        if question.id in split:
            cases.setdefault(case.id, []).append(question.id)
    case_ids = _shuffled(list(cases), chance)
    in_order = [split[question_id] for case_id in case_ids for question_id in cases[case_id]]
    passes = [group.first for group in in_order] + [group.second for group in in_order]
    return [row for group in passes for row in _shuffled(group, chance)]


def _split(group: list[SheetRow], chance: random.Random) -> _Group:
    here = {row.answer_id for row in group if not row.repeat}
    repeats = [row for row in group if row.repeat and row.answer_id in here]
    others = [row for row in group if not row.repeat or row.answer_id not in here]
    if not repeats:
        return _Group(others, [])
    repeated = {row.answer_id for row in repeats}
    may_wait = [row for row in others if row.answer_id not in repeated]
    held_back = chance.sample(may_wait, min(len(repeats), len(may_wait) // 2))
    return _Group([row for row in others if row not in held_back], repeats + held_back)


def _shuffled(items: list[T], chance: random.Random) -> list[T]:
    return chance.sample(items, len(items))
