"""``samp-eval analyze``: odds ratios of a higher score, as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.common import JsonOption, StudyOption, existing_study, print_json, print_table, study_bank, talk
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis

if TYPE_CHECKING:
    from samp_eval.analysis.study_fit import StudyFit

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("analyze")(analyze)


def analyze(
    study: StudyOption = Path(),
    basis: Annotated[MarkBasis, typer.Option(help="By the answer key, or by the reviewers' own judgement.")] = "key",
    cluster: Annotated[
        ClusterChoice | None,
        typer.Option(help="What is independent of everything else.", show_default="the study file's, else question"),
    ] = None,
    association: Annotated[
        Association | None,
        typer.Option(help="Working association within a cluster.", show_default="the study file's, else independence"),
    ] = None,
    covariance: Annotated[
        Covariance | None, typer.Option(help="Standard errors.", show_default="the study file's, else robust")
    ] = None,
    consensus: Annotated[
        str | None,
        typer.Option(
            help="adjudicated, both, either, mean, or a reviewer's name.",
            show_default="the study file's, else adjudicated",
        ),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Respondent to compare with.", show_default="the first respondent")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate odds ratios of a higher score.

    An ordinal logistic GEE over the repeated rounds, with intervals.
    """
    from samp_eval.analysis.study_fit import fit_study
    from samp_eval.analysis.study_table import planned_reference, respondents_in_order, study_table
    from samp_eval.study import load_study

    plan = load_study(study)
    review = plan.review.model_copy(update={"consensus": consensus}) if consensus else plan.review
    with existing_study(study) as store:
        marks = store.marks()
        table = study_table(study_bank(store), store.responses(), marks, review)
        known = list(store.respondents())
    found = fit_study(
        table,
        basis=basis,
        respondents=respondents_in_order(known, reference or planned_reference(plan, known)),
        cluster=cluster or plan.analysis.cluster,
        association=association or plan.analysis.association,
        covariance=covariance or plan.analysis.covariance,
        confidence=plan.analysis.confidence,
    )
    if as_json:
        print_json(found.as_json())
        return
    _print(found, plan.analysis.confidence)


def _print(found: StudyFit, confidence: float) -> None:
    from samp_eval.report.numbers import interval, p_value, ratio

    rows = [
        (
            term.term,
            term.reference,
            ratio(term.odds_ratio),
            interval(term.ci_low, term.ci_high),
            p_value(term.p_value),
        )
        for term in found.fit.terms
    ]
    print_table(["term", "compared with", "odds ratio", f"{confidence:.0%} interval", "p"], rows)
    talk(
        f"\nOdds of a higher score percentage on the basis {found.basis}; above 1 means higher scores. Ordinal GEE, "
        f"{found.fit.n_observations} responses in {found.fit.n_clusters} clusters ({found.cluster}), "
        f"working association {found.association}, {found.covariance.replace('_', ' ')} standard errors."
    )
    for warning in found.warnings:
        talk(f"note: {warning}")
