"""``samp-eval mark``: automatic marks by the answer key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from samp_eval.cli.shared.study_options import (
    JsonOption,
    StudyOption,
    as_mapping,
    counted,
    existing_study,
    print_json,
    print_table,
    study_bank,
)

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("mark")(mark)


def mark(
    study: StudyOption = Path(),
    marker: Annotated[Literal["key"], typer.Option(help="The marker; key: by the answer key.")] = "key",
    as_json: JsonOption = False,
) -> None:
    """Mark every answer AUTOMATICALLY by the answer key.

    Automatic marks never count as a reviewer's marks.
    """
    from samp_eval.review.markers.key_credit import mark_by_key

    with existing_study(study) as store:
        result = mark_by_key(study_bank(store), store.responses(), datetime.now(UTC))
        added = store.add_marks(result.marks)
    if as_json:
        respondents = [{**as_mapping(credit), "percent": credit.percent} for credit in result.respondents]
        print_json(
            {"reviewer": result.reviewer.label, "marks": len(result.marks), "new": added, "respondents": respondents}
        )
        return
    rows = [
        (credit.respondent, credit.lines, credit.credited, f"{credit.percent:.1f}") for credit in result.respondents
    ]
    title = "AUTOMATIC marks by the key; no person made these marks"
    print_table(["respondent", "lines", "credited", "percent"], rows, title=title)
    marked = counted(len(result.marks), "distinct answer")
    typer.echo(f"\n{marked} marked automatically, {counted(added, 'mark')} new or changed.")
    typer.echo("Percentages are of the lines given; scores are percentages of the lines requested.")
