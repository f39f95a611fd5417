"""``samp-eval analyze``: odds ratios of a higher score, as a table or as JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.marking.judging import withheld
from samp_eval.cli.results.pass_mark import print_pass_mark
from samp_eval.cli.shared.analysis_options import (
    BasisOption,
    ClusterOption,
    ConsensusOption,
    QuestionsOption,
    ReferenceOption,
    TableOption,
    study_or_table,
)
from samp_eval.cli.shared.printing import counted, echo_status, print_json, print_table
from samp_eval.cli.shared.reading_notice import print_readings
from samp_eval.cli.shared.study_options import JsonOption, StudyOption
from samp_eval.literals import Association, Covariance

if TYPE_CHECKING:
    from samp_eval.analysis.model.effects import EveryPair
    from samp_eval.analysis.model.partly_marked import PoweredFit
    from samp_eval.analysis.model.study_fit import StudyFit

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("analyze")(analyze)


def analyze(
    study: StudyOption = Path(),
    table: TableOption = None,
    basis: BasisOption = "key",
    reference: ReferenceOption = None,
    cluster: ClusterOption = None,
    association: Annotated[
        Association | None,
        typer.Option(help="Working association within a cluster.", show_default="study.toml, or independence"),
    ] = None,
    covariance: Annotated[
        Covariance | None, typer.Option(help="Type of standard errors.", show_default="study.toml, or robust")
    ] = None,
    questions: QuestionsOption = None,
    consensus: ConsensusOption = None,
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="Also compare every pair of respondents, with p values corrected by Holm."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Estimate odds ratios of a higher score.

    Fits an ordinal logistic GEE to the repeated rounds, and prints odds ratios with intervals.
    """
    from samp_eval.analysis.model.cut_points import cut_points_as_json
    from samp_eval.analysis.model.effects import every_pair
    from samp_eval.analysis.model.primary import primary_as_json
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.analysis.standard.passing import pass_mark_as_json
    from samp_eval.answers.reading_counts import attention_of
    from samp_eval.api.fitted_study import fit_scores
    from samp_eval.api.notices import few_scored, open_marks_reason

    choices = {
        "reference": reference,
        "cluster": cluster,
        "association": association,
        "covariance": covariance,
        "questions": questions,
    }
    scores = study_or_table(study, table, basis, consensus=consensus, **choices)
    plan = scores.plan.analysis
    found = fit_scores(scores, basis)
    of_study = scores if isinstance(scores, ScoredStudy) else None
    if of_study and found.powered is not None:
        found = replace(found, powered=found.powered.withholding(withheld(study, of_study, basis)))
    readings = attention_of(of_study.lines.reading_counts()) if of_study else {}
    compared = every_pair(scores.table, found, plan) if pairs else None
    if as_json:
        decisions = of_study.exclusions if of_study else ()
        excluded = [decision.as_json() for decision in decisions]
        more = {} if compared is None else _pairs_as_json(compared)
        mark = None if of_study is None else pass_mark_as_json(of_study, basis)
        beside = {"primary": primary_as_json(plan, found), "excluded": excluded, "readings": readings}
        beside["proportional_odds"] = cut_points_as_json(found)
        print_json({**found.as_json(), **beside, "pass_mark": mark, **more})
        return
    left_out, reason = (found.n_open, open_marks_reason(of_study)) if of_study else (len(scores.failed), "")
    if few := few_scored(found, left_out, reason):
        echo_status(f"{few}\n")
    _print(found, plan.confidence)
    _print_cut_points(found, plan.confidence)
    if compared is not None:
        _print_pairs(compared, plan.confidence)
    if of_study:
        print_pass_mark(of_study, basis)
    print_readings(readings)
    if table is not None and len(scores.failed):
        echo_status(f"note: {counted(len(scores.failed), 'row')} without a score left out")


