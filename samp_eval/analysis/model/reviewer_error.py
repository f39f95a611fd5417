"""The odds ratios without the reviewers' errors: settled marks corrected by how often they are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.fitted_sample import FittedSample
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.score import score_percents
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.gee.exceedances import cluster_contributions, fit_exceedances
from samp_eval.statistics.gee.terms import Floats, OrdinalGeeFit, wald_terms
from samp_eval.statistics.reviewers.misclassification import Misclassification, misclassification

__all__ = ["Marks", "audited", "corrected", "count_weights", "error_of_marks", "fit_with_reviewer_error"]

_FEWEST_SETTLED = 10
"""Disagreements that a third person settled; with fewer the error rates are next to unknown."""

_LARGEST_ERROR = 0.8
"""Of both rates together: beyond it a correction multiplies every mark, and its noise, by five."""

_STEP = 1e-4
"""Of an error rate, for the slope of the estimates: they are all but linear in it."""

_SAME_LEVEL = 1e-5
"""Percent by which scores differ that are one level."""

Marks = tuple[Mapping[Reviewer, str], str | None]
"""Of one answer: its reviewers' marks, and the ruling where they differ, or where it was audited."""

Exceedances = Callable[[float, float, Sequence[float]], Floats]
"""By the missed and the wrongly credited share and the levels: an estimate, for each row, that its score is above."""


def audited(marks: Sequence[Marks], credited: bool) -> tuple[int, int]:
    """How many agreed answers of one kind a third person marked as well, and how many of them otherwise."""
    rulings = [
        ruling
        for values, ruling in marks
        if ruling is not None and len(values) > 1 and {value != "0" for value in values.values()} == {credited}
    ]
    return len(rulings), sum((ruling != "0") != credited for ruling in rulings)


def error_of_marks(marks: Sequence[Marks], question: Sequence[str]) -> Misclassification:
    """How often what the marks come to is wrong.

    Parameters
    ----------
    marks : sequence of Marks
    question : sequence of str
        Of each answer.

    Raises
    ------
    CannotEstimate
        Where too little was settled by a third person to tell, or the rates are too high to correct for.
    """
    settled = sum(
        ruling is not None and len({value != "0" for value in values.values()}) > 1 for values, ruling in marks
    )
    if settled < _FEWEST_SETTLED:
        raise CannotEstimate(
            f"a third person settled {settled} disagreements, too few to tell how often the reviewers err"
        )
    places = {
        reviewer: place for place, reviewer in enumerate(dict.fromkeys(who for values, _ in marks for who in values))
    }
    credits = np.full((len(marks), len(places)), np.nan)
    for row, (values, _) in enumerate(marks):
        for reviewer, value in values.items():
            credits[row, places[reviewer]] = value != "0"
    ruling = np.array([np.nan if ruling is None else float(ruling != "0") for _, ruling in marks])
    found = misclassification(credits, ruling, np.asarray(question))
    if not found.missed + found.credited_wrongly < _LARGEST_ERROR:
        raise CannotEstimate("the reviewers err too often for a correction of their marks")
    return found


def count_weights(
    response: NDArray[np.int64], once: NDArray[np.int64], answer: NDArray[np.int64], right: Floats, n_rows: int
) -> Floats:
    """Weights of the numbers of right answers of each response, from estimates that need not be chances.

    Parameters
    ----------
    response, once, answer : ndarray of int, shape (lines,)
        The row of each line, what earns once in it, and the distinct answer.
    right : ndarray, shape (lines,)
        An unbiased estimate of whether the answer is right.
    n_rows : int

    Returns
    -------
    ndarray, shape (n_rows, most + 1)
        Rows sum to 1. Whether a number is the true one is linear in every answer's indicator, so with independent
        unbiased estimates in their place the weights are unbiased.
    """
    order = np.lexsort((answer, once, response))
    response, once, answer, right = response[order], once[order], answer[order], right[order]
    new_answer = np.r_[True, (np.diff(response) != 0) | (np.diff(once) != 0) | (np.diff(answer) != 0)][: len(order)]
    response, once, wrong = response[new_answer], once[new_answer], 1 - right[new_answer]
    starts = np.flatnonzero(np.r_[True, (np.diff(response) != 0) | (np.diff(once) != 0)][: len(wrong)])
    earned = 1 - np.multiply.reduceat(wrong, starts) if len(starts) else np.zeros(0)
    row = response[starts]
    number = np.arange(len(row)) - np.searchsorted(row, row)
    most = int(number.max(initial=-1)) + 1
    of_row = np.zeros((n_rows, most))
    of_row[row, number] = earned
    weights = np.zeros((n_rows, most + 1))
    weights[:, 0] = 1.0
    for place in range(most):
        more = weights[:, :-1] * of_row[:, [place]]
        weights[:, :-1] -= more
        weights[:, 1:] += more
    return weights


