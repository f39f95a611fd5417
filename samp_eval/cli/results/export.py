"""``samp-eval export``: tables for other statistics programs, with scripts that recompute the odds ratios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import (
    BasisOption,
    ClusterOption,
    ConsensusOption,
    NamesOption,
    ReferenceOption,
    scored_study,
)
from samp_eval.cli.shared.printing import echo_status
from samp_eval.cli.shared.study_options import StudyOption
from samp_eval.literals import Association

if TYPE_CHECKING:
    from samp_eval.analysis.model.study_fit import StudyFit
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("export")(export)


def export(
    study: StudyOption = Path(),
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for the tables and scripts.",
            show_default="export, in the study's folder",
        ),
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Also write the tables as Parquet.")] = False,
    inspect: Annotated[
        bool, typer.Option("--inspect", help="Also write a log of Inspect AI per respondent, with the marks as scores.")
    ] = False,
    basis: BasisOption = "key",
    reference: ReferenceOption = None,
    cluster: ClusterOption = None,
    consensus: ConsensusOption = None,
    names: NamesOption = False,
) -> None:
    """Write the study's tables for R, Stata and other programs.

    Writes the long table and the answer lines as CSV with a data dictionary, and scripts that recompute the odds
    ratios. The options select the odds ratios that the scripts compute; the tables hold every basis.
    """
    from samp_eval.report.export.export_folder import check_parquet, write_export
    from samp_eval.report.export.study_export import gather_export

    if parquet:
        check_parquet()
    scored = scored_study(study, consensus=consensus, reference=reference, cluster=cluster, names=names)
    found = gather_export(scored, basis)
    for file in write_export(found, out or study / "export", parquet=parquet):
        typer.echo(file)
    for file in _write_logs(study, scored, out or study / "export") if inspect else ():
        typer.echo(file)
    _note(found.outcome, scored.plan.analysis.association)


def _write_logs(folder: Path, scored: ScoredStudy, out: Path) -> list[Path]:
    from datetime import UTC, datetime

    from samp_eval.cli.shared.study_options import existing_study, study_bank
    from samp_eval.report.export.marked_logs import write_marked_logs

    with existing_study(folder) as store:
        whole = store.each_whole_response
        return write_marked_logs(scored, study_bank(store), store.respondents(), whole, out, datetime.now(UTC))


def _note(outcome: StudyFit | NotEstimated, association: Association) -> None:
    from samp_eval.statistics.not_estimated import NotEstimated

    if isinstance(outcome, NotEstimated):
        echo_status(f"note: no scripts were written, because there is no odds ratio: {outcome.reason}")
    elif association != "independence":
        echo_status(
            f"note: the scripts and odds_ratios.csv use independence, as other programs do; samp-eval analyze uses the "
            f"study file's association, {association}"
        )
