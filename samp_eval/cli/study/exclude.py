"""``samp-eval exclude``: out of every figure, with a reason."""

from __future__ import annotations

import typer

from samp_eval.cli.study.exclusion_commands import exclusion_group

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command group."""
    app.add_typer(exclusion_group(exclude=True), name="exclude")