def _print_what_stands_beside(powered: PoweredFit, confidence: float) -> None:
    """The drawn questions alone, each predictor alone, and what marking everything would give."""
    from samp_eval.report.numbers import interval, ratio
    from samp_eval.report.prose.draw_sentences import how_it_was_estimated, no_predictor, predictor_words
    from samp_eval.statistics.not_estimated import NotEstimated

    echo_status(f"\n{how_it_was_estimated(powered)}")
    if not powered.predictor:
        echo_status(no_predictor())
    alone = {f"{predictor_words(found.label)} alone, no estimate": found.alone for found in powered.predictors}
    for what, terms in {"drawn questions alone": powered.drawn_alone, **alone}.items():
        if isinstance(terms, NotEstimated):
            echo_status(f"{what}: not given. {terms.reason}")
            continue
        typer.echo()
        rows = [(term.term, ratio(term.odds_ratio), interval(term.ci_low, term.ci_high)) for term in terms]
        print_table([what, "odds ratio", f"{confidence:.0%} interval"], rows)


def _pairs_as_json(compared: EveryPair) -> dict[str, Any]:
    return {
        "pairs_left_out": list(compared.left_out),
        "pairs": [
            {
                "term": pair.result.term,
                "reference": pair.result.reference,
                "n_questions": pair.n_questions,
                "odds_ratio": pair.result.odds_ratio,
                "ci_low": pair.result.ci_low,
                "ci_high": pair.result.ci_high,
                "simultaneous_low": pair.simultaneous_low,
                "simultaneous_high": pair.simultaneous_high,
                "p_value": pair.result.p_value,
                "p_holm": pair.p_holm,
            }
            for pair in compared.contrasts
        ],
    }


def _print_pairs(compared: EveryPair, confidence: float) -> None:
    from samp_eval.report.numbers import interval, p_value, ratio

    rows = [
        (
            pair.result.term,
            pair.result.reference,
            pair.n_questions,
            ratio(pair.result.odds_ratio),
            interval(pair.simultaneous_low, pair.simultaneous_high),
            p_value(pair.p_holm),
        )
        for pair in compared.contrasts
    ]
    heads = ["respondent", "compared with", "questions", "odds ratio", f"{confidence:.0%} simultaneous interval"]
    title = "\nEvery pair of respondents; intervals hold for all pairs together (Bonferroni), p corrected by Holm"
    print_table([*heads, "p (Holm)"], rows, title=title)
    for words in compared.left_out:
        echo_status(f"note: left out: {words}")


def _print_cut_points(found: StudyFit, confidence: float) -> None:
    """The terms whose odds ratios differ between the cut points, in a model that lets them."""
    from samp_eval.analysis.model.cut_points import partial_odds, proportional_odds
    from samp_eval.report.numbers import interval, p_sentence, p_value, percent, ratio
    from samp_eval.statistics.not_estimated import NotEstimated

    partial = partial_odds(found, proportional_odds(found))
    if partial is None:
        return
    if isinstance(partial, NotEstimated):
        echo_status(f"note: one odds ratio does not hold at every cut point. {partial.reason}")
        return
    apart = [(f"above {percent(cut.above, 0)}", term) for cut in partial.cut_points for term in cut.terms]
    rows = [
        (
            found.samples[0].term(term.term).term,
            score,
            ratio(term.odds_ratio),
            interval(term.ci_low, term.ci_high),
            p_value(term.p_value),
        )
        for score, term in [*apart, *(("above any", term) for term in partial.common)]
    ]
    heads = ["term", "score percentage", "odds ratio", f"{confidence:.0%} interval", "p"]
    print_table(heads, rows, title="\nPartial proportional odds: one odds ratio does not hold at every cut point")
    for test in partial.equal:
        name = found.samples[0].term(test.tested).term
        echo_status(
            f"note: the odds ratios of {name} at the cut points differ (joint Wald test, {test.degrees_of_freedom} "
            f"and {test.denominator} degrees of freedom, {p_sentence(test.p_value)})"
        )


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
        for term in found.terms
    ]
    print_table(["term", "compared with", "odds ratio", f"{confidence:.0%} interval", "p"], rows)
    each = "" if found.same_questions else "; each term uses some of them (n_observations of --json)"
    echo_status(
        f"\nOdds ratios of a higher score percentage on the {found.basis} basis; above 1 means higher scores. "
        f"Ordinal GEE, {found.n_observations} responses in {found.n_clusters} clusters ({found.cluster}){each}, "
        f"working association {found.association}, {found.covariance.replace('_', ' ')} standard errors."
    )
    if found.powered is not None:
        _print_what_stands_beside(found.powered, confidence)
    for warning in found.warnings:
        echo_status(f"note: {warning}")
