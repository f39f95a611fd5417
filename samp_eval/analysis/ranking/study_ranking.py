"""The ranking of a study's respondents: mean preferences, strengths, rank intervals, all pairs, transitivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.drawn_comparisons import drawn_comparisons
from samp_eval.analysis.ranking.mixture import Mixture, Share, mixture_of
from samp_eval.analysis.ranking.scored_comparisons import RankedComparisons, scored_comparisons
from samp_eval.analysis.scored_study import ScoredStudy, Scores
from samp_eval.statistics.gee.effects import holm
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.ranking.clustered import ClusteredEstimate
from samp_eval.statistics.ranking.comparisons import (
    Comparisons,
    always_even,
    mean_preferences,
    pair_preferences,
    preference_table,
)
from samp_eval.statistics.ranking.davidson import Strengths, fit_strengths, quasi_variances
from samp_eval.statistics.ranking.preference_intervals import (
    check_clusters,
    preference_intervals,
    preference_p_values,
)
from samp_eval.statistics.ranking.rank_intervals import fragility, rank_intervals
from samp_eval.statistics.ranking.transitivity import Cycle, Transitivity, strongest_cycle, transitivity_test

__all__ = ["Fragility", "PairPreference", "RankedRespondent", "StudyRanking", "rank_respondents", "ranking_of"]

_DECIMALS = 12
"""Mean preferences that differ only beyond these are equal: copies keep the order of the study."""


@dataclass(frozen=True, slots=True)
class RankedRespondent:
    """One respondent of a ranking.

    Attributes
    ----------
    mean_preference, ci_low, ci_high : float
        How often it is preferred to the others, ties as a half, averaged over them; 0 to 1.
    standard_error : float
        Of the mean preference.
    strength, strength_se : float or None
        Log worth under Davidson's model, and its standard error; all of them sum to 0. None where not finite.
    quasi_se : float or None
        For intervals that can be compared by eye.
    rank_low, rank_high : int
        Best and worst rank that the data allow, simultaneously for all.
    nash : Share
        In the mixture that nobody beats.
    """

    respondent: str
    mean_preference: float
    ci_low: float
    ci_high: float
    standard_error: float
    strength: float | None
    strength_se: float | None
    quasi_se: float | None
    rank_low: int
    rank_high: int
    nash: Share


@dataclass(frozen=True, slots=True)
class PairPreference:
    """How often the first of a pair is preferred to the second, 0 to 1, and the difference of their log worths."""

    first: str
    second: str
    preference: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    p_holm: float
    strength_difference: float | None
    strength_difference_se: float | None


@dataclass(frozen=True, slots=True)
class Fragility:
    """Smallest number of questions without which ``challenger`` would be first; 0 where it shares the rank."""

    questions: int
    challenger: str


@dataclass(frozen=True, slots=True)
class StudyRanking:
    """The ranking on one basis; respondents are in order of their mean preference.

    Attributes
    ----------
    compared : RankedComparisons
        What it was made of.
    preferences : tuple of tuple of float
        How often each is preferred to each other, 0 to 1.
    ties : float
        Share of ties among the comparisons.
    strengths : Strengths or NotEstimated
    fragility : Fragility or None
        None where no other was ahead of the first on any question, or a part of the questions is marked: what a
        question that is not adds to the sum is not known.
    copies : tuple of (str, str)
        Pairs that are even on every question.
    """

    choices: RankingChoices
    compared: RankedComparisons
    respondents: tuple[RankedRespondent, ...]
    preferences: tuple[tuple[float, ...], ...]
    pairs: tuple[PairPreference, ...]
    ties: float
    strengths: Strengths | NotEstimated
    transitivity: Transitivity | NotEstimated
    cycle: Cycle | None
    mixture: Mixture
    fragility: Fragility | None
    copies: tuple[tuple[str, str], ...]

    @property
    def drawn_alone(self) -> ClusteredEstimate | None:
        """Mean preferences on the drawn questions alone, where the others are predicted; else None."""
        return None if self.compared.draw is None else mean_preferences(self.compared.draw.alone)

    @property
    def n_questions(self) -> int:
        """Questions that all ranked respondents answered."""
        return len(self.compared.question_ids)

    def names(self, places: Sequence[int]) -> list[str]:
        """Respondents by their places in the ranking."""
        return [self.respondents[place].respondent for place in places]

    def as_json(self) -> dict[str, Any]:
        """Fields for a program."""
        from samp_eval.analysis.ranking.as_json import ranking_as_json

        return ranking_as_json(self)


def rank_respondents(scores: Scores, choices: RankingChoices) -> StudyRanking:
    """Rank the respondents of a study by their scores on one basis.

    Parameters
    ----------
    scores : Scores
        Of a study or from outside.
    choices : RankingChoices

    Raises
    ------
    CannotEstimate
        Fewer than two respondents, or no question that all of them answered; too few drawn questions.
    """
    compared = _compared(scores, choices)
    topics = None
    if isinstance(scores, ScoredStudy):
        questions = scores.bank.by_question()
        topics = {identifier: case.topic for identifier, (case, _) in questions.items()}
    return ranking_of(compared, choices, topics)


def _compared(scores: Scores, choices: RankingChoices) -> RankedComparisons:
    """By marks, and where only a part of the questions has them, by predictions that they correct."""
    drawn = scores.drawn
    if drawn is None or choices.drawn_only or drawn.is_complete("judgement" if choices.basis == "judgement" else "key"):
        return scored_comparisons(scores.table, scores.respondents, choices)
    return drawn_comparisons(drawn, scores.respondents, choices)


def ranking_of(
    compared: RankedComparisons, choices: RankingChoices, topics: Mapping[str, str] | None = None
) -> StudyRanking:
    """Rank respondents by comparisons in which every pair met.

    Parameters
    ----------
    compared : RankedComparisons
    choices : RankingChoices
    topics : mapping of question id to str, optional
        Where every pair met on every question; not used where a part of the questions is marked.
    """
    rounded = mean_preferences(compared.comparisons).values.round(_DECIMALS)
    order = np.argsort(-rounded, kind="stable").tolist()
    compared = compared.ordered(order)
    given, names, size = compared.comparisons, compared.respondents, len(order)
    mean, pairs = mean_preferences(given), pair_preferences(given)
    check_clusters(mean)
    strengths = or_reason(fit_strengths)(given, names)
    of_questions = (
        [topics[question] for question in compared.question_ids] if topics and compared.draw is None else None
    )
    mixture = mixture_of(given, names, choices, of_questions)
    drawn = {"draws": choices.draws, "seed": choices.seed}
    return StudyRanking(
        choices=choices,
        compared=compared,
        respondents=_ranked(names, mean, strengths, mixture, choices),
        preferences=tuple(map(tuple, preference_table(pairs.values, size).tolist())),
        pairs=_pairs(names, pairs, strengths, choices.confidence),
        ties=float(given.ties.sum() / (given.wins + given.ties / 2).sum() / 2),
        strengths=strengths,
        transitivity=or_reason(transitivity_test)(pairs, size, **drawn),
        cycle=strongest_cycle(pairs, size),
        mixture=mixture,
        fragility=None if compared.draw is not None else _fragility(given, names),
        copies=tuple((names[one], names[other]) for one, other in always_even(given)),
    )


def _fragility(given: Comparisons, names: Sequence[str]) -> Fragility | None:
    alone = mean_preferences(replace(given, cluster=None))
    turned = fragility(alone.influence + alone.values / len(alone.influence))
    return None if turned is None else Fragility(turned[0], names[turned[1]])


def _ranked(
    names: Sequence[str],
    mean: ClusteredEstimate,
    strengths: Strengths | NotEstimated,
    mixture: Mixture,
    choices: RankingChoices,
) -> tuple[RankedRespondent, ...]:
    (low, high), errors_of_mean = preference_intervals(mean, choices.confidence), mean.standard_errors
    best, worst = rank_intervals(mean, confidence=choices.confidence, draws=choices.draws, seed=choices.seed)
    worths, errors, quasi = _worths(strengths, len(names))
    return tuple(
        RankedRespondent(
            respondent=name,
            mean_preference=float(mean.values[place]),
            ci_low=float(low[place]),
            ci_high=float(high[place]),
            standard_error=float(errors_of_mean[place]),
            strength=worths[place],
            strength_se=errors[place],
            quasi_se=quasi[place],
            rank_low=int(best[place]),
            rank_high=int(worst[place]),
            nash=mixture.shares[place],
        )
        for place, name in enumerate(names)
    )


def _worths(strengths: Strengths | NotEstimated, size: int) -> tuple[list[float | None], ...]:
    """Log worths, standard errors and quasi standard errors; None for all where they are not finite."""
    if isinstance(strengths, NotEstimated):
        nothing: list[float | None] = [None] * size
        return nothing, nothing, nothing
    estimate = strengths.estimate
    columns = estimate.values, estimate.standard_errors, np.sqrt(quasi_variances(estimate.covariance))
    return tuple([None if np.isnan(number) else float(number) for number in column] for column in columns)


def _pairs(
    names: Sequence[str], pairs: ClusteredEstimate, strengths: Strengths | NotEstimated, confidence: float
) -> tuple[PairPreference, ...]:
    first, second = np.triu_indices(len(names), 1)
    low, high = preference_intervals(pairs, confidence)
    p_values, errors = preference_p_values(pairs, confidence), pairs.standard_errors
    corrected = holm(p_values)
    differences = strengths.estimate.differences() if isinstance(strengths, Strengths) else None
    return tuple(
        PairPreference(
            first=names[first[place]],
            second=names[second[place]],
            preference=float(pairs.values[place]),
            standard_error=float(errors[place]),
            ci_low=float(low[place]),
            ci_high=float(high[place]),
            p_value=float(p_values[place]),
            p_holm=float(corrected[place]),
            strength_difference=None if differences is None else float(differences.values[place]),
            strength_difference_se=None if differences is None else float(differences.standard_errors[place]),
        )
        for place in range(len(first))
    )