def fit_with_reviewer_error(study: ScoredStudy, basis: MarkBasis, planned: StudyFit) -> StudyFit:
    """Correct a fit for the reviewers' errors.

    Parameters
    ----------
    study : ScoredStudy
    basis : MarkBasis
    planned : StudyFit
        Of the study's table.

    Raises
    ------
    CannotEstimate
        As :func:`error_of_marks`; or the corrected equations have no solution.
    """
    marks = study.gathered.settling(basis, study.plan.review.reviewers)
    question = {mark.answer_id: mark.question_id for mark in study.marks}
    error = error_of_marks(list(marks.values()), [question[name] for name in marks])
    lines, credits = study.lines, study.credits[basis]
    known = ~np.isnan(credits.credit)
    most = int(lines.given.max(initial=0))
    counted = np.minimum(np.arange(most + 1)[:, None], lines.given)
    scores = np.column_stack([score_percents(lines, right.astype(float)) for right in counted])

    def exceedances(missed: float, wrongly: float, levels: Sequence[float]) -> Floats:
        right = (np.where(known, credits.credit, 0.0) - wrongly) / (1 - missed - wrongly)
        weights = count_weights(lines.response, credits.once, lines.answer, right, len(lines.responses))
        return above_levels(weights, scores[:, : weights.shape[1]], levels)

    return corrected(planned, study.table.index[study.table["basis"] == basis], exceedances, error)


def above_levels(weights: Floats, scores: Floats, levels: Sequence[float]) -> Floats:
    """The weight of scores above each level but the highest, shape (n, k - 1)."""
    return np.column_stack([(weights * (scores > level + _SAME_LEVEL)).sum(axis=1) for level in levels[:-1]])


def corrected(planned: StudyFit, index: pd.Index, exceedances: Exceedances, error: Misclassification) -> StudyFit:
    """The fit with estimates of the true exceedances in the place of the marks'.

    Parameters
    ----------
    planned : StudyFit
        Its samples, designs and clusters are kept; the working association is independence.
    index : Index, length n
        The rows of the table that ``exceedances`` is of.
    exceedances : callable
    error : Misclassification

    Notes
    -----
    The estimating function is linear in the exceedances, and (mark - b) / (1 - a - b), with the missed share a and the
    wrongly credited share b, is unbiased for whether an answer is right. So the corrected function is unbiased
    (Nakamura), with no assumption on what the chance of a right answer depends on. The sandwich has the noise of
    the marks; to it the error of a and b is added, by the slopes of the estimates.

    References
    ----------
    Nakamura T. Corrected score function for errors-in-variables models: methodology and application to generalized
    linear models. Biometrika 1990;77:127-37.
    Carroll RJ, Ruppert D, Stefanski LA, Crainiceanu CM. Measurement error in nonlinear models. 2nd ed. Chapman and Hall
    2006, chapters 7 and 15.
    """
    of_sample = {
        id(sample): replace(
            sample, fit=_corrected_fit(sample, index.get_indexer(sample.rows.index), exceedances, error)
        )
        for sample in {id(sample): sample for sample in (*planned.samples, *planned.sources.values())}.values()
    }
    sources = {column: of_sample[id(sample)] for column, sample in planned.sources.items()}
    return replace(
        planned,
        association="independence",
        covariance="bias_reduced" if planned.covariance == "bias_reduced" else "robust",
        samples=tuple(of_sample[id(sample)] for sample in planned.samples),
        sources=sources,
        terms=tuple(source.term(column) for column, source in sources.items()),
    )


def _corrected_fit(
    sample: FittedSample, rows: NDArray[np.intp], exceedances: Exceedances, error: Misclassification
) -> OrdinalGeeFit:
    fit, clusters = sample.fit, cluster_codes(sample.rows, sample.cluster)
    a, b = error.missed, error.credited_wrongly
    above, more_missed, more_credited = (
        exceedances(*rates, fit.levels)[rows] for rates in ((a, b), (a + _STEP, b), (a, b + _STEP))
    )
    found = fit_exceedances(
        above,
        sample.design,
        clusters,
        covariance="bias_reduced" if fit.covariance == "bias_reduced" else "robust",
        confidence=fit.confidence,
        interval=fit.interval,
        levels=fit.levels,
        references={term.term: term.reference for term in fit.terms},
    )
    steps = cluster_contributions(above, [more_missed, more_credited], sample.design, clusters)
    slopes = np.column_stack([step.sum(axis=0) for step in steps]) / _STEP
    variances = found.covariance_matrix + slopes @ error.covariance @ slopes.T
    terms = wald_terms(
        [term.term for term in found.terms],
        found.log_odds_ratios,
        np.sqrt(np.diag(variances)),
        confidence=found.confidence,
        degrees_of_freedom=found.degrees_of_freedom,
        references={term.term: term.reference for term in found.terms},
    )
    return replace(found, terms=terms, covariance_matrix=variances)
