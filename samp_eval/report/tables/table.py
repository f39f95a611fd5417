"""A table for every renderer: text that is ready to print, with the unrounded value of each number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "Cell",
    "Column",
    "ReportTable",
    "Row",
    "cells",
    "columns",
    "named_table",
    "table_with_numbers",
    "with_table_numbers",
]

RowKind = Literal["body", "group", "remark", "total"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and the unrounded number (None if there is none)."""

    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; numeric columns are aligned to the right."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    A ``group`` row has one cell, the heading of the rows below it. A ``remark`` row has one cell, which explains why
    rows are missing. A ``total`` row sums the rows above it.
    """

    cells: tuple[Cell, ...]
    kind: RowKind = "body"

    @property
    def spans(self) -> bool:
        """Whether its only cell spans the whole table."""
        return self.kind in ("group", "remark")


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table of a report.

    Attributes
    ----------
    name : str
        For file names and anchors: ``lines-correct``.
    caption : str
        Without a full stop at its end.
    notes : tuple of str
        Sentences below the table.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def columns(*headings: str, numeric: Sequence[str] = ()) -> tuple[Column, ...]:
    """Columns in order; ``numeric`` lists the headings of numeric columns."""
    return tuple(Column(heading, heading in numeric) for heading in headings)


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """Cells in order; plain text becomes a cell without a value."""
    return tuple(text if isinstance(text, Cell) else Cell(text) for text in texts)


_REFERENCE = re.compile("\ue000([a-z-]+)\ue001")
"""Characters of the private use area, which no sentence of ours has otherwise."""


def named_table(name: str) -> str:
    """What stands in a sentence for ``Table 5`` until the tables of the report are numbered."""
    return f"\ue000{name}\ue001"


def with_table_numbers(text: str, numbered: Mapping[str, int]) -> str:
    """The text with the numbers of the tables that it names; what only looks like a reference stays."""
    return _REFERENCE.sub(
        lambda found: f"Table {numbered[found[1]]}" if found[1] in numbered else found[0],
        text,
    )


def table_with_numbers(numbered: Mapping[str, int], table: ReportTable) -> ReportTable:
    """The table with those numbers in its notes, and in its last column, where a checklist has sentences."""
    rows = tuple(
        replace(row, cells=(*row.cells[:-1], replace(last, text=with_table_numbers(last.text, numbered))))
        if "\ue000" in (last := row.cells[-1]).text
        else row
        for row in table.rows
    )
    return replace(table, rows=rows, notes=tuple(with_table_numbers(note, numbered) for note in table.notes))
