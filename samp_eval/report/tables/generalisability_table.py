"""How the error of a difference would fall with more questions, rounds and reviewers."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.analysis.generalisability import DifferenceError
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_heading, basis_words, joined
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.generalisability import Components
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["generalisability_table"]

QUESTIONS, ROUNDS, REVIEWERS = (20, 50, 100, 200, 300), (1, 3, 5, 10), (1, 2, 3)
"""Sizes of a next study."""


def generalisability_table(content: ReportContent) -> ReportTable:
    """One row for each number of questions and of reviewers, one column for each number of rounds."""
    rows: list[Row] = []
    for basis in content.bases:
        for found in content.difference_errors:
            if found.basis == basis:
                rows += _rows(found, basis_heading(basis, content))
    figures = ("Questions", "Reviewers", *(f"{numbers.plural(count, 'round')}" for count in ROUNDS))
    return ReportTable(
        "generalisability",
        "Standard error of a difference in mean scores, percentage points, in a study of another size",
        columns(*figures, numeric=figures),
        tuple(rows),
        (
            "From the variance components of the differences (analysis of variance, Brennan 2001), with the "
            "respondents fixed and questions, rounds and reviewers as samples. Each reviewer is taken to mark "
            "everything.",
            *filter(None, map(_component_words, content.difference_errors)),
        ),
    )


def _rows(found: DifferenceError, heading: str) -> Iterator[Row]:
    components = found.components
    yield Row(cells(f"{heading}: {found.respondent} v {found.reference}"), "group")
    if isinstance(components, NotEstimated):
        yield Row(cells(f"Not estimated: {components.clause}."), "remark")
        return
    for reviewers in REVIEWERS if components.n_reviewers > 1 else (1,):
        for questions in sorted({*QUESTIONS, components.n_questions}):
            marked = Cell(numbers.count(reviewers), reviewers) if components.n_reviewers > 1 else Cell("consensus")
            errors = [components.standard_error(questions, rounds, reviewers) for rounds in ROUNDS]
            shown = (Cell(numbers.number(error), error) for error in errors)
            yield Row((Cell(numbers.count(questions), questions), marked, *shown))


def _component_words(found: DifferenceError) -> str:
    components = found.components
    if isinstance(components, NotEstimated):
        return ""
    named = {"questions": components.question, "rounds": components.round}
    if components.n_reviewers > 1:
        named |= {
            "reviewers": components.reviewer,
            "reviewers on questions": components.question_by_reviewer,
            "rest": components.residual,
        }
    parts = [f"{name} {_component(value)}" for name, value in named.items()]
    return (
        f"{found.respondent} v {found.reference}, {basis_words(found.basis)}, over {_size(components)}: variance "
        f"components in squared percentage points, {joined(parts)}."
    )


def _component(value: float) -> str:
    """The component; an estimate below 0 counts as 0, and is shown."""
    return numbers.number(value, 1) if value >= 0 else f"0 (estimate {numbers.number(value, 1)})"


def _size(components: Components) -> str:
    parts = [
        numbers.plural(components.n_questions, "question"),
        numbers.plural(components.n_rounds, "round"),
        *([numbers.plural(components.n_reviewers, "reviewer")] if components.n_reviewers > 1 else []),
    ]
    return joined(parts)
