"""``samp-eval doctor``: what is installed and what is missing."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.printing import print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("doctor")(doctor)


def doctor(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Check the installation and the study, and show what is missing."""
    from samp_eval.cli.study.doctor_checks import findings

    found = findings(study)
    if as_json:
        print_json([{"what": finding.what, "state": finding.state, "detail": finding.detail} for finding in found])
    else:
        print_table(["what", "state", "detail"], [(finding.what, finding.state, finding.detail) for finding in found])
    if any(finding.state == "broken" for finding in found):
        raise typer.Exit(1)
