"""How far reviewers agree on marks of two values: percent, Cohen's kappa, Gwet's AC1, Krippendorff's alpha.

Every statistic is a function of sums over answers, so a bootstrap over questions is one product of two matrices: how
often each question was drawn, and each question's sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

__all__ = [
    "NO_INTERVAL",
    "Agreement",
    "IntervalEstimate",
    "agreement",
    "bootstrap_multiplicities",
    "intraclass_correlation",
    "kappa_paradox",
]

Floats = npt.NDArray[np.float64]

ENOUGH_DEFINED = 0.9
"""Share of replicates in which a statistic must be defined for its interval to be given."""

NO_INTERVAL = (
    "A coefficient without an interval is not defined in a tenth or more of the resamples, in which the marks are all "
    "of one kind."
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
        """Whether a coefficient is defined but too few of its resamples are; see :data:`NO_INTERVAL`."""
        every = (self.percent, self.cohen_kappa, self.gwet_ac1, self.krippendorff_alpha)
        return any(estimate.value is not None and estimate.ci_low is None for estimate in every)


def bootstrap_multiplicities(n_clusters: int, replicates: int, seed: int) -> Floats:
    """How often each cluster is drawn in each replicate of a cluster bootstrap.

    Parameters
    ----------
    n_clusters, replicates : int
        Clusters of the data, and draws wanted.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    ndarray, shape (replicates, n_clusters)
        Counts, as numbers that multiply.
    """
    generator = np.random.default_rng(seed)
    return generator.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=replicates).astype(np.float64)


def agreement(
    ratings: Floats, cluster: npt.NDArray[np.int64], multiplicities: Floats, *, confidence: float = 0.95
) -> Agreement:
    """Chance-corrected agreement on marks of 0 and 1, with percentile intervals from a bootstrap over clusters.

    Parameters
    ----------
    ratings : ndarray, shape (n, r)
        One row for each answer, one column for each reviewer: 1, 0 or NaN where not marked.
    cluster : ndarray, shape (n,)
        Number of each answer's question, from 0.
    multiplicities : ndarray, shape (replicates, questions)
        See :func:`bootstrap_multiplicities`.
    confidence : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Agreement
        Percent agreement, Cohen's kappa (Light's for more than two reviewers), Gwet's AC1, Krippendorff's alpha.

    References
    ----------
    Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.
    Light RJ. Measures of response agreement for qualitative data. Psychol Bull 1971;76:365-77.
    Gwet KL. Computing inter-rater reliability in the presence of high agreement. Br J Math Stat Psychol 2008;61:29-48.
    Krippendorff K. Content analysis: an introduction to its methodology. 4th ed. Sage, 2018.
    """
    unit_sums = _unit_sums(ratings)
    sums = np.zeros((multiplicities.shape[1], unit_sums.shape[1]))
    np.add.at(sums, cluster, unit_sums)
    observed = _statistics(sums.sum(axis=0)[None, :])
    resampled = _statistics(multiplicities @ sums)
    estimates = [
        _estimate(float(value[0]), draws, confidence) for value, draws in zip(observed, resampled, strict=True)
    ]
    marked = np.isfinite(ratings)
    return Agreement(
        n=int((marked.sum(axis=1) >= 2).sum()),
        prevalence=float(ratings[marked].mean()) if marked.any() else None,
        percent=estimates[0],
        cohen_kappa=estimates[1],
        gwet_ac1=estimates[2],
        krippendorff_alpha=estimates[3],
    )


def intraclass_correlation(
    scores: Floats, cluster: npt.NDArray[np.int64], multiplicities: Floats, *, confidence: float = 0.95
) -> IntervalEstimate:
    """Intraclass correlation of score percentages: two-way random, absolute agreement, one reviewer; ICC(A,1).

    Parameters
    ----------
    scores : ndarray, shape (n, r)
        One row for each response, one column for each reviewer, percent 0 to 100; rows with NaN are left out.
    cluster, multiplicities, confidence
        As in :func:`agreement`.

    References
    ----------
    McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1996;1:30-46.
    """
    whole = np.isfinite(scores).all(axis=1)
    kept = scores[whole]
    unit_sums = np.column_stack([np.ones(len(kept)), (kept**2).sum(axis=1), kept.sum(axis=1) ** 2, kept])
    sums = np.zeros((multiplicities.shape[1], unit_sums.shape[1]))
    np.add.at(sums, cluster[whole], unit_sums)
    observed = _absolute_icc(sums.sum(axis=0)[None, :])
    return _estimate(float(observed[0]), _absolute_icc(multiplicities @ sums), confidence)


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


def _statistics(sums: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Percent, kappa, AC1 and alpha of each row of summed terms; NaN where undefined."""
    paired, equal, some, share, values, ones, unequal = sums[:, :7].T
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = equal / paired
        prevalence = share / some
        by_chance = 2 * prevalence * (1 - prevalence)
        ac1 = (observed - by_chance) / (1 - by_chance)
        alpha = 1 - (values - 1) * unequal / (2 * ones * (values - ones))
        kappas = [_cohen(*sums[:, start : start + 4].T) for start in range(7, sums.shape[1], 4)]
    kappa = np.stack(kappas)
    known = np.isfinite(kappa)
    mean_kappa = np.where(known, kappa, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return 100 * observed, mean_kappa, ac1, alpha


def _cohen(both: Floats, one: Floats, other: Floats, credited: Floats) -> Floats:
    observed = (both - one - other + 2 * credited) / both
    expected = (one * other + (both - one) * (both - other)) / both**2
    return (observed - expected) / (1 - expected)


def _absolute_icc(sums: Floats) -> Floats:
    n, squares, row_squares, columns = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    k = columns.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = columns.sum(axis=1) ** 2 / (n * k)
        between_rows = row_squares / k - correction
        between_columns = (columns**2).sum(axis=1) / n - correction
        rest = squares - correction - between_rows - between_columns
        rows, cols, error = between_rows / (n - 1), between_columns / (k - 1), rest / ((n - 1) * (k - 1))
        return np.asarray((rows - error) / (rows + (k - 1) * error + k * (cols - error) / n))


def _estimate(value: float, draws: Floats, confidence: float) -> IntervalEstimate:
    if not np.isfinite(value):
        return IntervalEstimate(None, None, None)
    defined = draws[np.isfinite(draws)]
    if len(draws) == 0 or len(defined) < ENOUGH_DEFINED * len(draws):
        return IntervalEstimate(value, None, None)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return IntervalEstimate(value, float(low), float(high))
