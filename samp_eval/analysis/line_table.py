"""The line-level table: one row per requested answer line of each response, on each basis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from samp_eval.analysis.study_table import bases_marked
from samp_eval.items.samp import Bank, Question
from samp_eval.literals import MarkBasis
from samp_eval.review.consensus import consensus_marks
from samp_eval.review.distinct import answer_id_of, line_id_of
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.review.to_mark import standing_together
from samp_eval.run.lines import AnswerLine, answer_lines
from samp_eval.run.respondent import Response
from samp_eval.study import ReviewPlan

__all__ = ["LINE_COLUMNS", "line_table"]

LINE_COLUMNS = (
    "question_id",
    "case_id",
    "respondent",
    "round",
    "condition",
    "prompted",
    "regenerated",
    "later",
    "basis",
    "line",
    "given",
    "text",
    "entry",
    "credit",
    "earned",
)


def line_table(bank: Bank, responses: Sequence[Response], marks: Sequence[Mark], review: ReviewPlan) -> pd.DataFrame:
    """Every requested line of every response, with what it adds to the score.

    Parameters
    ----------
    bank : Bank
    responses : sequence of Response
    marks : sequence of Mark
        The present ones.
    review : ReviewPlan
        Its consensus rule makes two reviewers' marks one.

    Returns
    -------
    DataFrame
        Columns :data:`LINE_COLUMNS`. ``credit`` is the consensus of the marks (0, 1 or a fraction, NaN while open);
        ``earned`` is what the line adds to the score, so that it sums to ``correct`` of the long table. A line that
        was asked for and not given has an empty text, no credit, and earns 0.
    """
    together = list(standing_together(bank, responses))
    rows: list[tuple[Any, ...]] = []
    for basis in bases_marked(marks):
        agreed = consensus_marks(marks, basis, review.consensus, review.reviewers, together)
        by_answer = {mark.answer_id: mark for mark in agreed}
        rows += _rows_of(bank, responses, by_answer, basis)
    return pd.DataFrame.from_records(rows, columns=list(LINE_COLUMNS))


def _rows_of(
    bank: Bank, responses: Iterable[Response], marks: Mapping[str, ConsensusMark], basis: MarkBasis
) -> Iterator[tuple[Any, ...]]:
    questions = bank.by_question()
    for response in responses:
        ask = response.ask
        if ask.question_id not in questions:
            continue
        case, question = questions[ask.question_id]
        condition = ask.condition
        place = (ask.question_id, case.id, ask.respondent, ask.round, condition.label)
        asked = (condition.prompted, condition.regenerated, condition.later)
        for cells in _lines_of(response, question, marks):
            yield (*place, *asked, basis, *cells)


def _lines_of(
    response: Response, question: Question, marks: Mapping[str, ConsensusMark]
) -> Iterator[tuple[int, bool, str, str, float, float]]:
    number = 0
    for line, mark, earned in _earnings(response, question, marks):
        number = line.number
        credit = np.nan if mark is None or mark.credit is None else mark.credit
        yield number, True, line.text, "" if mark is None else mark.entry, credit, earned
    for missing in range(number + 1, question.requested + 1):
        yield missing, False, "", "", np.nan, 0.0


def _earnings(
    response: Response, question: Question, marks: Mapping[str, ConsensusMark]
) -> Iterator[tuple[AnswerLine, ConsensusMark | None, float]]:
    """Each counted line with its mark and what it adds to the score of :mod:`samp_eval.analysis.score`.

    A line whose key entry or answer has earned before adds only what its credit is above the earlier one: nothing,
    unless the consensus rule is ``mean``.
    """
    ask = response.ask
    earned: dict[str, float] = {}
    for line in answer_lines(response.reply.text, question.requested):
        if not line.counted:
            break
        answer_id = answer_id_of(ask.question_id, line.text)
        mark = marks.get(line_id_of(ask.question_id, ask.respondent, ask.round, line.number)) or marks.get(answer_id)
        if mark is None or mark.credit is None:
            yield line, mark, np.nan
            continue
        once = mark.entry or answer_id
        before = earned.get(once, 0.0)
        earned[once] = max(before, mark.credit)
        yield line, mark, earned[once] - before
