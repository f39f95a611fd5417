"""A table as every renderer takes it: text that is ready to print, with the full value behind it where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Cell", "Column", "ReportTable", "Row", "cells", "columns"]

RowKind = Literal["body", "group", "remark", "total"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and the number behind it in full (None where there is none)."""

    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; numeric ones stand to the right."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    A ``group`` row has one cell and heads the rows below it; a ``remark`` has one cell and says why there are none; a
    ``total`` row sums those above it.
    """

    cells: tuple[Cell, ...]
    kind: RowKind = "body"

    @property
    def spans(self) -> bool:
        """Whether its one cell takes the table's whole width."""
        return self.kind in ("group", "remark")


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table of a report.

    Attributes
    ----------
    name : str
        For file names and anchors: ``lines-correct``.
    caption : str
        What it shows, ending without a full stop.
    notes : tuple of str
        Sentences that stand below it.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def columns(*headings: str, numeric: Sequence[str] = ()) -> tuple[Column, ...]:
    """Columns in order; ``numeric`` names those that stand to the right."""
    return tuple(Column(heading, heading in numeric) for heading in headings)


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """Cells in order; plain text has no value behind it."""
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in texts)
