"""What a bank covers of its blueprint, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from samp_eval.items.blueprint import Coverage
from samp_eval.report import numbers
from samp_eval.report.tables.table import Cell, ReportTable, Row, columns

__all__ = ["coverage_tables"]


def coverage_tables(found: Sequence[Coverage]) -> tuple[ReportTable, ...]:
    """One table for each dimension."""
    return tuple(_table(number, dimension) for number, dimension in enumerate(found, start=1))


def _table(number: int, found: Coverage) -> ReportTable:
    rows = [
        Row(
            (
                Cell(group.name),
                Cell(numbers.count(group.questions), group.questions),
                Cell(numbers.percent(100 * group.share), 100 * group.share),
                Cell(numbers.percent(100 * group.target), 100 * group.target),
                Cell(numbers.percentage_points(-100 * group.gap), -100 * group.gap),
            )
        )
        for group in found.groups
    ]
    notes = [
        f"{numbers.percent(100 * found.covered)} of the blueprint is covered; chi-squared distance "
        f"{numbers.number(found.distance, 1)} (no p value: the bank is no sample)."
    ]
    empty = [group.name for group in found.groups if not group.questions]
    if empty:
        notes.append(f"Without a question: {', '.join(empty)}.")
    if found.ungrouped:
        notes.append(f"In no group: {', '.join(found.ungrouped)}.")
    figures = ("Questions", "Share", "Target", "Difference")
    return ReportTable(
        f"blueprint-{number}",
        f"Blueprint: {found.dimension}",
        columns("Group", *figures, numeric=figures),
        tuple(rows),
        tuple(notes),
    )
