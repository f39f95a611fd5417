"""``samp-eval init``: write a commented study file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samp_eval.cli.shared.printing import echo_status

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("init")(init)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The study's folder.", show_default="this folder")
    ] = Path(),
) -> None:
    """Write a commented study.toml to edit.

    The file has the default rounds, except that the later round waits seven days (after_days = 7). Without a study
    file, samp-eval run asks all rounds without waiting.
    """
    from samp_eval.study import STUDY_FILE, load_study, write_study_template

    load_study(folder)  # names the faults of a file that is there already
    write_study_template(folder)
    echo_status(f"wrote {folder / STUDY_FILE}; edit it, then run: samp-eval run --study {folder} --model gpt-4")
