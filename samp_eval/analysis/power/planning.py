"""The size of a study to plan: a simulated power curve, the smallest size that suffices, what a study could detect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from samp_eval.analysis.model.design import study_design
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.power.power_run import Detectable, PowerRun, SimulatedPower, SizeRange
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, Covariance, MarkBasis
from samp_eval.statistics.power import (
    PlannedShape,
    PowerPoint,
    minimal_detectable_odds_ratio,
    power_curve,
    shape_from_pilot,
)
from samp_eval.statistics.simulation import StudyShape

__all__ = ["PUBLISHED_DESIGN", "detectable", "pilot_shape", "plan_size", "smallest_size"]

PUBLISHED_DESIGN = StudyShape()
"""Two models, 77 questions on cases of four, about 76 % of lines right by the reference. How strongly answers repeat
was not published; these shares give a log odds ratio a standard error of 0.22; the published interval has 0.21."""

MOST_QUESTIONS = 5_000
"""Beyond this many questions no size is looked for."""

_LEAST_TELLING = 0.01
"""Powers nearer to 0 or 1 tell next to nothing of the size that suffices."""

_FEWEST_QUESTIONS = 10
_MOST_LOOKS = 10


def plan_size(
    shape: PlannedShape,
    sizes: Sequence[int],
    rounds: Sequence[int],
    *,
    source: str,
    power: float,
    simulations: int,
    seed: int,
    significance: float = 0.05,
    cluster: ClusterChoice = "question",
    covariance: Covariance = "robust",
    **how: Any,
) -> PowerRun:
    """Simulate a power curve for each number of rounds and look for the smallest size that reaches the power.

    Parameters
    ----------
    shape : StudyShape or LineStudyShape
        Its numbers of questions and rounds are replaced.
    sizes, rounds : sequence of int
        Numbers of questions and of rounds of the curve.
    source : str
        Where levels and repetition come from, in words.
    power : float
        Wanted, between 0 and 1.
    simulations, seed, significance, cluster, covariance
        As for :func:`samp_eval.statistics.power.power_curve`.
    how
        Processes and progress; see there too.

    Returns
    -------
    PowerRun
    """
    choices: dict[str, Any] = {"significance": significance, "cluster": cluster, "covariance": covariance}

    def simulate(n_rounds: int, n_questions: Sequence[int]) -> tuple[PowerPoint, ...]:
        of_rounds = replace(shape, n_rounds=n_rounds)
        return power_curve(of_rounds, n_questions, simulations=simulations, seed=seed, **choices, **how)

    curve: list[PowerPoint] = []
    smallest: list[PowerPoint] = []
    ranges: list[SizeRange] = []
    for number in rounds:
        points = simulate(number, sizes)
        known = _searched(partial(simulate, number), points, power=power, significance=significance)
        curve += points
        smallest += _smallest(known, power)
        ranges += _size_range(known, power)
    return PowerRun(
        source=source,
        odds_ratio=float(np.exp(shape.log_odds_ratios[0])),
        power=power,
        seed=seed,
        simulations=simulations,
        curve=tuple(_recorded(point) for point in curve),
        smallest=tuple(_recorded(point) for point in smallest),
        ranges=tuple(ranges),
        **choices,
    )


def smallest_size(
    simulate: Callable[[Sequence[int]], Iterable[PowerPoint]],
    points: Iterable[PowerPoint],
    *,
    power: float,
    significance: float = 0.05,
) -> PowerPoint | None:
    """Find the smallest number of questions whose simulated power is the wanted one or more.

    The probit of the power is nearly linear in the square root of the number of questions, so the simulated size
    nearest to the wanted power foretells the next one to simulate.

    Parameters
    ----------
    simulate : callable
        Gives the power of several numbers of questions.
    points : iterable of PowerPoint
        What has been simulated already.
    power, significance : float
        Wanted power and two-sided level, between 0 and 1.

    Returns
    -------
    PowerPoint or None
        None where :data:`MOST_QUESTIONS` questions do not suffice.
    """
    return next(iter(_smallest(_searched(simulate, points, power=power, significance=significance), power)), None)


def _searched(
    simulate: Callable[[Sequence[int]], Iterable[PowerPoint]],
    points: Iterable[PowerPoint],
    *,
    power: float,
    significance: float,
) -> list[PowerPoint]:
    """The points with those of the sizes that were simulated on the search for the smallest that suffices."""
    known = {point.n_questions: point for point in points}
    reach = ndtri(1 - significance / 2)
    for _ in range(_MOST_LOOKS):
        size = _foretold(known.values(), power, reach)
        while size in known and known[size].power < power:
            size += max(1, size // 50)
        if size > MOST_QUESTIONS or size in known:
            break
        known |= {point.n_questions: point for point in simulate([size])}
    return list(known.values())


def _smallest(points: Iterable[PowerPoint], power: float) -> list[PowerPoint]:
    """The smallest size that reached the power, if one did."""
    return sorted((point for point in points if point.power >= power), key=lambda point: point.n_questions)[:1]


def _size_range(points: Sequence[PowerPoint], power: float) -> list[SizeRange]:
    """Where the probit of the power, as a line in the square root of the size, reaches the wanted one (95 %)."""
    near = [point for point in points if _LEAST_TELLING < point.power < 1 - _LEAST_TELLING]
    if len(near) < 2 or not _smallest(points, power):
        return []
    share, number = np.array([(point.power, point.n_simulations) for point in near]).T
    root, probit = np.sqrt([point.n_questions for point in near]), ndtri(share)
    weight = number * np.exp(-(probit**2)) / (2 * np.pi) / (share * (1 - share))
    design = np.column_stack([np.ones(len(near)), root])
    covariance = np.linalg.inv(design.T @ (weight[:, None] * design))
    level, slope = covariance @ design.T @ (weight * probit)
    if slope <= 0:
        return []
    at = (ndtri(power) - level) / slope
    gradient = np.array([-1.0, -at]) / slope
    reach = ndtri(0.975) * np.sqrt(gradient @ covariance @ gradient)
    low, high = np.ceil(np.maximum([at - reach, at + reach], 1.0) ** 2).astype(int).tolist()
    return [SizeRange(n_rounds=near[0].n_rounds, low=low, high=high)]


def _foretold(points: Iterable[PowerPoint], power: float, reach: float) -> int:
    """The size at which the point nearest to the wanted power would have it."""

    def probit(point: PowerPoint) -> float:
        edge = 1 / (2 * point.n_simulations)
        return float(ndtri(np.clip(point.power, edge, 1 - edge)))

    nearest = min(points, key=lambda point: abs(probit(point) - ndtri(power)))
    drift = max(probit(nearest) + reach, 0.05) / np.sqrt(nearest.n_questions)
    size = ((ndtri(power) + reach) / drift) ** 2
    return int(np.clip(np.ceil(size), _FEWEST_QUESTIONS, MOST_QUESTIONS + 1))


def pilot_shape(table: pd.DataFrame, *, basis: MarkBasis, respondents: Sequence[str]) -> StudyShape:
    """Read levels and repetition off the scored responses of a study.

    Parameters
    ----------
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.tables.long_table`.
    basis : MarkBasis
    respondents : sequence of str
        Those of the pilot's fit; the levels of the first are taken.

    Raises
    ------
    CannotEstimate
        The pilot does not determine them.
    """
    reference = respondents[0]
    averaged = rows_of_means(table)
    of_basis = averaged[(averaged["basis"] == basis) & averaged["score_percent"].notna()]
    scored = of_basis[of_basis["respondent"].isin(respondents)]
    if scored["respondent"].nunique() < 2 or reference not in set(scored["respondent"]):
        raise CannotEstimate(
            f"a pilot needs scored responses of {reference!r} and of another respondent on the {basis} basis; ask and "
            "mark them, or omit --pilot to use the published study's design"
        )
    design = study_design(scored, respondents=list(respondents)).design
    return shape_from_pilot(
        scored["score_percent"].round(6).to_numpy(),
        scored["respondent"].to_numpy(),
        scored["question_id"].to_numpy(),
        reference=reference,
        n_rounds=int(scored["round"].nunique()),
        conditions=design.drop(columns=[name for name in respondents if name in design]),
    )


def detectable(found: StudyFit, *, power: float, significance: float = 0.05) -> tuple[Detectable, ...]:
    """The smallest odds ratio that a finished study would have found, for every term of its model."""
    least = partial(
        minimal_detectable_odds_ratio,
        power=power,
        significance=significance,
        degrees_of_freedom=found.fit.degrees_of_freedom,
    )
    return tuple(
        Detectable(
            term=term.term,
            reference=term.reference,
            standard_error=term.standard_error,
            odds_ratio=least(term.standard_error),
        )
        for term in found.terms
    )


def _recorded(point: PowerPoint) -> SimulatedPower:
    return SimulatedPower(**asdict(point))
