"""Exact McNemar tests and Cochran's Q on the one-line questions of a long table, round by round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from samp_eval.statistics.exact_tests import ExactTest, cochran_q, exact_mcnemar
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = ["OneLineTest", "one_line_tests"]


_NEARLY_ALL = 0.9
"""Of the questions of the respondent with the most; whoever answered fewer is in the tests of pairs only."""


@dataclass(frozen=True, slots=True)
class OneLineTest:
    """A test of right and wrong answers to the questions that ask for one line.

    Attributes
    ----------
    test : str
        ``McNemar, exact`` or ``Cochran's Q``.
    compared : tuple of str
        Respondents, or rounds of one respondent.
    within : str
        ``round 2``, or ``rounds of gpt-4``.
    right : tuple of int
        Questions that each has right.
    outcome : ExactTest or NotEstimated
    """

    test: str
    compared: tuple[str, ...]
    within: str
    right: tuple[int, ...]
    outcome: ExactTest | NotEstimated


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
        Questions that are not answered by all who are compared are left out; so are respondents that answered fewer
        than nine tenths of the questions, where three or more are tested together. Empty where nothing can be compared,
        and where a score lies between the two: the questions without one are no fair choice.
    """
    binary = (scored["score_percent"] - lowest).abs().lt(1e-9) | (scored["score_percent"] - highest).abs().lt(1e-9)
    one_line = scored["requested"] == 1
    if not binary[one_line].all():
        return []
    part = scored[one_line]
    right = (part["score_percent"] > (lowest + highest) / 2).astype(float)
    part = part.assign(respondent=part["respondent"].astype("str"), right=right)
    return list(_tests(part.pivot(index="question_id", columns=["respondent", "round"], values="right"), respondents))


def _tests(answers: pd.DataFrame, respondents: Sequence[str]) -> Iterator[OneLineTest]:
    columns = cast("list[tuple[str, int]]", answers.columns.tolist())
    rounds = sorted({number for _, number in columns})
    for number in rounds:
        present = [name for name in respondents if (name, number) in columns]
        for name in present[1:]:
            yield from _compared(answers, [(name, number), (present[0], number)], [name, present[0]], f"round {number}")
        together = _with_most_questions(answers, present)
        if len(together) > 2:
            yield from _compared(answers, [(name, number) for name in together], together, f"round {number}")
    for name in respondents:
        asked = [number for number in rounds if (name, number) in columns]
        if len(asked) > 1:
            yield from _compared(answers, [(name, number) for number in asked], asked, f"rounds of {name}")


def _with_most_questions(answers: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Respondents that answered nearly all questions of the one with the most: others would shrink the test of all."""
    columns = answers.columns.get_level_values("respondent")
    answered = {name: set(answers.index[answers.loc[:, columns == name].notna().any(axis="columns")]) for name in names}
    most = max(answered.values(), key=len)
    return [name for name in names if len(answered[name] & most) >= _NEARLY_ALL * len(most)]


def _compared(
    answers: pd.DataFrame, columns: Sequence[tuple[str, int]], named: Sequence[object], within: str
) -> Iterator[OneLineTest]:
    table = np.column_stack([answers[column].to_numpy() for column in columns])
    complete = table[~np.isnan(table).any(axis=1)] == 1
    if not len(complete):
        return
    right = tuple(complete.sum(axis=0).tolist())
    names = tuple(str(name) for name in named)
    if len(names) == 2:
        yield OneLineTest("McNemar, exact", names, within, right, exact_mcnemar(complete[:, 0], complete[:, 1]))
        return
    yield OneLineTest("Cochran's Q", names, within, right, or_reason(cochran_q)(complete))
