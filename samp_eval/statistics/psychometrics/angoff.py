"""Modified Angoff for questions with several lines: a pass mark from the lines that experts expect to be right."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from samp_eval.errors import CannotEstimate

__all__ = ["FEWEST_EXPERTS", "AngoffMark", "angoff"]

Floats = npt.NDArray[np.float64]

FEWEST_EXPERTS = 3
"""The spread of two experts' means says next to nothing about the error of their mark."""

_FEWEST_FOR_DISTANCE = 5
"""Below, the standard deviation of the other experts is too unsure to call one of them far from it."""
_FAR = 2.5
_UNRELATED = 0.2
"""Thresholds at which a standard-setting report lists an expert; nobody is removed."""


@dataclass(frozen=True, slots=True)
class AngoffMark:
    """A pass mark by modified Angoff, on the scale of score percentages.

    Attributes
    ----------
    cut : float
        Percent 0 to 100.
    standard_error : float
        From experts and questions: another panel and other questions of the kind would give another mark.
    error_of_experts, error_of_questions : float
        Its parts; their squares add up to its square.
    experts, questions : int
    expert_means : tuple of float
        Each expert's own mark, percent, in the order of the ratings.
    variance_experts, variance_questions, variance_residual : float
        Components of the two-way analysis of variance of percentages; an estimate below 0 is 0.
    noticed : tuple of (int, str)
        Experts, by their place, who are far from the others or do not go with them, and why.
    """

    cut: float
    standard_error: float
    error_of_experts: float
    error_of_questions: float
    experts: int
    questions: int
    expert_means: tuple[float, ...]
    variance_experts: float
    variance_questions: float
    variance_residual: float
    noticed: tuple[tuple[int, str], ...]


def angoff(expected: npt.ArrayLike, requested: npt.ArrayLike) -> AngoffMark:
    """The pass mark, with its error.

    Parameters
    ----------
    expected : array_like, shape (experts, questions)
        How many lines a just-competent candidate has right, 0 to N; no gaps.
    requested : array_like of int, shape (questions,)
        N: lines asked for.

    Raises
    ------
    CannotEstimate
        Fewer than three experts or two questions, a gap, or an expectation outside 0 to N.

    Notes
    -----
    The share of right lines is averaged over experts and questions, each question with the same weight, as the score
    percentage of a respondent is. With x[j, i] the share that expert j expects on question i, the error of experts is
    ``s_j^2 / n_j + s_e^2 / (n_i n_j)`` and that of questions ``s_i^2 / n_i``.

    References
    ----------
    Hambleton RK, Plake BS. Using an extended Angoff procedure to set standards on complex performance assessments. Appl
    Meas Educ 1995;8:41-55.
    Brennan RL, Lockwood RE. A comparison of the Nedelsky and Angoff cutting score procedures using generalizability
    theory. Appl Psychol Meas 1980;4:219-40.
    """
    lines, asked = np.asarray(expected, dtype=float), np.asarray(requested, dtype=float)
    _check(lines, asked)
    shares = 100.0 * lines / asked
    experts, questions = shares.shape
    by_expert, by_question, cut = shares.mean(axis=1), shares.mean(axis=0), float(shares.mean())
    residual = shares - by_expert[:, None] - by_question[None, :] + cut
    square_residual = float((residual**2).sum()) / ((experts - 1) * (questions - 1))
    of_experts = max(0.0, float(by_expert.var(ddof=1)) - square_residual / questions)
    of_questions = max(0.0, float(by_question.var(ddof=1)) - square_residual / experts)
    error_of_experts = sqrt(of_experts / experts + square_residual / (experts * questions))
    error_of_questions = sqrt(of_questions / questions)
    return AngoffMark(
        cut=cut,
        standard_error=sqrt(error_of_experts**2 + error_of_questions**2),
        error_of_experts=error_of_experts,
        error_of_questions=error_of_questions,
        experts=experts,
        questions=questions,
        expert_means=tuple(map(float, by_expert)),
        variance_experts=of_experts,
        variance_questions=of_questions,
        variance_residual=square_residual,
        noticed=tuple(_noticed(shares)),
    )


def _check(lines: Floats, asked: Floats) -> None:
    if lines.ndim != 2 or lines.shape[1:] != asked.shape:
        raise CannotEstimate("expected lines have a row for each expert and a column for each question")
    if lines.shape[0] < FEWEST_EXPERTS:
        raise CannotEstimate(
            f"a pass mark needs the expectations of at least {FEWEST_EXPERTS} experts; there are {lines.shape[0]}"
        )
    if lines.shape[1] < 2:
        raise CannotEstimate("a pass mark needs at least two questions whose expected lines every expert gave")
    if not np.isfinite(lines).all() or (lines < 0).any() or (lines > asked).any():
        raise CannotEstimate("expected lines are from 0 to the number that the question asks for, without gaps")


def _noticed(shares: Floats) -> list[tuple[int, str]]:
    """Experts who stand apart; the reasons are clauses."""
    found = []
    for place, own in enumerate(shares):
        others = np.delete(shares, place, axis=0)
        means = others.mean(axis=1)
        spread = float(means.std(ddof=1))
        distance = abs(float(own.mean()) - float(means.mean()))
        if len(shares) >= _FEWEST_FOR_DISTANCE and distance > _FAR * spread:
            found.append((place, f"the mean is {distance:.1f} points from the others', more than {_FAR} of their SD"))
        if own.std() == 0:
            found.append((place, "every question got the same share"))
        elif others.mean(axis=0).std() > 0:
            correlation = float(np.corrcoef(own, others.mean(axis=0))[0, 1])
            if correlation < _UNRELATED:
                found.append((place, f"the correlation with the others is {correlation:.2f}, below {_UNRELATED}"))
    return found
