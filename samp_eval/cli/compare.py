"""``samp-eval compare``: the simpler statistics beside the model, as tables or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import (
    BasisOption,
    ClusterOption,
    ConsensusOption,
    ReferenceOption,
    TableOption,
    scored_study_or_table,
)
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, echo_status, print_json, print_table
from samp_eval.errors import CannotEstimate
from samp_eval.literals import FailureRule, LevelChoice

if TYPE_CHECKING:
    import pandas as pd

    from samp_eval.report.tables.table import ReportTable

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("compare")(compare)


def compare(
    study: StudyOption = Path(),
    basis: BasisOption = "key",
    pass_mark: Annotated[
        float | None,
        typer.Option(
            "--pass-mark", help="Compare with this score, such as 60.", show_default="the study file's, else none"
        ),
    ] = None,
    failures: Annotated[
        FailureRule, typer.Option("--failures", help="What a response that could not be had counts as.")
    ] = "missing",
    levels: Annotated[
        LevelChoice, typer.Option("--levels", help="Score levels of the odds ratios; grouped: none, some, all.")
    ] = "all",
    cluster: ClusterOption = None,
    consensus: ConsensusOption = None,
    reference: ReferenceOption = None,
    table: TableOption = None,
    scale: Annotated[
        str | None,
        typer.Option(
            "--scale",
            metavar="LOW:HIGH",
            help="Ends of the scale of --table, such as 1:6.",
            show_default="the lowest and highest score in the table",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare respondents by simpler statistics beside the model.

    Mean scores and their differences with clustered errors, a pass mark, odds ratios of lines, exact tests of
    one-line questions, consistency over rounds. Scores of another study, on any scale, come in by --table.
    """
    from samp_eval.analysis.line_table import line_table
    from samp_eval.analysis.study_comparison import compare_study
    from samp_eval.analysis.study_comparison_results import Choices
    from samp_eval.report.tables.comparison_tables import comparison_tables

    if scale is not None and table is None:
        raise typer.BadParameter("scores of a study are percentages; --scale is for --table", param_hint="--scale")
    if table is None and pass_mark is not None and not 0 <= pass_mark <= 100:
        raise typer.BadParameter(
            f"scores of a study are percentages, so that a pass mark lies from 0 to 100; found {pass_mark:g}",
            param_hint="--pass-mark",
        )
    one = scored_study_or_table(study, table, basis, consensus, reference)
    plan, records = one.plan.analysis, one.records
    lowest, highest = (0.0, 100.0) if records else _scale(scale, one.table)
    choices = Choices(
        basis=basis,
        cluster=cluster or plan.cluster,
        covariance=plan.covariance,
        confidence=plan.confidence,
        failures=failures,
        levels=levels,
        pass_mark=plan.pass_mark if pass_mark is None and records else pass_mark,
        lowest=lowest,
        highest=highest,
    )
    lines = line_table(records.bank, records.responses, records.marks, one.review) if records else None
    found = compare_study(one.table, one.respondents, choices, failed=one.failed, lines=lines)
    if not any(score.responses for score in found.scores):
        raise CannotEstimate(str(found.odds_ratios))
    if as_json:
        print_json(found.as_json())
        return
    _print(comparison_tables(found))


def _scale(written: str | None, table: pd.DataFrame) -> tuple[float, float]:
    scores = table["score_percent"]
    lowest, highest = float(scores.min()), float(scores.max())
    if written is None:
        echo_status(f"note: the scale is taken from the table, {lowest:g} to {highest:g}; set another with --scale")
        return lowest, highest
    try:
        low, high = (float(part) for part in written.split(":"))
    except ValueError:
        low, high = 0.0, 0.0
    if not low < high:
        raise typer.BadParameter(f"{written!r} is no scale; write its ends as 1:6", param_hint="--scale")
    if lowest < low or highest > high:
        raise typer.BadParameter(
            f"the table has scores from {lowest:g} to {highest:g}, outside {written}", param_hint="--scale"
        )
    return low, high


def _print(tables: Sequence[ReportTable]) -> None:
    for table in tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        print_table([column.heading for column in table.columns], rows, title=table.caption)
        for note in table.notes:
            typer.echo(note)
        typer.echo("")
