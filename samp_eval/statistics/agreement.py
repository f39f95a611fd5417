"""How far reviewers agree on marks of two values: percent, Cohen's kappa, Gwet's AC1, Krippendorff's alpha.

Every statistic is one less a ratio: disagreement over the disagreement that is expected. It is a function of sums over
answers, so what each question adds to its variance comes from leaving that question out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from samp_eval.statistics.bounded_intervals import ratio_interval, share_interval, variance_degrees

__all__ = [
    "FEWEST_QUESTIONS",
    "NO_INTERVAL",
    "Agreement",
    "IntervalEstimate",
    "agreement",
    "intraclass_correlation",
    "kappa_paradox",
]

Floats = npt.NDArray[np.float64]

_MARKED = 2
"""Place of the sum that counts answers with any mark."""

_ROUNDING = 1e-12

_LARGEST_SQUARE = 100.0**2
"""Of the difference of two score percentages."""

FEWEST_QUESTIONS = 10
"""Below this number of questions the variance between them is not known well enough for an interval."""

NO_INTERVAL = (
    f"A figure without an interval rests on the marks of fewer than {FEWEST_QUESTIONS} questions, too few for one."
)


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A statistic with its interval.

    Attributes
    ----------
    value, ci_low, ci_high : float or None
        None where the marks do not determine it.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of reviewers on one set of answers.

    Attributes
    ----------
    n : int
        Answers marked by at least two reviewers.
    prevalence : float or None
        Share of credits among all marks, 0 to 1.
    percent : IntervalEstimate
        Of pairs of marks of the same answer that are equal, percent 0 to 100.
    cohen_kappa : IntervalEstimate
        The mean over pairs of reviewers where there are more than two (Light 1971).
    gwet_ac1, krippendorff_alpha : IntervalEstimate
        Agreement beyond chance by two other ideas of chance.
    """

    n: int
    prevalence: float | None
    percent: IntervalEstimate
    cohen_kappa: IntervalEstimate
    gwet_ac1: IntervalEstimate
    krippendorff_alpha: IntervalEstimate

    @property
    def lacks_interval(self) -> bool:
        """Whether a figure is defined and rests on too few questions for an interval; see :data:`NO_INTERVAL`."""
        every = (self.percent, self.cohen_kappa, self.gwet_ac1, self.krippendorff_alpha)
        return any(estimate.value is not None and estimate.ci_low is None for estimate in every)


def agreement(ratings: Floats, cluster: npt.NDArray[np.int64], *, confidence: float = 0.95) -> Agreement:
    """Chance-corrected agreement on marks of 0 and 1, with intervals that allow for clusters.

    Parameters
    ----------
    ratings : ndarray, shape (n, r)
        One row for each answer, one column for each reviewer: 1, 0 or NaN where not marked.
    cluster : ndarray, shape (n,)
        Number of each answer's question, from 0.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Agreement
        Percent agreement, Cohen's kappa (Light's for more than two reviewers), Gwet's AC1, Krippendorff's alpha.

    Notes
    -----
    Percent agreement has the interval of Korn and Graubard for an effective number of answers
    (:func:`samp_eval.statistics.bounded_intervals.share_interval`). Each coefficient is one less the ratio of observed
    to expected disagreement; its interval combines those of the two (MOVER for ratios), which share the variances that
    come from leaving out one question at a time. ``benchmarks/analysis/agreement_intervals.py`` compares their coverage
    with that of a bootstrap over questions.

    References
    ----------
    Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.
    Light RJ. Measures of response agreement for qualitative data. Psychol Bull 1971;76:365-77.
    Gwet KL. Computing inter-rater reliability in the presence of high agreement. Br J Math Stat Psychol 2008;61:29-48.
    Krippendorff K. Content analysis: an introduction to its methodology. 4th ed. Sage, 2018.
    Donner A, Zou GY. Closed-form confidence intervals for functions of the normal mean and standard deviation. Stat
    Methods Med Res 2012;21:347-59.
    """
    unit_sums = _unit_sums(ratings)
    sums = _by_cluster(unit_sums, cluster, unit_sums[:, _MARKED] > 0)
    observed, *coefficients = _disagreements(_with_each_left_out(sums))
    size, enough = int(sums[:, 0].sum()), int((sums[:, 0] > 0).sum()) >= FEWEST_QUESTIONS
    estimates = [_coefficient(*pair, size, confidence, enough=enough) for pair in coefficients]
    marked = np.isfinite(ratings)
    return Agreement(
        n=int((marked.sum(axis=1) >= 2).sum()),
        prevalence=float(ratings[marked].mean()) if marked.any() else None,
        percent=_percent(observed, size, confidence, enough=enough),
        cohen_kappa=estimates[0],
        gwet_ac1=estimates[1],
        krippendorff_alpha=estimates[2],
    )


