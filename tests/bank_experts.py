"""Simulated experts who review a bank on workbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

Say = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""What an expert writes in a row, given what the row shows."""

CONTENT: Mapping[str, Any] = {"relevance": 4, "clarity": 3, "key_right": "all", "source_current": "yes"}


def fill(sheet: Path, say: Say) -> None:
    """Fill a workbook as an expert would, and save it with another program than the one that wrote it."""
    book = openpyxl.load_workbook(sheet)
    rows = book.worksheets[0]
    columns = {str(cell.value): place for place, cell in enumerate(rows[1], start=1)}
    for number in range(2, rows.max_row + 1):
        shown = {name: str(rows.cell(number, place).value or "") for name, place in columns.items()}
        for name, value in say(shown).items():
            cell = rows.cell(number, columns[name])
            assert not cell.protection.locked, f"{name} cannot be filled in"
            cell.value = value
    book.save(sheet)


def as_candidate(shown: Mapping[str, str]) -> dict[str, Any]:
    """Answers a question without its key."""
    assert "key" not in shown
    return {"answer_1": "Saddle numbness", "answer_2": "Bladder"} if "answer_2" in shown else {"answer_1": "MRI"}


def content(shown: Mapping[str, str], expected: float = 0.6) -> dict[str, Any]:
    """Finds nothing wrong, and expects a share of the lines."""
    return {**CONTENT, "expected": round(expected * int(shown["requested"]), 1)}
