"""The study's model: score percentage on respondent and conditions, an ordinal GEE over the repeated rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.model.design import StudyDesign, cluster_codes, study_design
from samp_eval.analysis.model.left_out import who_is_in_the_model
from samp_eval.analysis.model.partly_marked import DrawnQuestions, PoweredFit, fit_drawn, settled_draw
from samp_eval.errors import CannotEstimate, NoVariation
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.terms import Engine, OrdinalGeeFit
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import AnalysisPlan

__all__ = ["HOW_TO_MARK", "StudyFit", "fit_study"]

HOW_TO_MARK = "import the reviewers' sheets, or mark automatically with samp-eval mark --marker key"

_NOTHING_TO_COMPARE = (
    "there is nothing to compare: the answers come from one respondent under one condition; "
    "ask a second model, or more rounds of the protocol"
)


@dataclass(frozen=True, slots=True)
class StudyFit:
    """A fit with the choices that led to it.

    Attributes
    ----------
    basis, cluster, association, covariance
        As chosen.
    respondents : tuple of str
        Whose responses the model was fitted to; the first is the reference.
    fit : OrdinalGeeFit
    warnings : tuple of str
        Of the fit, and of what the data left out.
    n_open : int
        Responses left out because a mark is open.
    powered : PoweredFit or None
        Where the fit is of predictions that drawn questions correct: what stands beside it.
    """

    basis: MarkBasis
    cluster: ClusterChoice
    association: Association
    covariance: Covariance
    respondents: tuple[str, ...]
    fit: OrdinalGeeFit
    warnings: tuple[str, ...]
    n_open: int
    powered: PoweredFit | None = None

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval analyze --json``."""
        return {
            "basis": self.basis,
            "cluster": self.cluster,
            "association": self.association,
            "covariance": self.covariance,
            "n_observations": self.fit.n_observations,
            "n_clusters": self.fit.n_clusters,
            "levels": [float(level) for level in self.fit.levels],
            "converged": self.fit.converged,
            "warnings": list(self.warnings),
            "terms": [asdict(term) for term in self.fit.terms],
            **self._estimator_as_json(),
        }

    def _estimator_as_json(self) -> dict[str, Any]:
        if self.powered is None:
            return {"estimator": "complete", "predictor": None, "n_questions_drawn": None}
        beside = {"drawn_alone": self.powered.drawn_alone, "predictor_alone": self.powered.predictor_alone}
        return {
            "estimator": "prediction-powered",
            "predictor": list(self.powered.predictor),
            "n_questions": self.powered.n_questions,
            "n_questions_drawn": self.powered.n_drawn,
            **{
                name: terms.as_json() if isinstance(terms, NotEstimated) else [asdict(term) for term in terms]
                for name, terms in beside.items()
            },
            "expected_standard_errors": self.powered.expected_errors,
        }


def fit_study(
    table: pd.DataFrame,
    *,
    basis: MarkBasis,
    respondents: Sequence[str],
    plan: AnalysisPlan | None = None,
    engine: Engine | None = None,
    drawn: DrawnQuestions | None = None,
) -> StudyFit:
    """Fit the study's model on one basis.

    A respondent with scored responses in fewer than :data:`~samp_eval.statistics.gee.estimable.FEWEST_CLUSTERS`
    clusters has no odds ratio: it is omitted with a warning, so that a trial of a model does not block the others. The
    same holds for one that always has the highest score of all, or always the lowest, while two others remain.

    Parameters
    ----------
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.long_table`.
    respondents : sequence of str
        In order; the first is the reference.
    plan : AnalysisPlan, optional
        Cluster, association, covariance and confidence; the default plan's when omitted.
    engine : {"statsmodels", "vectorised"}, optional
        See :func:`samp_eval.analysis.fit_ordinal_gee`.
    drawn : DrawnQuestions, optional
        Where a random part of the questions is marked: its table takes the place of ``table``.

    Raises
    ------
    CannotEstimate
        With the reason and what to do.
    """
    plan = plan or AnalysisPlan()
    if drawn is not None and not drawn.is_complete(basis):
        return _fit_partly_marked(basis, respondents, plan, drawn)
    rows = table[table["basis"] == basis]
    scored = rows[rows["score_percent"].notna()]
    if scored.empty:
        raise CannotEstimate(_nothing_scored(basis, len(rows), anything=not table.empty))
    clusters = cluster_codes(scored, plan.cluster)
    present, left_out = who_is_in_the_model(scored, clusters, respondents, plan.cluster)
    if left_out:
        clusters = clusters[~scored["respondent"].isin(left_out)]
        rows, scored = (part[~part["respondent"].isin(left_out)] for part in (rows, scored))
    design = study_design(scored, respondents=present)
    if design.design.empty:
        raise CannotEstimate(_NOTHING_TO_COMPARE)
    fit, constant = _fit_varying(
        scored["score_percent"].round(6).to_numpy(),
        design.design,
        clusters,
        association=plan.association,
        covariance=plan.covariance,
        confidence=plan.confidence,
        references=design.references,
        engine=engine,
    )
    warnings = [*fit.warnings, *_warnings_of_terms(design, constant)]
    warnings += [f"left out: {words}" for words in left_out.values()]
    warnings += _warnings_of_rows(rows, [name for name in respondents if name not in (*present, *left_out)])
    n_open = len(rows) - len(scored)
    return StudyFit(
        basis, plan.cluster, plan.association, plan.covariance, tuple(present), fit, tuple(warnings), n_open
    )