def intraclass_correlation(
    scores: Floats, cluster: npt.NDArray[np.int64], *, confidence: float = 0.95
) -> IntervalEstimate:
    """Intraclass correlation of score percentages: two-way random, absolute agreement, one reviewer; ICC(A,1).

    Parameters
    ----------
    scores : ndarray, shape (n, r)
        One row for each response, one column for each reviewer, percent 0 to 100; rows with NaN are left out.
    cluster, confidence
        As in :func:`agreement`; the interval too: the disagreement of two reviewers over that of two responses.

    References
    ----------
    McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1996;1:30-46.
    """
    whole = np.isfinite(scores).all(axis=1)
    kept = scores[whole]
    unit_sums = np.column_stack([np.ones(len(kept)), (kept**2).sum(axis=1), kept.sum(axis=1) ** 2, kept])
    sums = _by_cluster(unit_sums, cluster[whole], np.ones(len(kept), dtype=bool))
    within, between = _score_disagreements(_with_each_left_out(sums))
    return _coefficient(within, between, len(kept), confidence, enough=len(sums) >= FEWEST_QUESTIONS)


def kappa_paradox(found: Agreement) -> str | None:
    """Say in words why kappa is low although reviewers agree, where that is so.

    References
    ----------
    Feinstein AR, Cicchetti DV. High agreement but low kappa: I. The problems of two paradoxes. J Clin Epidemiol
    1990;43:543-9.
    """
    percent, kappa, ac1 = found.percent.value, found.cohen_kappa.value, found.gwet_ac1.value
    if percent is None or found.prevalence is None or percent < 80:
        return None
    common = max(found.prevalence, 1 - found.prevalence)
    credited = "credited" if found.prevalence >= 0.5 else "refused"
    reason = (
        f"The reviewers agree on {percent:.1f} % of answers, and {100 * common:.0f} % of all marks are {credited}. "
        "With one mark so common, chance alone would make them agree often"
    )
    if kappa is None:
        return f"{reason}; with a single kind of mark kappa is not defined. Read the percent agreement and AC1."
    if kappa > percent / 100 - 0.25 or common < 0.7 or ac1 is None:
        return None
    return (
        f"{reason}, so kappa falls to {kappa:.2f} although they rarely differ (the kappa paradox). "
        f"Gwet's AC1 ({ac1:.2f}) does not fall with prevalence; read both beside the percent agreement."
    )


def _unit_sums(ratings: Floats) -> Floats:
    """For each answer the terms that every statistic adds up: (n, 7 + 4 for each pair of reviewers)."""
    marked = np.isfinite(ratings)
    given = marked.sum(axis=1).astype(np.float64)
    credited = np.nansum(ratings, axis=1)
    paired = given >= 2
    pairs = np.where(paired, given * (given - 1), 1.0)
    equal = np.where(paired, (credited * (credited - 1) + (given - credited) * (given - credited - 1)) / pairs, 0.0)
    unequal = np.where(paired, 2 * credited * (given - credited) / np.where(paired, given - 1, 1.0), 0.0)
    some = given >= 1
    share = np.where(some, credited / np.where(some, given, 1.0), 0.0)
    columns = [paired, equal, some, share, paired * given, paired * credited, unequal]
    for first, second in combinations(range(ratings.shape[1]), 2):
        both = marked[:, first] & marked[:, second]
        credited = [np.where(both, ratings[:, reviewer], 0.0) for reviewer in (first, second)]
        columns += [both, *credited, credited[0] * credited[1]]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def _by_cluster(unit_sums: Floats, cluster: npt.NDArray[np.int64], used: npt.NDArray[np.bool_]) -> Floats:
    """The summed terms of each cluster that has any, shape (clusters, terms)."""
    _, places = np.unique(cluster[used], return_inverse=True)
    sums = np.zeros((int(places.max(initial=-1)) + 1, unit_sums.shape[1]))
    np.add.at(sums, places, unit_sums[used])
    return sums


def _with_each_left_out(sums: Floats) -> Floats:
    """Sums over all clusters, then without each in turn, shape (1 + clusters, terms)."""
    total = sums.sum(axis=0)
    return np.vstack([total, total - sums])


