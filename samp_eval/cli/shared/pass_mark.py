"""The pass mark of a study, and who is how probably at or above it, as JSON and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from samp_eval.cli.shared.printing import print_report_table

if TYPE_CHECKING:
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.analysis.standard.passing import Passing
    from samp_eval.literals import MarkBasis
    from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["pass_mark_as_json", "passing_as_json", "print_pass_mark"]


def pass_mark_as_json(study: ScoredStudy, basis: MarkBasis) -> dict[str, Any] | None:
    """The planned mark with the respondents; the reason where it was not set; None where none is planned."""
    from samp_eval.analysis.standard.passing import passing
    from samp_eval.statistics.not_estimated import NotEstimated

    mark = study.pass_mark
    if mark is None or isinstance(mark, NotEstimated):
        return None if mark is None else dict(mark.as_json())
    return {**mark.as_json(), "respondents": passing_as_json(passing(study, basis, mark))}


def passing_as_json(found: Mapping[str, Passing | NotEstimated]) -> list[dict[str, Any]]:
    """One mapping for each respondent."""
    from dataclasses import asdict

    from samp_eval.statistics.not_estimated import NotEstimated

    return [
        {"respondent": name, **(one.as_json() if isinstance(one, NotEstimated) else asdict(one))}
        for name, one in found.items()
    ]


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
