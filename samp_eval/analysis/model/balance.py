"""Whether both sides of a comparison answered the same questions equally often, and in the same rounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from samp_eval.analysis.model.fitted_sample import FittedSample
from samp_eval.analysis.model.samples import NEARLY_ALL
from samp_eval.analysis.tables.long_table import CONDITION_TERMS

__all__ = ["shift_by_questions", "warnings_of_balance"]

_SMALL_SHIFT = 0.02
"""Of the range of the scores: what questions that are answered unevenly may move a mean by without a word.

A model against itself, of which four of five rounds failed on the easier half of 77 questions, has a shift of 0.12 and
an odds ratio of 0.58. With one in ten requests failed at random the shift has a standard deviation of 0.007. A shift of
0.02 is a log odds ratio of about 0.08.
"""


def warnings_of_balance(sources: Mapping[str, FittedSample], reference: str) -> list[str]:
    """Name the comparisons whose sides answered the questions unevenly, or in rounds that have nothing in common.

    Parameters
    ----------
    sources : mapping of column to FittedSample
        What each term was estimated from.
    reference : str
        Respondent that the others are compared with.
    """
    of_condition = dict(CONDITION_TERMS)
    warnings = []
    for column, source in sources.items():
        rows = source.rows
        if column in of_condition:
            under = rows[column].astype(bool)
            sides, names = (rows[under], rows[~under]), (column, of_condition[column])
        else:
            sides = (rows[rows["respondent"] == column], rows[rows["respondent"] == reference])
            names = (column, reference)
            warnings += _of_rounds(*sides, *names)
            if set(sides[0]["question_id"]) != set(sides[1]["question_id"]):
                continue  # of all questions: who answered which is said of all respondents together
        warnings += _of_questions(*sides, *names, float(np.ptp(rows["score_percent"])))
    return warnings


def shift_by_questions(side: pd.DataFrame, other: pd.DataFrame) -> tuple[float, float]:
    """Mean of the questions' scores, weighted as each side answered them.

    The score of a question is the mean of the two sides' means on it, so that the two differ only where one side
    answered some questions more often than the other did.

    Parameters
    ----------
    side, other : DataFrame
        Scored rows of the long table.

    Returns
    -------
    tuple of float
        In the unit of the scores.
    """
    means = pd.concat([rows.groupby("question_id")["score_percent"].mean() for rows in (side, other)], axis=1)
    score = means.mean(axis=1)
    of_side, of_other = (float(rows["question_id"].map(score).mean()) for rows in (side, other))
    return of_side, of_other


def _of_questions(side: pd.DataFrame, other: pd.DataFrame, name: str, compared: str, reach: float) -> list[str]:
    own, others = set(side["question_id"]), set(other["question_id"])
    common = own & others
    if len(common) < NEARLY_ALL * len(own | others):
        return [
            f"{name} and {compared} have responses to different questions ({len(common)} of {len(own | others)} in "
            "common): their odds ratio mixes how hard the questions are with this"
        ]
    side, other = (rows[rows["question_id"].isin(common)] for rows in (side, other))
    of_side, of_other = shift_by_questions(side, other)
    if abs(of_side - of_other) < _SMALL_SHIFT * reach:
        return []
    which = "harder" if of_side < of_other else "easier"
    return [
        f"{name} has more responses to the {which} questions than {compared}: by its responses the questions have a "
        f"mean score of {of_side:.1f}, by those of {compared} one of {of_other:.1f}; their odds ratio holds this "
        "difference too (samp-eval compare has differences paired by question)"
    ]


def _of_rounds(side: pd.DataFrame, other: pd.DataFrame, name: str, compared: str) -> list[str]:
    own, others = (sorted(set(rows["round"])) for rows in (side, other))
    if set(own) & set(others):
        return []
    return [
        f"{name} has scores in {_listed(own)} only and {compared} in {_listed(others)}: their odds ratio cannot tell "
        "the respondents from the rounds"
    ]


def _listed(rounds: list[int]) -> str:
    *others, last = map(str, rounds)
    return f"rounds {', '.join(others)} and {last}" if others else f"round {last}"
