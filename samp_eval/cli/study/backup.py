"""``samp-eval backup``: a verified copy of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("backup")(backup)


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the copy.", show_default=False)],
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Copy the whole study, even while it is in use, and verify the copy.

    The copy of a study on PostgreSQL is a study.db. Copying study.db by hand can lose the newest marks.
    """
    from samp_eval.store.safety.backup import back_up_study

    with existing_study(study) as store:
        made = back_up_study(store, study, target)
    if as_json:
        tables = [as_mapping(table) for table in made.tables]
        print_json({"folder": str(made.folder), "files": made.files, "tables": tables})
    else:
        print_table(["table", "rows", "sha256"], [(table.name, table.rows, table.sha256[:16]) for table in made.tables])
    echo_status(f"copied to {made.folder} with {counted(made.files, 'file')}, and verified")
    if made.check.damage:
        echo_status("the study was damaged before it was copied; samp-eval check lists the damage")
        raise typer.Exit(1)
