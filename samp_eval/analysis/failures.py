"""Responses that could not be had, counted as nothing right where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from samp_eval.analysis.frame import COLUMNS
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.run.respondent import ResponseFailure

__all__ = ["failure_rows", "with_failures"]


def with_failures(
    table: pd.DataFrame, failures: Sequence[ResponseFailure], bank: Bank, bases: Sequence[MarkBasis]
) -> pd.DataFrame:
    """The long table with a row of nothing right for each failure on each basis."""
    rows = failure_rows(failures, bank, bases)
    return pd.concat([table, rows], ignore_index=True) if len(rows) else table


def failure_rows(failures: Sequence[ResponseFailure], bank: Bank, bases: Sequence[MarkBasis]) -> pd.DataFrame:
    """A row of nothing right for each failure on each basis, in the columns of the long table."""
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
            0.0,
            0.0,
        )
        for basis in bases
        for failure in failures
        if failure.ask.question_id in questions
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
