"""``samp-eval init``: write a study file to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samp_eval.cli.shared.study_options import echo_status

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("init")(init)


def init(folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The study's folder.")] = Path()) -> None:
    """Write a commented study.toml to edit.

    It has the default rounds, but the later one waits seven days (after_days = 7); without a study file, run asks all
    of them at once.
    """
    from samp_eval.study import STUDY_FILE, write_study_template

    write_study_template(folder)
    echo_status(f"wrote {folder / STUDY_FILE}; edit it, then: samp-eval run --study {folder} --model gpt-4")
