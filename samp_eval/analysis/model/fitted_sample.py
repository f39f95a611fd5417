"""The model fitted to one sample of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.model.design import cluster_codes, study_design
from samp_eval.analysis.model.samples import Sample
from samp_eval.errors import CannotEstimate, NoVariation
from samp_eval.literals import Association, ClusterChoice
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.stratified import fit_with_strata
from samp_eval.statistics.gee.terms import Engine, OrdinalGeeFit, Term
from samp_eval.study import AnalysisPlan

__all__ = ["NOTHING_TO_COMPARE", "FittedSample", "StudyTerm", "fit_sample"]

NOTHING_TO_COMPARE = (
    "there is nothing to compare: the answers come from one respondent under one condition; "
    "ask a second model, or more rounds of the protocol"
)


@dataclass(frozen=True, slots=True)
class StudyTerm(Term):
    """One term with the responses that it rests on.

    Attributes
    ----------
    column : str
        Column of the design: a respondent or a condition. ``term`` and ``reference`` name it, with the conditions that
        always go with it.
    n_questions, n_observations, n_clusters : int
        Questions that both sides answered, their responses, and the clusters of these.
    """

    column: str
    n_questions: int
    n_observations: int
    n_clusters: int


@dataclass(frozen=True, slots=True)
class FittedSample:
    """A fit with what it was fitted to.

    Attributes
    ----------
    sample : Sample
    fit : OrdinalGeeFit
    cluster : ClusterChoice
    rows : DataFrame (n, ...)
        Of the long table.
    design : DataFrame (n, p)
        The columns of the fit.
    names : mapping of column to str
        See :class:`samp_eval.analysis.model.design.StudyDesign`.
    warnings : tuple of str
        Of the fit, and of terms that it has not.
    """

    sample: Sample
    fit: OrdinalGeeFit
    cluster: ClusterChoice
    rows: pd.DataFrame = field(repr=False, compare=False)
    design: pd.DataFrame = field(repr=False, compare=False)
    names: Mapping[str, str]
    warnings: tuple[str, ...]

    @property
    def respondents(self) -> tuple[str, ...]:
        """Who is in it; the first is the reference."""
        return self.sample.respondents

    def term(self, column: str) -> StudyTerm:
        """The result of one column; raises ``CannotEstimate`` where it changes no score, and so has none."""
        found = next((term for term in self.fit.terms if term.term == column), None)
        if found is None:
            raise CannotEstimate(
                "in every cluster the scores are the same; no difference, and no standard error of one"
            )
        values = {name: getattr(found, name) for name in Term.__dataclass_fields__}
        return StudyTerm(
            **{**values, "term": self.names[column]},
            column=column,
            n_questions=int(self.rows["question_id"].nunique()),
            n_observations=self.fit.n_observations,
            n_clusters=self.fit.n_clusters,
        )


def fit_sample(
    sample: Sample, scored: pd.DataFrame, plan: AnalysisPlan, engine: Engine | None, *, thresholds_by_n: bool = False
) -> FittedSample:
    """Fit the model to one sample.

    Parameters
    ----------
    sample : Sample
    scored : DataFrame
        Rows of the long table of one basis with a score.
    plan : AnalysisPlan
    engine : {"statsmodels", "vectorised"}, optional
        See :func:`samp_eval.analysis.fit_ordinal_gee`.
    thresholds_by_n : bool
        With thresholds of their own for the questions that ask for each number of answers, under independence.

    Raises
    ------
    CannotEstimate
        With the reason and what to do.
    """
    rows = sample.rows(scored)
    if rows.empty:
        raise CannotEstimate(
            f"{' and '.join(sample.respondents)} have no question in common, so nothing can be compared. Ask them the "
            "same questions, or choose another respondent to compare with"
        )
    design = study_design(rows, respondents=sample.respondents)
    if design.design.empty:
        raise CannotEstimate(NOTHING_TO_COMPARE)
    fit, constant = _fit_or_say_why(
        sample,
        rows["score_percent"].round(6).to_numpy(),
        design.design,
        cluster_codes(rows, plan.cluster),
        association=plan.association,
        covariance=plan.covariance,
        confidence=plan.confidence,
        references=design.references,
        engine=engine,
        strata=rows["requested"].to_numpy() if thresholds_by_n else None,
    )
    unvarying = [
        f"left out: {design.names[name]}, because in every cluster the scores are the same as for "
        f"{design.references[name]}; there is no difference, and no standard error of it"
        for name in constant
    ]
    kept = design.design.drop(columns=list(constant)) if constant else design.design
    return FittedSample(sample, fit, plan.cluster, rows, kept, design.names, (*fit.warnings, *unvarying))


def _fit_or_say_why(
    sample: Sample, scores: NDArray[np.float64], design: pd.DataFrame, clusters: NDArray[np.int64], **choices: Any
) -> tuple[OrdinalGeeFit, Sequence[str]]:
    try:
        return _fit_varying(scores, design, clusters, **choices)
    except NoVariation as error:
        if error.names != sample.respondents[1:]:
            raise
        reference, *others = sample.respondents
        raise NoVariation(
            f"{' and '.join(others)} and {reference} have the same scores in every cluster, over the "
            f"{len(sample.questions)} questions that both answered: no difference, and no standard error of one",
            error.names,
        ) from error


def _fit_varying(
    scores: NDArray[np.float64], design: pd.DataFrame, clusters: NDArray[np.int64], **choices: Any
) -> tuple[OrdinalGeeFit, Sequence[str]]:
    """The fit without the terms that change nothing in any cluster, such as repeats by a model that never varies."""
    try:
        return _fit(scores, design, clusters, **choices), ()
    except NoVariation as error:
        varying = design.drop(columns=list(error.names))
        if varying.empty:
            raise
        fit, more = _fit_varying(scores, varying, clusters, **choices)
        return fit, (*error.names, *more)


def _fit(
    scores: NDArray[np.float64],
    design: pd.DataFrame,
    clusters: NDArray[np.int64],
    *,
    strata: NDArray[np.int64] | None,
    association: Association,
    engine: Engine | None,
    **choices: Any,
) -> OrdinalGeeFit:
    if strata is not None:
        return fit_with_strata(scores, design, clusters, strata, **choices)
    return fit_ordinal_gee(scores, design, clusters, association=association, engine=engine, **choices)
