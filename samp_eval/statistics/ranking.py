"""Many respondents ranked: mean preferences, strengths with ties after Davidson, and intervals of ranks, by question.

Every comparison of two respondents belongs to a question, and questions are the clusters: treating comparisons as
independent, as arena rankings do, makes intervals far too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from samp_eval.errors import CannotEstimate

__all__ = ["Comparisons", "Strengths", "fit_strengths", "mean_preferences", "preferences_from_scores", "rank_intervals"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_STEPS = 100
_STEP_TOLERANCE = 1e-11
_SAME_SCORE = 1e-9
"""Scores in percent that differ by less are equal: 200 / 3 and 66.66666666666667."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Shares of wins and ties between respondents, question by question.

    Attributes
    ----------
    wins : ndarray, shape (q, r, r)
        ``wins[k, i, j]``: how often i beat j on question k; a share (0 to 1) where all replicates are compared, or a
        count.
    ties : ndarray, shape (q, r, r)
        Symmetric; the diagonal is not used.
    """

    wins: Floats
    ties: Floats

    @property
    def preferences(self) -> Floats:
        """How often each is preferred to each other, ties as a half, averaged over questions, shape (r, r)."""
        return np.asarray((self.wins + self.ties / 2).mean(axis=0)) + np.eye(self.wins.shape[1]) / 2


@dataclass(frozen=True, slots=True)
class Strengths:
    """Log worths under Davidson's model of paired comparisons with ties.

    Attributes
    ----------
    strength : ndarray, shape (r,)
        Log worths; they sum to 0.
    covariance : ndarray, shape (r, r)
        Of the log worths, clustered on questions.
    tie_parameter : float
        Davidson's nu: odds of a tie between equals are nu to 2; 0 where nothing is tied.
    log_likelihood : float
        Of the comparisons, taken as independent; its negative is what is minimised.
    """

    strength: Floats
    covariance: Floats
    tie_parameter: float
    log_likelihood: float


def preferences_from_scores(scores: Floats) -> Comparisons:
    """Compare all replicates of one respondent with all of another, question by question.

    Parameters
    ----------
    scores : ndarray, shape (q, r, t)
        Score of each respondent's replicates (rounds of one condition); NaN where there is none.

    Returns
    -------
    Comparisons
        As shares of the pairs of replicates that were compared.

    Raises
    ------
    CannotEstimate
        A question that one of the respondents did not answer.
    """
    missing = int(np.any(np.all(~np.isfinite(scores), axis=2), axis=1).sum())
    if missing:
        raise CannotEstimate(
            f"{missing} of {len(scores)} questions were not answered by every respondent. Compare on the questions "
            "that all of them answered: other sets would make cycles that are none."
        )
    difference = scores[:, :, None, :, None] - scores[:, None, :, None, :]
    compared = np.isfinite(difference)
    pairs = compared.sum(axis=(3, 4))
    wins = (compared & (difference > _SAME_SCORE)).sum(axis=(3, 4)) / pairs
    ties = (compared & (np.abs(difference) <= _SAME_SCORE)).sum(axis=(3, 4)) / pairs
    apart = 1 - np.eye(scores.shape[1])
    return Comparisons(wins * apart, ties * apart)


def mean_preferences(comparisons: Comparisons) -> tuple[Floats, Floats]:
    """How often each respondent is preferred to the others, on average (Borda), with its clustered covariance.

    Parameters
    ----------
    comparisons : Comparisons
        As shares.

    Returns
    -------
    mean : ndarray, shape (r,)
        0 to 1.
    covariance : ndarray, shape (r, r)
        Over questions, with the factor q / (q - 1).
    """
    respondents = comparisons.wins.shape[1]
    of_question = (comparisons.wins + comparisons.ties / 2).sum(axis=2) / (respondents - 1)
    return np.asarray(of_question.mean(axis=0)), np.atleast_2d(np.cov(of_question.T)) / len(of_question)


def fit_strengths(comparisons: Comparisons, names: tuple[str, ...] | None = None) -> Strengths:
    """Fit Davidson's model: P(i) : P(j) : P(tie) = a_i : a_j : nu sqrt(a_i a_j).

    Parameters
    ----------
    comparisons : Comparisons
        Shares or counts.
    names : tuple of str, length r, optional
        For refusals.

    Returns
    -------
    Strengths
        Without ties, those of Bradley and Terry.

    Raises
    ------
    CannotEstimate
        A respondent, or a group, that won or lost every comparison with the others: its strength is infinite.

    References
    ----------
    Davidson RR. On extending the Bradley-Terry model to accommodate ties in paired comparison experiments. JASA
    1970;65:317-28.
    Ford LR. Solution of a ranking problem from binary comparisons. Am Math Mon 1957;64(8):28-33.
    Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22.
    """
    wins, ties = comparisons.wins.sum(axis=0), comparisons.ties.sum(axis=0)
    respondents = len(wins)
    _check_connected(wins + ties / 2, names or tuple(f"respondent {place + 1}" for place in range(respondents)))
    first, second = np.triu_indices(respondents, 1)
    tied = bool(ties[first, second].sum() > 0)
    centred = np.eye(respondents) - 1 / respondents
    design = np.zeros((len(first), respondents))
    design[np.arange(len(first)), first], design[np.arange(len(first)), second] = 0.5, -0.5
    counts = np.stack([comparisons.wins[:, first, second], comparisons.wins[:, second, first]], axis=2)
    tie_counts = comparisons.ties[:, first, second]
    estimates, information = _maximised(counts.sum(axis=0), tie_counts.sum(axis=0), design, tied)
    chances = _chances(design @ estimates[:-1], estimates[-1])
    scores = _question_scores(counts, tie_counts, chances, design)
    inverse = np.linalg.pinv(information, hermitian=True)
    questions = len(scores)
    factor = questions / (questions - 1) if questions > 1 else np.nan
    covariance = factor * (inverse @ (scores.T @ scores) @ inverse)[:-1, :-1]
    outcomes = np.column_stack([counts.sum(axis=0), tie_counts.sum(axis=0)])
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = float(np.where(outcomes > 0, outcomes * np.log(chances), 0.0).sum())
    return Strengths(
        centred @ estimates[:-1],
        centred @ covariance @ centred,
        float(np.exp(estimates[-1])) if tied else 0.0,
        likelihood,
    )


def _check_connected(won: Floats, names: tuple[str, ...]) -> None:
    """Refuse where some never lose to, or never win against, the rest."""
    groups, member = connected_components(won > 0, directed=True, connection="strong")
    if groups == 1:
        return
    for group in range(groups):
        inside = member == group
        rest = ~inside
        if not (won[np.ix_(rest, inside)] > 0).any():
            verb = "beat all others in every comparison" if (won[np.ix_(inside, rest)] > 0).any() else "met no others"
            listed = ", ".join(name for name, chosen in zip(names, inside, strict=True) if chosen)
            raise CannotEstimate(f"{listed} {verb}, so no finite strength exists. Use more or harder questions.")


def _chances(half_differences: Floats, log_tie: float) -> Floats:
    """Chances of the first, the second and a tie, shape (pairs, 3); from half of the difference of log worths."""
    logits = np.column_stack([half_differences, -half_differences, np.full(len(half_differences), log_tie)])
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _maximised(counts: Floats, tie_counts: Floats, design: Floats, tied: bool) -> tuple[Floats, Floats]:
    """Newton's method on log worths and log nu; the likelihood is that of an exponential family, so it is concave."""
    estimates = np.zeros(design.shape[1] + 1)
    estimates[-1] = 0.0 if tied else -np.inf
    total = counts.sum(axis=1) + tie_counts
    for _ in range(_MOST_STEPS):
        chances = _chances(design @ estimates[:-1], estimates[-1])
        ahead = chances[:, 0] - chances[:, 1]
        expected = np.r_[design.T @ (total * ahead), (total * chances[:, 2]).sum()]
        observed = np.r_[design.T @ (counts[:, 0] - counts[:, 1]), tie_counts.sum()]
        information = np.zeros((len(estimates),) * 2)
        weight = total * (chances[:, 0] + chances[:, 1] - ahead**2)
        information[:-1, :-1] = design.T @ (weight[:, None] * design)
        information[:-1, -1] = information[-1, :-1] = -design.T @ (total * ahead * chances[:, 2])
        information[-1, -1] = (total * chances[:, 2] * (1 - chances[:, 2])).sum()
        step = np.linalg.pinv(information, hermitian=True) @ (observed - expected)
        estimates = estimates + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _STEP_TOLERANCE:
            return estimates, information
    raise CannotEstimate("The strengths did not settle on any value. Use more questions.")