def _fit_partly_marked(
    basis: MarkBasis, respondents: Sequence[str], plan: AnalysisPlan, drawn: DrawnQuestions
) -> StudyFit:
    """The same from the drawn questions' marks and predictions of all."""
    rows = drawn.table[drawn.table["basis"] == basis]
    settled = settled_draw(rows, drawn)
    in_draw = rows[rows["question_id"].isin(settled.order[: settled.n_drawn])]
    if in_draw.empty:
        raise CannotEstimate(_nothing_scored(basis, len(in_draw), anything=not rows.empty))
    present, left_out = who_is_in_the_model(in_draw, cluster_codes(in_draw, plan.cluster), respondents, plan.cluster)
    rows = rows[rows["respondent"].isin(present)]
    design = study_design(rows, respondents=present)
    if design.design.empty:
        raise CannotEstimate(_NOTHING_TO_COMPARE)
    powered = fit_drawn(rows, design.design, settled, plan, design.references)
    warnings = [*powered.fit.warnings, *_warnings_of_terms(design, ())]
    warnings += [f"left out: {words}" for words in left_out.values()]
    if settled.n_drawn < drawn.n_drawn:
        warnings.append(
            f"{drawn.n_drawn - settled.n_drawn} questions at the end of the draw have open marks and count as not drawn"
        )
    absent = [name for name in respondents if name not in (*present, *left_out)]
    warnings += [f"no scored response of {', '.join(absent)}; not in the model"] if absent else []
    return StudyFit(
        basis, plan.cluster, plan.association, plan.covariance, tuple(present), powered.fit, tuple(warnings), 0, powered
    )


def _warnings_of_terms(design: StudyDesign, constant: Sequence[str]) -> list[str]:
    unvarying = [
        f"left out: {name}, because in every cluster the scores are the same as for {design.references[name]}; "
        "there is no difference, and no standard error of it"
        for name in constant
    ]
    return [*(f"left out: {reason}" for reason in design.left_out), *unvarying]


def _warnings_of_rows(rows: pd.DataFrame, absent: Sequence[str]) -> list[str]:
    """Of respondents without a score, and of responses without one."""
    warnings = [f"no scored response of {', '.join(absent)}; not in the model"] if absent else []
    is_open = rows["score_percent"].isna()
    if is_open.any():
        warnings.append(
            f"{int(is_open.sum())} of {len(rows)} responses are left out: their marks are open or the reviewers' "
            f"disagreement is unresolved, on {_named(rows.loc[is_open, 'question_id'])}"
        )
    return warnings


def _fit_varying(
    scores: NDArray[np.float64], design: pd.DataFrame, clusters: NDArray[np.int64], **choices: Any
) -> tuple[OrdinalGeeFit, tuple[str, ...]]:
    """The fit without the terms that change nothing in any cluster, such as repeats by a model that never varies."""
    try:
        return fit_ordinal_gee(scores, design, clusters, **choices), ()
    except NoVariation as error:
        varying = design.drop(columns=list(error.names))
        if varying.empty:
            raise
        fit, more = _fit_varying(scores, varying, clusters, **choices)
        return fit, (*error.names, *more)


def _nothing_scored(basis: MarkBasis, n_open: int, *, anything: bool) -> str:
    if not anything:
        return f"nothing is marked yet, so there are no scores to analyse; {HOW_TO_MARK}"
    if n_open:
        return (
            f"no response has all its marks on the {basis} basis: {n_open} are open; finish the sheets, "
            "adjudicate, or mark automatically with samp-eval mark --marker key"
        )
    remedy = HOW_TO_MARK if basis == "key" else "import sheets with such marks, or use the key basis"
    return f"nothing is marked on the {basis} basis yet; {remedy}"


def _named(question_ids: pd.Series, most: int = 8) -> str:
    """The questions by id; the first ones and a count where they are many."""
    found = sorted(question_ids.unique())
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
