"""A table for every renderer: text that is ready to print, with the unrounded value of each number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Cell", "Column", "ReportTable", "Row", "cells", "columns"]

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
