"""``samp-eval check``: whether the stored records of a study are intact."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("check")(check)


def check(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Compare every stored answer, mark and question with its hash, and list all damage."""
    from samp_eval.store.safety.integrity import check_study

    with existing_study(study) as store:
        found = check_study(store)
    if as_json:
        print_json(as_mapping(found))
    else:
        print_table(["intact", "rows"], found.whole)
        if found.damage:
            print_table(["damaged", "what is wrong"], [(damage.what, damage.detail) for damage in found.damage])
    for note in found.notes:
        echo_status(f"note: {note}")
    if found.damage:
        echo_status(
            f"{counted(len(found.damage), 'fault')} in {found.place}; the tables listed as intact have no "
            "damage. Restore the study from a backup, as samp-eval backup writes it"
        )
        raise typer.Exit(1)
    echo_status(f"{found.place} is intact")
