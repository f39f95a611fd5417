"""Whether both sides of a comparison answered the same questions equally often, and in the same rounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.model.fitted_sample import FittedSample
from samp_eval.analysis.model.samples import NEARLY_ALL
from samp_eval.analysis.tables.long_table import CONDITION_TERMS

__all__ = ["shift_by_questions", "warnings_of_uneven_questions"]

_SMALL_SHIFT = 0.02
"""Of the range of the scores: what questions that are answered unevenly may move a mean by without a word.

A model against itself, of which four of five rounds failed on the easier half of 77 questions, has a shift of 0.12 and
an odds ratio of 0.58. With one in ten requests failed at random the shift has a standard deviation of 0.007. A shift of
0.02 is a log odds ratio of about 0.08.
"""


def warnings_of_uneven_questions(sources: Mapping[str, FittedSample], reference: str) -> list[str]:
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
            under = rows[column].to_numpy(dtype=bool)
            sides, names = (under, ~under), (column, of_condition[column])
        else:
            respondent, names = rows["respondent"], (column, reference)
            sides = ((respondent == column).to_numpy(), (respondent == reference).to_numpy())
            warnings += _of_rounds(rows["round"].to_numpy(), *sides, *names)
        warnings += _of_questions(rows, *sides, *names, other_questions=column in of_condition)
    return warnings


def shift_by_questions(counts: NDArray[np.int64], totals: NDArray[np.float64]) -> tuple[float, float]:
    """Mean of the questions' scores, weighted as each side answered them.

    The score of a question is the mean of the two sides' means on it, so that the two differ only where one side
    answered some questions more often than the other did.

    Parameters
    ----------
    counts, totals : array, shape (2, questions)
        Each side's responses to each question, of which both have some, and the sum of their scores.

    Returns
    -------
    tuple of float
        In the unit of the scores.
    """
    of_side, of_other = (counts @ (totals / counts).mean(axis=0) / counts.sum(axis=1)).tolist()
    return of_side, of_other


def _of_questions(
    rows: pd.DataFrame,
    side: NDArray[np.bool_],
    other: NDArray[np.bool_],
    name: str,
    compared: str,
    *,
    other_questions: bool,
) -> list[str]:
    """Of one comparison; without ``other_questions`` nothing of sides that differ in which questions they answered.

    Who of the respondents answered which questions is said of all of them together.
    """
    question, score = pd.factorize(rows["question_id"])[0], rows["score_percent"].to_numpy()
    size = int(question.max()) + 1
    counts = np.array([np.bincount(question[chosen], minlength=size) for chosen in (side, other)])
    totals = np.array([np.bincount(question[chosen], score[chosen], minlength=size) for chosen in (side, other)])
    answered = counts > 0
    common, of_either = answered.all(axis=0), int(answered.any(axis=0).sum())
    if common.sum() < of_either and not other_questions:
        return []
    if common.sum() < NEARLY_ALL * of_either:
        return [
            f"{name} and {compared} have responses to different questions ({common.sum()} of {of_either} in common): "
            "their odds ratio mixes how hard the questions are with this"
        ]
    of_side, of_other = shift_by_questions(counts[:, common], totals[:, common])
    if abs(of_side - of_other) < _SMALL_SHIFT * float(np.ptp(score)):
        return []
    which = "harder" if of_side < of_other else "easier"
    return [
        f"{name} has more responses to the {which} questions than {compared}: by its responses the questions have a "
        f"mean score of {of_side:.1f}, by those of {compared} one of {of_other:.1f}; their odds ratio holds this "
        "difference too (samp-eval compare has differences paired by question)"
    ]


def _of_rounds(
    rounds: NDArray[np.int64], side: NDArray[np.bool_], other: NDArray[np.bool_], name: str, compared: str
) -> list[str]:
    own, others = (np.unique(rounds[chosen]).tolist() for chosen in (side, other))
    if set(own) & set(others):
        return []
    return [
        f"{name} has scores in {_listed(own)} only and {compared} in {_listed(others)}: their odds ratio cannot tell "
        "the respondents from the rounds"
    ]


def _listed(rounds: list[int]) -> str:
    *others, last = map(str, rounds)
    return f"rounds {', '.join(others)} and {last}" if others else f"round {last}"
