"""How far reviewers agree on marks of two values: percent, Cohen's kappa, Gwet's AC1, Krippendorff's alpha.

Every statistic is one less a ratio: disagreement over the disagreement that is expected. It is a function of sums over
answers, so what each question adds to its variance comes from leaving that question out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samp_eval.statistics.reviewers.agreement_sums import (
    FIRST_OF_PAIRS,
    MARKED,
    IntervalEstimate,
    by_cluster,
    coefficient,
    cohen,
    mean_kappa,
    of_pairs,
    percent_estimate,
    unit_sums,
    with_each_left_out,
)

__all__ = [
    "FEWEST_QUESTIONS",
    "MEAN_OF_PAIRS",
    "NO_INTERVAL",
    "Agreement",
    "IntervalEstimate",
    "agreement",
    "intraclass_correlation",
    "kappa_paradox",
]

Floats = npt.NDArray[np.float64]

_LARGEST_SQUARE = 100.0**2
"""Of the difference of two score percentages."""

FEWEST_QUESTIONS = 10
"""Below this number of questions the variance between them is not known well enough for an interval."""

NO_INTERVAL = (
    f"A figure without an interval rests on the marks of fewer than {FEWEST_QUESTIONS} questions, too few for one."
)

MEAN_OF_PAIRS = "Of more than two reviewers, kappa is the mean of Cohen's kappa over their pairs (Light 1971)."


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


def agreement(
    ratings: Floats, cluster: npt.NDArray[np.int64], *, weights: Floats | None = None, confidence: float = 0.95
) -> Agreement:
    """Chance-corrected agreement on marks of 0 and 1, with intervals that allow for clusters.

    Parameters
    ----------
    ratings : ndarray, shape (n, r)
        One row for each answer, one column for each reviewer: 1, 0 or NaN where not marked.
    cluster : ndarray, shape (n,)
        Number of each answer's question, from 0.
    weights : ndarray, shape (n,), optional
        How often each answer counts, such as the lines that it stands for; once each when omitted. Intervals take an
        answer for one observation, whatever its weight.
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
    each = np.ones(len(ratings)) if weights is None else weights
    of_answers = unit_sums(ratings) * each[:, None]
    sums = by_cluster(of_answers, cluster, of_answers[:, MARKED] > 0)
    observed, *coefficients = _disagreements(with_each_left_out(sums))
    marked = np.isfinite(ratings)
    size, enough = int((marked.sum(axis=1) >= 2).sum()), int((sums[:, 0] > 0).sum()) >= FEWEST_QUESTIONS
    estimates = [coefficient(*pair, size, confidence, enough=enough) for pair in coefficients]
    of_marks = np.broadcast_to(each[:, None], ratings.shape)[marked]
    return Agreement(
        n=size,
        prevalence=float(np.average(ratings[marked], weights=of_marks)) if of_marks.any() else None,
        percent=percent_estimate(observed, size, confidence, enough=enough),
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
    of_responses = np.column_stack([np.ones(len(kept)), (kept**2).sum(axis=1), kept.sum(axis=1) ** 2, kept])
    sums = by_cluster(of_responses, cluster[whole], np.ones(len(kept), dtype=bool))
    within, between = _score_disagreements(with_each_left_out(sums))
    return coefficient(within, between, len(kept), confidence, enough=len(sums) >= FEWEST_QUESTIONS)


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


def _disagreements(sums: Floats) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Disagreement in each row of sums; then, for kappa, AC1 and alpha, it and what is expected (0 to 1)."""
    paired, equal, some, share, values, ones, unequal = sums[:, :FIRST_OF_PAIRS].T
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = 1 - equal / paired
        prevalence = share / some
        by_chance = 1 - 2 * prevalence * (1 - prevalence)
        of_values = unequal / values, 2 * ones * (values - ones) / (values * (values - 1))
        pairs = np.array([cohen(*pair) for pair in of_pairs(sums)])
    return observed, mean_kappa(pairs), (observed, by_chance), of_values


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