def _disagreements(sums: Floats) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Disagreement in each row of sums; then, for kappa, AC1 and alpha, it and what is expected (0 to 1)."""
    paired, equal, some, share, values, ones, unequal = sums[:, :7].T
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = 1 - equal / paired
        prevalence = share / some
        by_chance = 1 - 2 * prevalence * (1 - prevalence)
        of_values = unequal / values, 2 * ones * (values - ones) / (values * (values - 1))
        pairs = np.array([_cohen(*sums[:, start : start + 4].T) for start in range(7, sums.shape[1], 4)])
    return observed, _mean_kappa(pairs), (observed, by_chance), of_values


def _cohen(both: Floats, one: Floats, other: Floats, credited: Floats) -> tuple[Floats, Floats]:
    """Observed and expected disagreement of two reviewers."""
    observed = (one + other - 2 * credited) / both
    return observed, 1 - (one * other + (both - one) * (both - other)) / both**2


def _mean_kappa(pairs: Floats) -> tuple[Floats, Floats]:
    """Disagreement and expected disagreement whose ratio is one less the mean kappa over the pairs (pairs, 2, rows)."""
    if len(pairs) == 1:
        return pairs[0, 0], pairs[0, 1]
    observed, expected = pairs[:, 0], pairs[:, 1]
    known = np.isfinite(observed) & (expected > 0)
    number = np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    mean_observed = np.where(known, observed, 0.0).sum(axis=0) / number
    ratio = np.where(known, observed / np.where(known, expected, 1.0), 0.0).sum(axis=0) / number
    mean_expected = np.where(known, expected, 0.0).sum(axis=0) / number
    return mean_observed, np.where(ratio > 0, mean_observed / np.where(ratio > 0, ratio, 1.0), mean_expected)


def _score_disagreements(sums: Floats) -> tuple[Floats, Floats]:
    """Mean squares whose ratio is one less ICC(A,1), as shares of the largest possible square."""
    n, squares, row_squares, columns = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    k = columns.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = columns.sum(axis=1) ** 2 / (n * k)
        between_rows = row_squares / k - correction
        between_columns = (columns**2).sum(axis=1) / n - correction
        rest = squares - correction - between_rows - between_columns
        rows, cols, error = between_rows / (n - 1), between_columns / (k - 1), rest / ((n - 1) * (k - 1))
        within = k * error + k * (cols - error) / n
        return within / _LARGEST_SQUARE, (within + rows - error) / _LARGEST_SQUARE


def _percent(disagreement: Floats, size: int, confidence: float, *, enough: bool) -> IntervalEstimate:
    if not np.isfinite(disagreement[0]):
        return IntervalEstimate(None, None, None)
    value = 100 * (1 - float(disagreement[0]))
    if not enough:
        return IntervalEstimate(value, None, None)
    low, high = _share_bounds(disagreement, size, confidence)
    return IntervalEstimate(value, 100 * (1 - high), 100 * (1 - low))


def _coefficient(observed: Floats, expected: Floats, size: int, confidence: float, *, enough: bool) -> IntervalEstimate:
    """One less the ratio of two disagreements, each over all clusters and then without each."""
    if not expected[0] > _ROUNDING:
        return IntervalEstimate(None, None, None)
    value = 1 - float(observed[0] / expected[0])
    value = value if abs(value) > _ROUNDING else 0.0
    if not enough:
        return IntervalEstimate(value, None, None)
    influences = [_influence(part) for part in (observed, expected)]
    spread = np.sqrt((influences[0] ** 2).sum() * (influences[1] ** 2).sum())
    correlation = float((influences[0] * influences[1]).sum() / spread) if spread > 0 else 0.0
    low, high = ratio_interval(
        (float(observed[0]), float(expected[0])),
        (_share_bounds(observed, size, confidence), _share_bounds(expected, size, confidence)),
        correlation,
    )
    return IntervalEstimate(value, max(1 - high, -1.0), 1 - low)


def _share_bounds(parts: Floats, size: int, confidence: float) -> tuple[float, float]:
    clusters, influence = len(parts) - 1, _influence(parts)
    variance = float((influence**2).sum()) * clusters / (clusters - 1)
    share = min(max(float(parts[0]), 0.0), 1.0)
    degrees = variance_degrees(influence)
    return share_interval(share, variance, size, clusters, confidence=confidence, degrees_of_freedom=degrees)


def _influence(parts: Floats) -> Floats:
    """What each cluster adds to a statistic, by the jackknife; 0 where it is not defined without the cluster."""
    left_out = np.where(np.isfinite(parts[1:]), parts[1:], parts[0])
    clusters = len(left_out)
    return np.asarray((left_out.mean() - left_out) * (clusters - 1) / clusters)
