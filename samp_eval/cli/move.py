"""``samp-eval move``: the study's records to PostgreSQL, or back into study.db."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from samp_eval.cli.shared.study_options import JsonOption, StudyOption, as_mapping, echo_status, print_json, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("move")(move)


def move(
    to: Annotated[Literal["postgresql", "sqlite"], typer.Option("--to", help="Where to: postgresql or sqlite.")],
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Copy the study's records to the PostgreSQL schema that study.toml names, or back into study.db.

    All of it or nothing, compared row by row; what stood there before is kept.
    """
    from samp_eval.store.move import move_study

    outcome, tables = move_study(study, to, echo_status)
    if as_json:
        print_json([as_mapping(one) for one in tables])
    else:
        print_table(["table", "rows", "sha256"], [(one.name, one.rows, one.sha256[:16]) for one in tables])
    echo_status(f"copied, compared and found the same; {outcome}")