def _question_scores(counts: Floats, tie_counts: Floats, chances: Floats, design: Floats) -> Floats:
    """Score of each question's comparisons, shape (q, r + 1)."""
    total = counts.sum(axis=2) + tie_counts
    ahead = counts[:, :, 0] - counts[:, :, 1] - total * (chances[:, 0] - chances[:, 1])
    return np.column_stack([ahead @ design, (tie_counts - total * chances[:, 2]).sum(axis=1)])


def rank_intervals(
    strength: Floats, covariance: Floats, *, confidence: float = 0.95, draws: int = 2_000, seed: int = 1
) -> tuple[Integers, Integers]:
    """Best and worst rank that each respondent can have, simultaneously for all.

    Parameters
    ----------
    strength : ndarray, shape (r,)
        Log worths or mean preferences.
    covariance : ndarray, shape (r, r)
    confidence : float
        Probability that all intervals hold the true ranks, between 0 and 1.
    draws : int
        Of the largest standardised difference, for its critical value.
    seed : int

    Returns
    -------
    low, high : ndarray of int, shape (r,)
        From 1 (strongest) to r.

    References
    ----------
    Mogstad M, Romano JP, Shaikh AM, Wilhelm D. Inference for ranks with applications to mobility across neighbourhoods
    and academic achievement across countries. Rev Econ Stud 2024;91:476-518.
    """
    size = len(strength)
    first, second = np.triu_indices(size, 1)
    variance = np.diag(covariance)
    error = np.sqrt(np.maximum(variance[first] + variance[second] - 2 * covariance[first, second], 0.0))
    known = error > 0
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.random.default_rng(seed).standard_normal((draws, size)) @ root.T
    largest = (np.abs(noise[:, first] - noise[:, second])[:, known] / error[known]).max(axis=1, initial=0.0)
    critical = np.quantile(largest, confidence)
    above = np.zeros((size, size), dtype=bool)
    difference = strength[first] - strength[second]
    above[first, second] = difference > critical * error
    above[second, first] = -difference > critical * error
    return 1 + above.sum(axis=0), size - above.sum(axis=1)
