"""Planning: how many questions and rounds for a given odds ratio, by simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, stdtr, stdtrit

from samp_eval.literals import ClusterChoice, Covariance
from samp_eval.statistics.gee.batch_fit import fit_batch
from samp_eval.statistics.gee.count_table import distinct_rows
from samp_eval.statistics.gee.estimable import interval_for
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.terms import Floats, Interval
from samp_eval.statistics.line_scores import LineStudyShape
from samp_eval.statistics.resampling import workers
from samp_eval.statistics.simulation import SimulatedStudies, StudyShape, level_covariance

__all__ = [
    "PlannedShape",
    "PowerPoint",
    "estimate_studies",
    "minimal_detectable_odds_ratio",
    "power_curve",
    "shape_from_pilot",
]

PlannedShape = StudyShape | LineStudyShape

_CHUNK = 100
_LARGEST_SHARE = 0.99


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """Power of one size of study.

    Attributes
    ----------
    n_questions, n_rounds : int
    power : float
        Share of simulated studies, 0 to 1, in which the first respondent differs significantly from the reference; a
        study without an estimate counts as not significant.
    monte_carlo_error : float
        Standard error of ``power``.
    n_simulations, n_failed : int
        Studies simulated, and those of them without an estimate.
    """

    n_questions: int
    n_rounds: int
    power: float
    monte_carlo_error: float
    n_simulations: int
    n_failed: int


def power_curve(
    shape: PlannedShape,
    n_questions: Sequence[int],
    *,
    simulations: int,
    seed: int,
    significance: float = 0.05,
    cluster: ClusterChoice = "question",
    covariance: Covariance = "robust",
    interval: Interval | None = None,
    n_jobs: int = 1,
    scheduler: str | None = None,
    finished: Callable[[int], None] = lambda _studies: None,
) -> tuple[PowerPoint, ...]:
    """Simulate studies of several sizes and count the significant ones.

    Parameters
    ----------
    shape : StudyShape or LineStudyShape
        Its number of questions is replaced by each of ``n_questions``.
    n_questions : sequence of int
    simulations : int
        Studies per size.
    seed : int
    significance : float
        Two-sided level, between 0 and 1.
    cluster : {"question", "case", "question-respondent"}
    covariance : {"robust", "bias_reduced", "naive"}
    interval : {"normal", "t"}, optional
        By the number of clusters when omitted, as in :func:`samp_eval.analysis.fit_ordinal_gee`.
    n_jobs : int
        Processes; -1 for all cores. Starting them costs seconds, so they pay from about 20,000 studies on.
    scheduler : str, optional
        Address of a Dask cluster.
    finished : callable
        Told how many studies have been done since it was last told.

    Returns
    -------
    tuple of PowerPoint
    """
    sizes = [min(_CHUNK, simulations - first) for first in range(0, simulations, _CHUNK)]
    shapes = [replace(shape, n_questions=number) for number in n_questions]
    seeds = np.random.SeedSequence(seed).generate_state(len(shapes) * len(sizes)).reshape(len(shapes), -1)
    tasks = [
        (of_size, size, int(own))
        for of_size, row in zip(shapes, seeds, strict=True)
        for size, own in zip(sizes, row, strict=True)
    ]
    p_values = []
    with workers(scheduler):
        # Results come in the order of the tasks, so that a seed means the same everywhere.
        for found in Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(_p_values)(of_size, size, own, cluster, covariance, interval) for of_size, size, own in tasks
        ):
            p_values.append(found)
            finished(len(found))
    per_size = np.array_split(np.concatenate(p_values), len(shapes))
    return tuple(_point(of_size, values, significance) for of_size, values in zip(shapes, per_size, strict=True))


def estimate_studies(
    studies: SimulatedStudies, cluster: ClusterChoice, covariance: Covariance
) -> tuple[Floats, Floats, int]:
    """Fit every repetition of a simulated study under independence.

    Parameters
    ----------
    studies : SimulatedStudies
    cluster : {"question", "case", "question-respondent"}
    covariance : {"robust", "bias_reduced", "naive"}

    Returns
    -------
    slopes : ndarray, shape (replicates, p)
        NaN where a repetition has no estimate.
    standard_errors : ndarray, shape (replicates, p)
    n_clusters : int
    """
    labels = cluster_labels(studies, cluster)
    slopes, errors = fit_batch(studies.outcome, studies.design.to_numpy(dtype=float), labels, covariance)
    return slopes, errors, int(labels.max()) + 1


def cluster_labels(studies: SimulatedStudies, cluster: ClusterChoice) -> NDArray[np.int64]:
    """Labels of a simulated study under a choice of cluster, shape (n,)."""
    return {
        "question": studies.question,
        "case": studies.case,
        "question-respondent": studies.question_respondent,
    }[cluster]


def shape_from_pilot(
    outcome: ArrayLike,
    respondent: ArrayLike,
    question: ArrayLike,
    *,
    reference: str,
    n_rounds: int,
    conditions: pd.DataFrame | None = None,
) -> StudyShape:
    """Read levels, odds ratios and repetition off a pilot, for :func:`power_curve`.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Score percentages.
    respondent, question : array_like, shape (n,)
        Labels; a respondent's rows of one question are its rounds.
    reference : str
        The respondent that the others are compared with.
    n_rounds : int
        Rounds of the study to plan.
    conditions : DataFrame, shape (n, p), optional
        0/1 columns of the conditions that the rows were asked under, whose effects are no repetition.

    Returns
    -------
    StudyShape
        Its levels are the reference's over its conditions; its shares are those at which simulated levels vary together
        as the pilot's do. Cases are not told apart from questions. Without a question that a respondent answered twice
        nothing is known of repetition: the share of the response is then 0, and the shape good for one round only.

    Raises
    ------
    CannotEstimate
        The pilot does not determine the odds ratios.
    """
    labels = pd.Series(np.asarray(respondent).astype(str))
    questions = pd.factorize(np.asarray(question))[0]
    names = [reference, *(name for name in labels.unique().tolist() if name != reference)]
    codes = pd.Categorical(labels, categories=names).codes.astype(np.int64)
    design = pd.DataFrame({name: (codes == place) * 1.0 for place, name in enumerate(names) if place})
    if conditions is not None:
        design = pd.concat([design, conditions.reset_index(drop=True)], axis=1)
    fit = fit_ordinal_gee(outcome, design, questions, covariance="naive", engine="vectorised")  # no error is used
    rows = design.to_numpy(dtype=float)
    pattern, first_row = distinct_rows(rows)
    above = expit((rows[first_row] @ fit.log_odds_ratios)[:, None] + np.array(fit.thresholds))
    levels = np.abs(np.asarray(outcome, dtype=float)[:, None] - np.array(fit.levels)).argmin(axis=1)
    residuals = levels - above.sum(axis=1)[pattern]
    between, within = _repetition(residuals, above, pattern, codes[first_row], questions)
    return StudyShape(
        n_questions=fit.n_clusters,
        n_rounds=n_rounds,
        thresholds=tuple(logit(above[pattern[codes == 0]].mean(axis=0)).tolist()),
        log_odds_ratios=tuple(fit.log_odds_ratios[: len(names) - 1].tolist()),
        case_share=0.0,
        question_share=between,
        response_share=within - between,
    )


def _repetition(
    residuals: Floats,
    above: Floats,
    pattern: NDArray[np.int64],
    respondents: NDArray[np.int64],
    questions: NDArray[np.int64],
) -> tuple[float, float]:
    """Latent correlation of answers to a question between and within respondents, by the method of moments.

    ``residuals`` (n,) are levels less what is expected of their pattern (n,) of respondent and conditions; ``above``
    (patterns, k - 1) is P(Y > level), ``respondents`` (patterns,) says whose it is.
    """
    shape = (int(questions.max()) + 1, len(above))
    sums, squares, sizes = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for total, values in ((sums, residuals), (squares, residuals**2), (sizes, np.ones(len(residuals)))):
        np.add.at(total, (questions, pattern), values)
    products = sums.T @ sums - np.diag(squares.sum(axis=0))
    pairs = sizes.T @ sizes - np.diag(sizes.sum(axis=0))
    own = respondents[:, None] == respondents
    between = _correlation(products * ~own, pairs * ~own, above)
    if not (pairs * own).any():
        return between, between
    within = _correlation(products * own, pairs * own, above)
    if within < between:  # by chance, so both are one; a few repeated answers must not outweigh all others
        between = within = _correlation(products, pairs, above)
    return between, within


def _correlation(products: Floats, pairs: Floats, above: Floats) -> float:
    """The latent correlation, 0 to :data:`_LARGEST_SHARE`, at which so many pairs are expected to have these products.

    Both (patterns, patterns), each pair in both orders; only the sum of the products counts.
    """
    from scipy.optimize import brentq

    observed, places = float(products.sum()), np.argwhere(np.triu(pairs))

    def lacking(correlation: float) -> float:
        expected = 0.0
        for first, second in places:
            both = pairs[first, second] if first == second else 2 * pairs[first, second]
            expected += both * level_covariance(above[first], above[second], correlation)
        return float(expected - observed)

    if observed <= 0 or not len(places):
        return 0.0
    return float(brentq(lacking, 0, _LARGEST_SHARE)) if lacking(_LARGEST_SHARE) > 0 else _LARGEST_SHARE


def minimal_detectable_odds_ratio(
    standard_error: float, *, power: float = 0.8, significance: float = 0.05, degrees_of_freedom: float = np.inf
) -> float:
    """Smallest odds ratio above 1 that a study with this standard error would have found.

    Parameters
    ----------
    standard_error : float
        Of the log odds ratio of the finished study.
    power, significance : float
        Between 0 and 1.
    degrees_of_freedom : float
        Of the t distribution behind the study's intervals; infinite for normal ones.

    Returns
    -------
    float
        Its inverse is the counterpart below 1.
    """
    reach = stdtrit(degrees_of_freedom, 1 - significance / 2) + stdtrit(degrees_of_freedom, power)
    return float(np.exp(reach * standard_error))


def _p_values(
    shape: PlannedShape,
    simulations: int,
    seed: int,
    cluster: ClusterChoice,
    covariance: Covariance,
    interval: Interval | None,
) -> Floats:
    studies = shape.simulated(replicates=simulations, seed=seed)
    slopes, errors, n_clusters = estimate_studies(studies, cluster, covariance)
    with np.errstate(divide="ignore", invalid="ignore"):  # a study without an estimate, or without variation
        ratio = np.abs(slopes[:, 0] / errors[:, 0])
    chosen = interval or interval_for(n_clusters)
    degrees_of_freedom = float(n_clusters - slopes.shape[1]) if chosen == "t" else np.inf
    return np.asarray(2 * stdtr(degrees_of_freedom, -ratio))


def _point(shape: PlannedShape, p_values: Floats, significance: float) -> PowerPoint:
    share = float((p_values < significance).mean())
    error = float(np.sqrt(share * (1 - share) / len(p_values)))
    failed = int(np.isnan(p_values).sum())
    return PowerPoint(shape.n_questions, shape.n_rounds, share, error, len(p_values), failed)
