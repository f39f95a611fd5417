"""The pass mark of a study, and who is how probably at or above it, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.printing import print_report_table

if TYPE_CHECKING:
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.literals import MarkBasis

__all__ = ["print_pass_mark"]


def print_pass_mark(study: ScoredStudy, basis: MarkBasis) -> None:
    """Print the planned mark with the probability of each respondent; nothing where none is planned."""
    if study.pass_mark is None:
        return
    from samp_eval.analysis.standard.passing import passing
    from samp_eval.report.prose.pass_mark_sentences import pass_mark_sentence
    from samp_eval.report.tables.bank.pass_mark import passing_table
    from samp_eval.statistics.not_estimated import NotEstimated

    typer.echo("")
    typer.echo(pass_mark_sentence(study.pass_mark))
    if not isinstance(study.pass_mark, NotEstimated):
        print_report_table(passing_table(passing(study, basis, study.pass_mark), basis, study.pass_mark))
