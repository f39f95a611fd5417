"""``samp-eval report``: what a journal, a physician and an engineer read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samp_eval.cli.common import StudyOption, existing_study, study_bank
from samp_eval.literals import ReportFormat

__all__ = ["register", "write_study_report"]

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to write to.", show_default="reports, in the study's folder"),
]
FormatOption = Annotated[
    ReportFormat,
    typer.Option(
        "--format", help="html: one page that needs nothing else. docx: a manuscript, its tables and figures as files."
    ),
]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("report")(report)


def report(study: StudyOption = Path(), out: OutOption = None, wanted: FormatOption = "html") -> None:
    """Write the report: figures, tables, methods in words, checklists, every question with its answers and marks."""
    typer.echo(write_study_report(study, out or study / "reports", wanted))


def write_study_report(study: Path, out: Path, wanted: ReportFormat = "html") -> Path:
    """Write the report of a stored study into a folder and return its path."""
    from datetime import UTC, datetime

    from samp_eval.analysis.power_run import kept_power_run
    from samp_eval.report.content import gather_content
    from samp_eval.report.html import write_report
    from samp_eval.report.manuscript import write_manuscript
    from samp_eval.review.adjudicate import marks_before_adjudication
    from samp_eval.study import load_study

    plan = load_study(study)
    with existing_study(study) as store:
        content = gather_content(
            bank=study_bank(store),
            responses=store.responses(),
            failures=store.failures(),
            marks=store.marks(),
            respondents=store.respondents(),
            study=plan,
            made_at=datetime.now(UTC),
            power_run=kept_power_run(study),
            first_marks=marks_before_adjudication(store.mark_history(), store.sheet_rows().values()),
        )
    return write_manuscript(content, out) if wanted == "docx" else write_report(content, out)
