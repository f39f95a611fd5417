"""``samp-eval move``: copy the study's records to PostgreSQL, or back to study.db."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from samp_eval.cli.shared.printing import as_mapping, echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("move")(move)


def move(
    to: Annotated[Literal["postgresql", "sqlite"], typer.Option("--to", help="The destination.")],
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Copy the study to PostgreSQL, or back to study.db.

    The PostgreSQL schema is the one that study.toml names. The command copies either all records or none, compares the
    copy row by row, and keeps the original.
    """
    from samp_eval.store.safety.move import move_study

    outcome, tables = move_study(study, to, echo_status)
    if as_json:
        print_json([as_mapping(table) for table in tables])
    else:
        print_table(["table", "rows", "sha256"], [(table.name, table.rows, table.sha256[:16]) for table in tables])
    echo_status(f"copied and compared: both are identical; {outcome}")
