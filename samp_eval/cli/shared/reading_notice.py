"""What commands say of responses without a clear answer."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from samp_eval.cli.shared.printing import echo_status, print_table

__all__ = ["print_readings"]


def print_readings(readings: Mapping[str, Mapping[str, int]]) -> None:
    """Print how many responses of each respondent need attention; nothing where none does."""
    if not readings:
        return
    typer.echo("\nResponses that need attention (those without an answer, or to be decided, have no score):")
    rows = [
        (respondent, counts["no_answer"], counts["open"], counts["refused"], counts["doubtful"])
        for respondent, counts in readings.items()
    ]
    print_table(["respondent", "no answer", "to be decided", "refused", "doubtful"], rows)
    if any(counts["doubtful"] for counts in readings.values()):
        echo_status("A person can decide the doubtful ones: samp-eval responses lines --doubtful --out FILE")
