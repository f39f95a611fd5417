"""The pass mark, and how probable it is that a respondent reaches it, as tables."""

from __future__ import annotations

from collections.abc import Mapping

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.standard.passing import Passing
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.prose.display_names import basis_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["panel_table", "passing_table"]


def panel_table(mark: PassMark) -> ReportTable:
    """The experts' own marks, and the mark of the panel after each round."""
    rows = [
        Row((Cell(expert.expert), Cell(numbers.percent(expert.cut), expert.cut), Cell(expert.remark)))
        for expert in mark.experts
    ]
    notes = [
        f"After round {done.round}: {numbers.percent(done.cut)}, standard error "
        f"{numbers.number(done.standard_error, 1)}, standard deviation of the experts {numbers.number(done.spread, 1)}."
        for done in mark.rounds
    ]
    return ReportTable(
        "pass-mark-panel",
        "What each expert expects of a just-competent candidate",
        columns("Expert", "Mark", "Noticed", numeric=("Mark",)),
        tuple(rows),
        tuple(notes),
    )


def passing_table(found: Mapping[str, Passing | NotEstimated], basis: MarkBasis, mark: PassMark) -> ReportTable:
    """The probability of each respondent on one basis."""
    rows, notes = [], []
    for name, one in found.items():
        if isinstance(one, NotEstimated):
            rows.append(Row(cells(name, *[numbers.NONE] * 3)))
            notes.append(f"{name}: {one.clause}.")
            continue
        probability = one.probability_at_or_above
        rows.append(
            Row(
                (
                    Cell(name),
                    Cell(numbers.number(one.mean), one.mean),
                    Cell(numbers.number(one.standard_error), one.standard_error),
                    Cell(_probability(probability), probability),
                )
            )
        )
    heads = ("Mean score", "Standard error", f"Probability at or above {numbers.number(mark.cut, 1)}")
    notes.append(
        "The probability is 1 less the p-value of the difference of mean and mark, whose intervals stay on the scale; "
        "their errors count as independent."
        if mark.standard_error
        else "The mark has no error: the probability is 1 less the one-sided p-value of the mean score."
    )
    notes.append(
        "It is a degree of confidence about the mean score on such questions, not the chance of passing an examination."
    )
    return ReportTable(
        f"passing-{basis}",
        f"Respondents and the pass mark, {basis_words(basis)}",
        columns("Respondent", *heads, numeric=heads),
        tuple(rows),
        tuple(notes),
    )


def _probability(value: float) -> str:
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else numbers.number(value, 3 if value < 0.01 or value > 0.99 else 2)
