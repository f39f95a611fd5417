"""Exact McNemar tests and Cochran's Q on the one-line questions of a long table, round by round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from samp_eval.analysis.compare import cochran_q, exact_mcnemar
from samp_eval.analysis.comparison_results import OneLineTest
from samp_eval.errors import CannotEstimate

__all__ = ["one_line_tests"]


def one_line_tests(
    scored: pd.DataFrame, respondents: Sequence[str], lowest: float, highest: float
) -> list[OneLineTest]:
    """Compare respondents in every round, and the rounds of every respondent.

    Parameters
    ----------
    scored : DataFrame
        Rows of one basis with a score.
    respondents : sequence of str
        In order; McNemar's test compares each with the first.
    lowest, highest : float
        The scores of a wrong and of a right answer.

    Returns
    -------
    list of OneLineTest
        Questions that are not answered by all who are compared are left out; empty where nothing can be compared.
    """
    binary = (scored["score_percent"] - lowest).abs().lt(1e-9) | (scored["score_percent"] - highest).abs().lt(1e-9)
    part = scored[(scored["requested"] == 1) & binary]
    part = part.assign(
        respondent=part["respondent"].astype("str"), right=part["score_percent"] > (lowest + highest) / 2
    )
    return list(_tests(part, respondents))


def _tests(part: pd.DataFrame, respondents: Sequence[str]) -> Iterator[OneLineTest]:
    for number, rows in part.groupby("round", sort=True):
        answers = rows.pivot(index="question_id", columns="respondent", values="right")
        present = [name for name in respondents if name in answers.columns]
        for name in present[1:]:
            yield from _compared(answers, [name, present[0]], f"round {number}")
        if len(present) > 2:
            yield from _compared(answers, present, f"round {number}")
    for name in respondents:
        answers = part[part["respondent"] == name].pivot(index="question_id", columns="round", values="right")
        if answers.shape[1] > 1:
            yield from _compared(answers, list(answers.columns), f"rounds of {name}")


def _compared(answers: pd.DataFrame, columns: Sequence[object], within: str) -> Iterator[OneLineTest]:
    complete = answers[list(columns)].dropna().astype(bool)
    if complete.empty:
        return
    right = tuple(int(value) for value in complete.sum())
    names = tuple(str(column) for column in columns)
    if len(names) == 2:
        outcome = exact_mcnemar(complete.iloc[:, 0], complete.iloc[:, 1])
        yield OneLineTest("McNemar, exact", names, within, right, outcome)
        return
    try:
        yield OneLineTest("Cochran's Q", names, within, right, cochran_q(complete))
    except CannotEstimate as error:
        yield OneLineTest("Cochran's Q", names, within, right, str(error))
