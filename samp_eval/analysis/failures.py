"""Responses that could not be had, counted as nothing right where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.run.respondent import ResponseFailure

__all__ = ["failed_lines", "with_failures"]


def with_failures(
    table: pd.DataFrame, failures: Sequence[ResponseFailure], bank: Bank, bases: Sequence[MarkBasis]
) -> pd.DataFrame:
    """The long table with a row of nothing right for each failure on each basis."""
    if not failures:
        return table
    rows = _rows(failures, bank, bases).assign(correct=0.0, score_percent=0.0)
    return pd.concat([table, rows[list(table.columns)]], ignore_index=True)


def failed_lines(failures: Sequence[ResponseFailure], bank: Bank, bases: Sequence[MarkBasis]) -> pd.DataFrame:
    """A row that earned nothing for each answer line that a failure owes, with the columns of a design."""
    rows = _rows(failures, bank, bases)
    return rows.loc[rows.index.repeat(rows["requested"])].assign(earned=0.0).reset_index(drop=True)


def _rows(failures: Sequence[ResponseFailure], bank: Bank, bases: Sequence[MarkBasis]) -> pd.DataFrame:
    questions = bank.by_question()
    rows = [
        (
            failure.ask.question_id,
            questions[failure.ask.question_id][0].id,
            failure.ask.respondent,
            failure.ask.round,
            failure.ask.condition.label,
            failure.ask.condition.prompted,
            failure.ask.condition.regenerated,
            failure.ask.condition.later,
            basis,
            questions[failure.ask.question_id][1].requested,
        )
        for basis in bases
        for failure in failures
        if failure.ask.question_id in questions
    ]
    where = ["question_id", "case_id", "respondent", "round", "condition", "prompted", "regenerated", "later"]
    return pd.DataFrame(rows, columns=[*where, "basis", "requested"])
