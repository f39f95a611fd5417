"""``samp-eval include``: what was excluded counts again."""

from __future__ import annotations

import typer

from samp_eval.cli.study.exclusion_commands import exclusion_group

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command group."""
    app.add_typer(exclusion_group(exclude=False), name="include")
