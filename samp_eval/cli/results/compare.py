"""``samp-eval compare``: statistics that are simpler than the model, as tables or as JSON."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import (
    BasisOption,
    ClusterOption,
    ConsensusOption,
    QuestionsOption,
    ReferenceOption,
    TableOption,
    study_or_table,
)
from samp_eval.cli.shared.printing import echo_status, print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption
from samp_eval.errors import CannotEstimate
from samp_eval.literals import FailureRule, LevelChoice

if TYPE_CHECKING:
    import pandas as pd

    from samp_eval.analysis.scored_study import Scores

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("compare")(compare)


def compare(
    study: StudyOption = Path(),
    table: TableOption = None,
    scale: Annotated[
        str | None,
        typer.Option(
            "--scale",
            metavar="LOW:HIGH",
            help="Ends of the score scale of --table, such as 1:6.",
            show_default="lowest and highest score in the table",
        ),
    ] = None,
    basis: BasisOption = "key",
    reference: ReferenceOption = None,
    cluster: ClusterOption = None,
    questions: QuestionsOption = None,
    consensus: ConsensusOption = None,
    levels: Annotated[
        LevelChoice,
        typer.Option("--levels", help="Score levels for the odds ratios; grouped: none, some or all lines correct."),
    ] = "all",
    failures: Annotated[
        FailureRule, typer.Option("--failures", help="How to count a failed response: as missing, or as zero.")
    ] = "missing",
    pass_mark: Annotated[
        float | None,
        typer.Option(
            "--pass-mark",
            metavar="SCORE",
            help="Compare the mean scores with this score, such as 60.",
            show_default="study.toml, or none",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare respondents with simpler statistics than the model.

    Computes mean scores and their differences with clustered errors, a pass mark, odds ratios of answer lines, exact
    tests for one-line questions, and consistency over rounds. --table compares scores from another study, on any scale.
    """
    from samp_eval.analysis.comparison.choices import ComparisonChoices
    from samp_eval.analysis.comparison.study_comparison import compare_respondents
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.analysis.tables.line_table import line_table
    from samp_eval.report.tables.comparison_tables import comparison_tables
    from samp_eval.statistics.not_estimated import NotEstimated

    if scale is not None and table is None:
        raise typer.BadParameter(
            "a study's scores are percentages; use --scale only with --table", param_hint="--scale"
        )
    if table is None and pass_mark is not None and not 0 <= pass_mark <= 100:
        raise typer.BadParameter(
            f"a study's scores are percentages, so the pass mark must be from 0 to 100; found {pass_mark:g}",
            param_hint="--pass-mark",
        )
    chosen = {"reference": reference, "cluster": cluster, "questions": questions}
    scores = study_or_table(study, table, basis, consensus=consensus, **chosen)
    plan = scores.plan.analysis
    lowest, highest = (0.0, 100.0) if table is None else _scale(scale, scores.table)
    if table is not None and pass_mark is not None and not lowest <= pass_mark <= highest:
        raise typer.BadParameter(
            f"the scale is {lowest:g} to {highest:g}, so the pass mark lies between them; found {pass_mark:g}",
            param_hint="--pass-mark",
        )
    choices = ComparisonChoices(
        basis=basis,
        cluster=plan.cluster,
        covariance=plan.covariance,
        confidence=plan.confidence,
        questions=plan.questions,
        failures=failures,
        levels=levels,
        pass_mark=_planned(scores) if pass_mark is None else pass_mark,
        lowest=lowest,
        highest=highest,
    )
    found = compare_respondents(scores, choices, line_table(scores) if isinstance(scores, ScoredStudy) else None)
    if not any(score.responses for score in found.scores) and isinstance(found.odds_ratios, NotEstimated):
        raise CannotEstimate(found.odds_ratios.reason)
    if as_json:
        print_json({**found.as_json(), "drawn": scores.drawn and scores.drawn.counts()})
        return
    for found_table in comparison_tables(found):
        print_report_table(found_table)
    if scores.drawn is not None:
        echo_status(
            f"note: every figure above is of the {scores.drawn.n_drawn} drawn questions only and is not corrected by "
            "predictions; samp-eval analyze and the report have odds ratios of scores and predicted percentages of all "
            "questions, while exact tests, consistency and odds ratios of lines are had of drawn questions only"
        )


def _planned(scores: Scores) -> float | None:
    """The pass mark of the study; a table from outside has none."""
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.statistics.not_estimated import NotEstimated

    mark = scores.pass_mark if isinstance(scores, ScoredStudy) else None
    if isinstance(mark, NotEstimated):
        echo_status(f"note: {mark.reason}")
        return None
    return None if mark is None else mark.cut


def _scale(written: str | None, table: pd.DataFrame) -> tuple[float, float]:
    scores = table["score_percent"]
    lowest, highest = float(scores.min()), float(scores.max())
    if written is None:
        echo_status(f"note: the scale is {lowest:g} to {highest:g}, as in the table; set another with --scale")
        return lowest, highest
    try:
        low, high = (float(part) for part in written.split(":"))
    except ValueError:
        low, high = 0.0, 0.0
    if not (low < high and math.isfinite(high - low)):
        raise typer.BadParameter(f"{written!r} is not a scale; give its ends, such as 1:6", param_hint="--scale")
    if lowest < low or highest > high:
        raise typer.BadParameter(
            f"the table has scores from {lowest:g} to {highest:g}, outside {written}", param_hint="--scale"
        )
    return low, high
