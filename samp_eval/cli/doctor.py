"""``samp-eval doctor``: what is installed, reachable and missing."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.study_options import JsonOption, StudyOption, print_json, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("doctor")(doctor)


def doctor(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Show what is installed and what is missing."""
    from samp_eval.cli.shared.doctor_checks import findings

    found = findings(study)
    if as_json:
        print_json([{"what": one.what, "state": one.state, "detail": one.detail} for one in found])
    else:
        print_table(["what", "state", "detail"], [(one.what, one.state, one.detail) for one in found])
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)
