"""``samp-eval check``: whether a study is as it was stored."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.study_options import (
    JsonOption,
    StudyOption,
    as_mapping,
    counted,
    echo_status,
    existing_study,
    print_json,
    print_table,
)

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("check")(check)


def check(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Compare every stored answer, mark and question with its hash, and list all damage."""
    from samp_eval.store.integrity import check_study

    with existing_study(study) as store:
        found = check_study(store)
    if as_json:
        print_json(as_mapping(found))
    else:
        print_table(["whole", "rows"], found.whole)
        if found.damage:
            print_table(["damaged", "what is wrong"], [(one.what, one.detail) for one in found.damage])
    for note in found.notes:
        echo_status(f"note: {note}")
    if found.damage:
        echo_status(
            f"{counted(len(found.damage), 'fault')} in {found.place}; the tables listed as whole still hold. "
            "Restore the study from a backup (samp-eval backup makes one)"
        )
        raise typer.Exit(1)
    echo_status(f"{found.place} is whole")
