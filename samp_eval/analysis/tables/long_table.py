"""The long table: one row per question, respondent, round and basis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.score import score_percents
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.run.respondent import Ask, Response
from samp_eval.study import Condition

__all__ = ["COLUMNS", "CONDITION_TERMS", "columns_of", "counts_in_means", "failure_rows", "long_table", "rows_of_means"]

COLUMNS = (
    "question_id",
    "case_id",
    "respondent",
    "round",
    "condition",
    "prompted",
    "regenerated",
    "later",
    "basis",
    "requested",
    "correct",
    "score_percent",
)

CONDITION_TERMS = (
    ("prompted", "bare"),
    ("regenerated", "fresh"),
    ("later", "first asking"),
    ("pictures", "no pictures"),
)
"""Terms of the protocol's conditions, each with its reference. ``pictures`` is a column only where a round held some
back: see :func:`columns_of`."""


def columns_of(conditions: Iterable[Condition]) -> list[str]:
    """The columns of the long table of a study with these conditions."""
    held_back = any(not condition.pictures for condition in conditions)
    at = COLUMNS.index("basis")
    return [*COLUMNS[:at], *(["pictures"] if held_back else []), *COLUMNS[at:]]


def rows_of_means(table: pd.DataFrame) -> pd.DataFrame:
    """Every row but those of control rounds, which held pictures back; all rows where there are no others.

    A control asks other questions than the rounds that it controls, so it belongs to no respondent's mean.
    """
    if "pictures" not in table or not table["pictures"].any():
        return table
    return table[table["pictures"].astype(bool)]


def counts_in_means(responses: Sequence[Response]) -> list[bool]:
    """Whether each response has its row among :func:`rows_of_means`."""
    shown = [response.ask.condition.pictures for response in responses]
    return shown if any(shown) else [True] * len(shown)


def long_table(lines: CountedLines, correct: Mapping[MarkBasis, NDArray[np.float64]]) -> pd.DataFrame:
    """Scores as the long table of :func:`columns_of`; ``correct`` and ``score_percent`` are NaN where marks are open.

    Parameters
    ----------
    lines : CountedLines
    correct : mapping of basis to array (n,)
        See :func:`samp_eval.analysis.score.count_correct`.
    """
    asks = [response.ask for response in lines.responses]
    shared = pd.DataFrame(
        {
            "question_id": pd.Series([ask.question_id for ask in asks], dtype="str"),
            "case_id": pd.Series([case.id for case, _ in lines.asked], dtype="str"),
            "respondent": pd.Categorical([ask.respondent for ask in asks]),
            "round": np.array([ask.round for ask in asks], dtype=np.int64),
            "condition": pd.Categorical([ask.condition.label for ask in asks]),
            **{
                name: np.array([getattr(ask.condition, name) for ask in asks], dtype=bool)
                for name, _ in CONDITION_TERMS
            },
            "requested": lines.requested,
        }
    )
    parts = [
        shared.assign(
            basis=pd.Categorical([basis] * len(shared), categories=get_args(MarkBasis)),
            correct=right,
            score_percent=score_percents(lines, right),
        )
        for basis, right in correct.items()
    ]
    columns = columns_of(ask.condition for ask in asks)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def failure_rows(
    failed: Sequence[Ask], bank: Bank, bases: Sequence[MarkBasis], columns: Sequence[str] = COLUMNS
) -> pd.DataFrame:
    """A row of nothing right for each request without an answer on each basis, in these columns of the long table."""
    questions = bank.by_question()
    rows = [
        (
            ask.question_id,
            questions[ask.question_id][0].id,
            ask.respondent,
            ask.round,
            ask.condition.label,
            ask.condition.prompted,
            ask.condition.regenerated,
            ask.condition.later,
            ask.condition.pictures,
            basis,
            questions[ask.question_id][1].requested,
            0.0,
            0.0,
        )
        for basis in bases
        for ask in failed
        if ask.question_id in questions
    ]
    return pd.DataFrame(rows, columns=columns_of([Condition(pictures=False)]))[list(columns)]
