"""Simulated studies whose true odds ratio is known: for power, for coverage, and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr, ndtri

from samp_eval.statistics.gee.terms import Floats

__all__ = ["SimulatedStudies", "StudyShape", "level_covariance", "simulate_scores", "simulate_study"]


@dataclass(frozen=True, slots=True)
class StudyShape:
    """What a study looks like before it is run.

    Attributes
    ----------
    n_questions, n_rounds, questions_per_case : int
    thresholds : tuple of float
        Logits of P(Y > level) for the reference respondent, decreasing.
    log_odds_ratios : tuple of float
        One per respondent beside the reference.
    case_share, question_share, response_share : float
        Shares, 0 to 1, of the latent variance that responses have in common when they answer the same case, the same
        question, and the same question by the same respondent (rounds repeat answers); together below 1.
    """

    n_questions: int = 77
    n_rounds: int = 5
    questions_per_case: int = 4
    thresholds: tuple[float, ...] = (2.5, 1.4, 0.2)
    log_odds_ratios: tuple[float, ...] = (0.8,)
    case_share: float = 0.05
    question_share: float = 0.25
    response_share: float = 0.4

    def simulated(self, *, replicates: int, seed: int) -> SimulatedStudies:
        """See :func:`simulate_study`."""
        return simulate_study(self, replicates=replicates, seed=seed)


@dataclass(frozen=True, slots=True)
class SimulatedStudies:
    """Repetitions of one study.

    Attributes
    ----------
    outcome : ndarray of int, shape (replicates, n)
        Levels, 0 to k - 1.
    design : DataFrame, shape (n, p)
        One indicator per respondent beside the reference.
    question, case, question_respondent : ndarray of int, shape (n,)
        The three choices of cluster.
    """

    outcome: NDArray[np.int64]
    design: pd.DataFrame
    question: NDArray[np.int64]
    case: NDArray[np.int64]
    question_respondent: NDArray[np.int64]


def simulate_study(shape: StudyShape, *, replicates: int, seed: int) -> SimulatedStudies:
    """Simulate a study several times.

    Parameters
    ----------
    shape : StudyShape
    replicates : int
    seed : int

    Returns
    -------
    SimulatedStudies
        The odds ratios hold marginally and exactly: they are what a GEE estimates.
    """
    n_respondents = len(shape.log_odds_ratios) + 1
    index = pd.MultiIndex.from_product([range(shape.n_questions), range(n_respondents), range(shape.n_rounds)])
    question, respondent = index.get_level_values(0).to_numpy(), index.get_level_values(1).to_numpy()
    design = pd.DataFrame({f"respondent{place}": (respondent == place) * 1 for place in range(1, n_respondents)})
    case, response = question // shape.questions_per_case, question * n_respondents + respondent
    outcome = simulate_scores(
        design.to_numpy(dtype=float) @ np.array(shape.log_odds_ratios),
        np.array(shape.thresholds),
        [(case, shape.case_share), (question, shape.question_share), (response, shape.response_share)],
        replicates=replicates,
        seed=seed,
    )
    return SimulatedStudies(outcome, design, question, case, response)


def simulate_scores(
    linear: Floats,
    thresholds: Floats,
    shared: Sequence[tuple[NDArray[np.int64], float]],
    *,
    replicates: int,
    seed: int,
) -> NDArray[np.int64]:
    """Draw levels with given margins and a Gaussian dependence between rows that share something.

    Parameters
    ----------
    linear : ndarray, shape (n,)
        Design times slopes: the log odds ratio of each row against a row of zeros.
    thresholds : ndarray, shape (k - 1,)
        Logits of P(Y > level) at 0, decreasing.
    shared : sequence of (labels, share)
        Labels, 0 to any, of shape (n,), and the share of the latent variance that equal labels have in common.
    replicates, seed : int

    Returns
    -------
    ndarray of int, shape (replicates, n)

    Notes
    -----
    The latent normal is turned into a logistic by their distribution functions (a Gaussian copula), so the margins are
    exactly cumulative logits. A normal effect on the logit scale would shrink the marginal odds ratio.
    """
    rng = np.random.default_rng(seed)
    own = 1 - sum(share for _, share in shared)
    if own <= 0:
        msg = f"the shares of variance add up to {1 - own:g}; they must stay below 1"
        raise ValueError(msg)
    latent = np.sqrt(own) * rng.standard_normal((replicates, len(linear)))
    for labels, share in shared:
        latent += np.sqrt(share) * rng.standard_normal((replicates, int(labels.max()) + 1))[:, labels]
    latent = logit(ndtr(latent)) + linear
    return np.asarray(np.searchsorted(-thresholds, latent), dtype=np.int64)


def level_covariance(first: Floats, second: Floats, correlation: float) -> float:
    """Covariance of two rows' levels under the dependence of :func:`simulate_scores`.

    Parameters
    ----------
    first, second : ndarray, shape (k - 1,)
        P(Y > level) of each row.
    correlation : float
        Of their latent normals, between -1 and 1.

    Returns
    -------
    float
        Of the levels as numbers, 0 to k - 1.

    Notes
    -----
    A level is the number of cut points below it, and the probability that both rows are above a cut point each grows
    with the correlation by the bivariate normal density there; its integral is taken over the arcsine.

    References
    ----------
    Drezner Z, Wesolowsky GO. On the computation of the bivariate normal integral. J Stat Comput Simul 1990;35:101-7.
    """
    nodes, weights = _nodes()
    half = np.arcsin(correlation) / 2
    sine, cosine = np.sin(half * (nodes + 1)), np.cos(half * (nodes + 1))
    one, other = ndtri(first)[:, None, None], ndtri(second)[None, :, None]
    density = np.exp(-(one**2 - 2 * one * other * sine + other**2) / (2 * cosine**2)) / (2 * np.pi)
    return float(half * (density.sum(axis=(0, 1)) @ weights))


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Of Gauss-Legendre, as many as give a covariance of levels ten digits."""
    return np.polynomial.legendre.leggauss(48)
