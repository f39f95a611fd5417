"""Exact tests of right and wrong answers to the same questions: McNemar's of two columns, Cochran's Q of several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, chdtrc

from samp_eval.errors import CannotEstimate

__all__ = ["ExactTest", "cochran_q", "exact_mcnemar"]


@dataclass(frozen=True, slots=True)
class ExactTest:
    """A test of right and wrong answers to the same questions.

    Attributes
    ----------
    statistic : float
    degrees_of_freedom : int
        0 for an exact test.
    p_value : float
        Two-sided, 0 to 1.
    n_questions : int
    n_discordant : int
        Questions on which the respondents (or rounds) differ.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    n_questions: int
    n_discordant: int


def exact_mcnemar(first: ArrayLike, second: ArrayLike) -> ExactTest:
    """Test whether two respondents are right equally often on the same one-line questions.

    Parameters
    ----------
    first, second : array_like of bool, shape (questions,)

    Returns
    -------
    ExactTest
        The statistic is the number of questions that only ``first`` has right.

    References
    ----------
    McNemar Q. Note on the sampling error of the difference between correlated proportions. Psychometrika 1947;12:153-7.
    """
    by_first, by_second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    only_first, only_second = int((by_first & ~by_second).sum()), int((by_second & ~by_first).sum())
    discordant = only_first + only_second
    p_value = min(1.0, float(2 * bdtr(min(only_first, only_second), discordant, 0.5)))
    return ExactTest(float(only_first), 0, p_value, len(by_first), discordant)


def cochran_q(right: ArrayLike) -> ExactTest:
    """Test whether several respondents (or rounds) are right equally often on the same one-line questions.

    Parameters
    ----------
    right : array_like of bool, shape (questions, respondents)

    Returns
    -------
    ExactTest
        Chi-squared with respondents less one degrees of freedom.

    Raises
    ------
    CannotEstimate
        All respondents agree on every question.

    References
    ----------
    Cochran WG. The comparison of percentages in matched samples. Biometrika 1950;37:256-66.
    """
    table = np.asarray(right, dtype=float)
    n_questions, n_columns = table.shape
    of_rows, of_columns = table.sum(axis=1), table.sum(axis=0)
    discordant = int(((of_rows > 0) & (of_rows < n_columns)).sum())
    if not discordant:
        raise CannotEstimate("There is no question on which they differ, so there is no difference to test.")
    spread = n_columns * (of_columns**2).sum() - of_columns.sum() ** 2
    statistic = (n_columns - 1) * spread / (n_columns * of_rows.sum() - (of_rows**2).sum())
    p_value = float(chdtrc(n_columns - 1, statistic))
    return ExactTest(float(statistic), n_columns - 1, p_value, n_questions, discordant)
