"""The same odds ratios under other choices: cluster, association, covariance, consensus, failures, score levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from samp_eval.analysis.failures import with_failures
from samp_eval.analysis.score import CountedLines, score_percents, scores
from samp_eval.analysis.study_fit import StudyFit, fit_study
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import Bank
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import is_automatic
from samp_eval.run.respondent import ResponseFailure
from samp_eval.study import AnalysisPlan, ReviewPlan

__all__ = ["SensitivityRecords", "Variation", "planned_fit", "sensitivity"]

MOST_FOR_EXCHANGEABLE = 20_000
"""Responses up to which an exchangeable association is fitted here: it looks at pairs of them."""


@dataclass(frozen=True, slots=True)
class SensitivityRecords:
    """A study's records, from which every variation is scored anew."""

    bank: Bank
    lines: CountedLines
    failures: Sequence[ResponseFailure]
    marks: GatheredMarks
    review: ReviewPlan
    respondents: list[str]


@dataclass(frozen=True, slots=True)
class Variation:
    """One choice made otherwise.

    Attributes
    ----------
    what : str
        ``planned``, ``cluster``, ``association``, ``covariance``, ``consensus``, ``failures`` or ``levels``.
    choice : str
        What was chosen instead.
    outcome : StudyFit or str
        The fit, or why there is none.
    """

    basis: MarkBasis
    what: str
    choice: str
    outcome: StudyFit | str


def planned_fit(table: pd.DataFrame, basis: MarkBasis, plan: AnalysisPlan, respondents: list[str]) -> Variation:
    """Fit the study's model as planned.

    Like every variation by the vectorised solver, which gives the figures of statsmodels without the second that it
    takes to import and to fit.

    Parameters
    ----------
    table : DataFrame
        The long table under the planned consensus.
    basis : MarkBasis
    plan : AnalysisPlan
    respondents : list of str
        In order; the first is the reference.
    """
    return _fitted(table[table["basis"] == basis], basis, plan, respondents, "planned", "as planned")


def sensitivity(
    records: SensitivityRecords, table: pd.DataFrame, basis: MarkBasis, plan: AnalysisPlan
) -> list[Variation]:
    """Fit the study's model with one choice at a time made otherwise.

    Parameters
    ----------
    records : SensitivityRecords
    table : DataFrame
        The long table under the planned consensus.
    basis : MarkBasis
    plan : AnalysisPlan
    """
    table = table[table["basis"] == basis]
    found = []
    many = len(table)
    for what, choice, changed in _other_models(plan):
        if choice == "exchangeable" and many > MOST_FOR_EXCHANGEABLE:
            reason = "not run here for so many responses; samp-eval analyze --association exchangeable does it"
            found.append(Variation(basis, what, choice, reason))
            continue
        found.append(_fitted(table, basis, changed, records.respondents, what, choice))
    for what, choice, other in _other_tables(records, table, basis):
        found.append(_fitted(other, basis, plan, records.respondents, what, choice))
    return found


def _fitted(
    table: pd.DataFrame, basis: MarkBasis, plan: AnalysisPlan, respondents: list[str], what: str, choice: str
) -> Variation:
    try:
        fit = fit_study(
            table,
            basis=basis,
            respondents=respondents,
            cluster=plan.cluster,
            association=plan.association,
            covariance=plan.covariance,
            confidence=plan.confidence,
            engine="vectorised",
        )
    except CannotEstimate as error:
        return Variation(basis, what, choice, str(error))
    return Variation(basis, what, choice, fit)


def _other_models(plan: AnalysisPlan) -> Iterator[tuple[str, str, AnalysisPlan]]:
    for what, kind in (("cluster", ClusterChoice), ("association", Association), ("covariance", Covariance)):
        for choice in get_args(kind):
            if choice != getattr(plan, what):
                yield what, choice, plan.model_copy(update={what: choice})


def _other_tables(
    records: SensitivityRecords, table: pd.DataFrame, basis: MarkBasis
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    panel = [name for name in records.marks.panel(basis, records.review.reviewers) if not is_automatic(name)]
    settled = ["adjudicated"] if records.marks.adjudicated(basis) else []
    for rule in [*settled, "both", "either", "mean", *panel] if len(panel) > 1 else []:
        if rule != records.review.consensus:
            together = records.lines.together(records.marks.answer_ids) if rule == "adjudicated" else ()
            agreed = records.marks.consensus(basis, rule, records.review.reviewers, together)
            correct = scores(records.lines, agreed, basis)
            other = table.assign(correct=correct, score_percent=score_percents(records.lines, correct))
            yield "consensus", rule, other
    if records.failures:
        yield "failures", "counted as nothing right", with_failures(table, records.failures, records.bank, [basis])
    binary = table.copy()
    scored = binary["score_percent"].notna()
    binary.loc[scored, "score_percent"] = (binary.loc[scored, "score_percent"] >= 100.0 - 1e-9) * 100.0
    yield "levels", "full marks against less", binary
