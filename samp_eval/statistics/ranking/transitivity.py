"""Whether one strength for each respondent explains all preferences, or some triple runs in a circle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, stdtr

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking.clustered import ClusteredEstimate

__all__ = ["Cycle", "Transitivity", "strongest_cycle", "transitivity_test"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transitivity:
    """Test that log odds of preferences are differences of strengths.

    Attributes
    ----------
    statistic : float
        Largest cyclic component of any triple, in standard errors.
    p_value : float
        Simultaneous for all triples.
    triple : tuple of int
        Places of the three respondents with that component.
    triples_left_out : int
        Triples in which one is always preferred to another, so that log odds are infinite.
    """

    statistic: float
    p_value: float
    triple: tuple[int, int, int]
    triples_left_out: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """Three respondents of which each is preferred to the next and the last to the first.

    Attributes
    ----------
    places : tuple of int
        In the order of preference.
    p_value : float
        One-sided, that all three preferences are above 1/2; corrected for the number of triples and directions.
    """

    places: tuple[int, int, int]
    p_value: float


def transitivity_test(
    preferences: ClusteredEstimate, respondents: int, *, draws: int = 2_000, seed: int = 1
) -> Transitivity:
    """Test whether the cyclic component of every triple is nothing.

    Parameters
    ----------
    preferences : ClusteredEstimate
        Of all pairs, in the order of ``numpy.triu_indices(respondents, 1)``.
    respondents : int
    draws : int
        Bootstrap samples of clusters.
    seed : int

    Returns
    -------
    Transitivity

    Raises
    ------
    CannotEstimate
        Fewer than three respondents, or no triple in which all preferences lie between 0 and 1.

    Notes
    -----
    The cyclic component of i, j and k is ``logit P_ij + logit P_jk + logit P_ki``, which is 0 under Bradley and Terry's
    model. The largest over all triples is compared with its bootstrap distribution over questions: a test of deviance
    would take comparisons for independent, and a joint Wald test needs more questions than triples.
    """
    if respondents < 3:
        raise CannotEstimate("Transitivity is a matter of three or more respondents.")
    inside = (preferences.values > 0) & (preferences.values < 1) & (preferences.standard_errors > 0)
    places = _pair_places(respondents)
    triples = list(combinations(range(respondents), 3))
    usable = [triple for triple in triples if inside[_sides(places, triple)].all()]
    if not usable:
        raise CannotEstimate(
            "In every triple one respondent is always preferred to another, so that no log odds exist."
        )
    values = np.where(inside, preferences.values, 0.5)
    log_odds = ClusteredEstimate(logit(values), preferences.influence / (values * (1 - values)), preferences.n_drawn)
    first, middle, last = np.array([_sides(places, triple) for triple in usable]).T
    cyclic = ClusteredEstimate(
        log_odds.values[first] + log_odds.values[middle] - log_odds.values[last],
        log_odds.influence[:, first] + log_odds.influence[:, middle] - log_odds.influence[:, last],
        log_odds.n_drawn,
    )
    distance = np.abs(cyclic.standardised())
    statistic = float(distance.max())
    reached = int((cyclic.largest_deviations(draws, seed) >= statistic).sum())
    return Transitivity(
        statistic, (1 + reached) / (1 + draws), usable[int(distance.argmax())], len(triples) - len(usable)
    )


def strongest_cycle(preferences: ClusteredEstimate, respondents: int) -> Cycle | None:
    """Find the triple that runs in a circle most clearly, if any does.

    Parameters
    ----------
    preferences, respondents
        As for :func:`transitivity_test`.

    Notes
    -----
    A cycle needs all three of its preferences above 1/2, so its p value is the largest of the three (an
    intersection-union test), times the number of triples and directions.

    References
    ----------
    Berger RL. Multiparameter hypothesis testing and acceptance sampling. Technometrics 1982;24:295-300.
    """
    places = _pair_places(respondents)
    distance = preferences.standardised(0.5)
    triples = list(combinations(range(respondents), 3))
    found, weakest = None, 0.0
    for one, two, three in triples:
        first, middle, last = distance[_sides(places, (one, two, three))]
        forward, backward = min(first, middle, -last), min(-first, -middle, last)
        if max(forward, backward) > weakest:
            weakest = max(forward, backward)
            found = (one, two, three) if forward > backward else (one, three, two)
    if found is None:
        return None
    one_sided = float(stdtr(preferences.degrees_of_freedom, -weakest))
    return Cycle(found, min(1.0, 2 * len(triples) * one_sided))


def _pair_places(respondents: int) -> NDArray[np.int64]:
    """The place of each pair among all pairs."""
    table = np.zeros((respondents, respondents), dtype=np.int64)
    first, second = np.triu_indices(respondents, 1)
    table[first, second] = np.arange(len(first))
    return table


def _sides(places: NDArray[np.int64], triple: tuple[int, int, int]) -> list[int]:
    one, two, three = triple
    return [int(places[one, two]), int(places[two, three]), int(places[one, three])]
