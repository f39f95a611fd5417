"""The mixture of respondents that nobody beats: with intervals, over tau, by topic, and Nash averaging beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.ranking.clustered import ClusteredEstimate, resampling_weights
from samp_eval.statistics.ranking.comparisons import Comparisons, pair_preferences, preference_table
from samp_eval.statistics.ranking.nash import NashEquilibrium, nash_equilibria, nash_equilibrium
from samp_eval.statistics.ranking.nash_averaging import NashAverage, nash_average

__all__ = ["Mixture", "Share", "TopicMixture", "mixture_of"]

Floats = NDArray[np.float64]

TAUS = (1.0, 0.3, 0.1, 0.03, 0.01)
"""At which the mixture is shown: from close to the reference to close to the equilibrium of the preferences alone."""
TOPIC_PRIOR = 10.0
"""Questions of all topics that a topic's own preferences are pulled towards, since a topic has few questions."""


@dataclass(frozen=True, slots=True)
class Share:
    """Share of a respondent in the mixture, 0 to 1, with its percentile interval over questions."""

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class TopicMixture:
    """The mixture for the questions of one topic, pulled towards that of all."""

    topic: str
    n_questions: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mixture:
    """The regularised Nash equilibrium of the preferences.

    Attributes
    ----------
    shares : tuple of Share
        Of each respondent at the chosen tau.
    reference : tuple of float
        Mixture that it stays near: uniform, or by price.
    equilibrium : NashEquilibrium
    path : tuple of (tau, probabilities)
    average : NashAverage or NotEstimated
        Skills that copies of a respondent do not change.
    topics : tuple of TopicMixture
        Empty where topics are not known, or a part of the questions is marked.
    """

    shares: tuple[Share, ...]
    reference: tuple[float, ...]
    equilibrium: NashEquilibrium
    path: tuple[tuple[float, tuple[float, ...]], ...]
    average: NashAverage | NotEstimated
    topics: tuple[TopicMixture, ...]


def mixture_of(
    comparisons: Comparisons,
    respondents: Sequence[str],
    choices: RankingChoices,
    topics: Sequence[str] | None = None,
) -> Mixture:
    """Compute the mixture of a ranking.

    Parameters
    ----------
    comparisons : Comparisons
        In which every pair met.
    respondents : sequence of str
    choices : RankingChoices
        Its tau, costs, confidence, draws and seed are followed.
    topics : sequence of str, optional
        Of each question.
    """
    size, pairs = len(respondents), pair_preferences(comparisons)
    table = preference_table(np.clip(pairs.values, 0, 1), size)  # those of a draw can be a little outside
    reference = _reference(respondents, choices)
    found = nash_equilibrium(table, tau=choices.tau, reference=reference)
    path = {tau: nash_equilibrium(table, tau=tau, reference=reference) for tau in TAUS}
    return Mixture(
        shares=_shares(pairs, found, reference, choices),
        reference=tuple(reference.tolist()),
        equilibrium=found,
        path=tuple((tau, tuple(at_tau.probabilities.tolist())) for tau, at_tau in path.items()),
        average=or_reason(nash_average)(table, n_questions=len(comparisons.wins)),
        topics=() if topics is None else _by_topic(comparisons, topics, reference, choices.tau),
    )


def _reference(respondents: Sequence[str], choices: RankingChoices) -> Floats:
    """Uniform, or proportional to exp(-cost / scale)."""
    if choices.costs is None:
        return np.full(len(respondents), 1 / len(respondents))
    costs = np.array([choices.costs[name] for name in respondents])
    weights = np.exp(-(costs - costs.min()) / choices.price_scale)
    weights = np.maximum(weights, np.finfo(float).tiny)
    return np.asarray(weights / weights.sum())


def _shares(
    pairs: ClusteredEstimate, found: NashEquilibrium, reference: Floats, choices: RankingChoices
) -> tuple[Share, ...]:
    weights = resampling_weights(len(pairs.influence), choices.draws, choices.seed)
    drawn = np.clip(pairs.values + weights @ pairs.influence, 0, 1)
    tables = preference_table(drawn, len(reference))
    resampled = nash_equilibria(tables, tau=choices.tau, near=found, reference=reference)
    tails = [0.5 - choices.confidence / 2, 0.5 + choices.confidence / 2]
    low, high = np.quantile(resampled, tails, axis=0)
    columns = (found.probabilities.tolist(), low.tolist(), high.tolist())
    return tuple(Share(*numbers) for numbers in zip(*columns, strict=True))


def _by_topic(
    comparisons: Comparisons, topics: Sequence[str], reference: Floats, tau: float
) -> tuple[TopicMixture, ...]:
    halved = comparisons.halved
    size = halved.shape[1]
    overall = halved.mean(axis=0) + np.eye(size) / 2
    of_topic: Mapping[str, list[int]] = {topic: [] for topic in sorted(set(topics))}
    for place, topic in enumerate(topics):
        of_topic[topic].append(place)
    found = []
    for topic, places in of_topic.items():
        own = halved[places].mean(axis=0) + np.eye(size) / 2
        table = (len(places) * own + TOPIC_PRIOR * overall) / (len(places) + TOPIC_PRIOR)
        probabilities = nash_equilibrium(table, tau=tau, reference=reference).probabilities
        found.append(TopicMixture(topic, len(places), tuple(probabilities.tolist())))
    return tuple(found)
