"""Rows of CSV files and worksheets as records: the header is looked for, and may be missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from samp_eval.input_files.csv_text import csv_rows, has_even_quotes
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.percent_cells import percent_cells
from samp_eval.input_files.workbook import read_tables
from samp_eval.items.importing.fields import NO_HEADER, folded
from samp_eval.items.importing.imported import LeftOut

__all__ = ["Record", "csv_records", "workbook_records"]

_SEPARATORS = (",", ";", "\t", "|")
_ABOVE_HEADER = 20
"""Rows that a title, a date and the like may take above the header."""
_LOOKED_AT = 100_000
"""Characters of a file, in which its separator and header are looked for."""
_KEY = re.compile(r"[A-L]{1,12}|[a-l]{1,12}|\d{1,2}|[A-La-l](?:\s*[,;]\s*[A-La-l])+")

Row = list[Any]
Recognise = Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its place, such as ``line 3``, its fields by their folded names, and why to leave it out, if so."""

    place: str
    fields: dict[str, Any] = field(default_factory=dict)
    fault: LeftOut | None = None


def csv_records(text: str, recognises: Recognise) -> list[Record]:
    """Records of a CSV, whatever its separator.

    Parameters
    ----------
    text : str
    recognises : callable
        Whether names of columns are those of a bank.
    """
    said = re.match(r"\s*sep=(.)\r?\n", text)
    text = text[said.end() :] if said else text
    lines = text[:_LOOKED_AT].split("\n", _ABOVE_HEADER)[:_ABOVE_HEADER]
    separator = said[1] if said else max(_SEPARATORS, key=lambda sign: _fitness(lines, sign, recognises))
    rows: list[Row] = [list(row) for _, row in csv_rows(text, separator)]
    records = _records(rows, recognises, "", int(said is not None))
    return records if has_even_quotes(text, separator) else [_checked(record, separator) for record in records]


def _checked(record: Record, separator: str) -> Record:
    """A record of a file with a quotation mark that is not closed, or that it swallowed the rows below it."""
    width = max(2, len(record.fields) - 1)
    for cell in record.fields.values():
        lines = cell.strip().split("\n")[1:]
        if any(line.count(separator) >= width for line in lines):
            reason = "holds the rows below it too, since a quotation mark is not closed; close it and import again"
            return replace(record, fault=LeftOut(reason, f"{len(lines)} lines"))
    return record


def _fitness(lines: Sequence[str], sign: str, recognises: Recognise) -> tuple[bool, int]:
    try:
        rows: list[Row] = [list(row) for _, row in csv_rows("\n".join(lines), sign)]
    except UnreadableFile:
        return False, 0
    return _header(rows, recognises) is not None, max((line.count(sign) for line in lines), default=0)


def workbook_records(file: Path, recognises: Recognise, notify: Callable[[str], None] | None) -> list[Record]:
    """Records of every worksheet that has the columns of a bank; the first where none has; the others are named."""
    tables = {name: rows for name, rows in read_tables(file).items() if any(map(_is_filled, rows))}
    read = [name for name, rows in tables.items() if _header([_plain(row) for row in rows], recognises) is not None]
    read = read or list(tables)[:1]
    others = [name for name in tables if name not in read]
    if notify is not None and (others or len(read) > 1):
        left = f"; not read: {', '.join(others)}" if others else ""
        notify(f"{file}: read the worksheet{'s' * (len(read) > 1)} {', '.join(read)}{left}")
    records = []
    for name in read:
        percents = percent_cells(file, name)
        rows = [_plain(row, place, percents) for place, row in enumerate(tables[name])]
        sheet = "" if name == next(iter(tables)) else f"worksheet {name}, "
        records += _records(rows, recognises, sheet, 0)
    return records


def _is_filled(row: Iterable[Any]) -> bool:
    return any(str(cell).strip() for cell in row if cell is not None)


def _plain(row: Sequence[Any], place: int = 0, percents: Collection[tuple[int, int]] = ()) -> Row:
    """Cells as they are shown; a date stays one, since what was typed is not known any more."""
    return [_shown(cell, (place, column) in percents) for column, cell in enumerate(row)]


def _shown(cell: Any, is_percent: bool) -> Any:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return f"{100 * cell:.12g}%" if is_percent else f"{cell:.15g}"
    return "" if cell is None else cell


def _header(rows: Sequence[Row], recognises: Recognise) -> tuple[int, list[str]] | None:
    """How many rows stand above the questions, and the names of the columns; None where no row names them."""
    texts = [[str(cell).strip() for cell in row] for row in rows[: _ABOVE_HEADER + 1]]
    for place, row in enumerate(texts[:_ABOVE_HEADER]):
        below = texts[place + 1] if place + 1 < len(texts) else []
        both = _two_rows(row, below)
        if both and recognises(folded(name) for name in both):
            return place + 2, both
        if recognises(folded(name) for name in row):
            return place + 1, row
    return None


def _two_rows(above: list[str], below: list[str]) -> list[str]:
    """Names of a header with a merged cell (Options) above others (A, B, C); empty for any other two rows."""
    gaps = [place for place, name in enumerate(below) if name and place < len(above) and not above[place]]
    named = [place for place, name in enumerate(above) if name and (place >= len(below) or not below[place])]
    if (
        len(gaps) < 1
        or not named
        or not all(re.fullmatch(r".{0,12}\W?(?:[A-La-l]|\d{1,2})", below[place]) for place in gaps)
    ):
        return []
    return [below[place] if place < len(below) and below[place] else name for place, name in enumerate(above)]


def _records(rows: list[Row], recognises: Recognise, sheet: str, skipped: int) -> list[Record]:
    found = _header(rows, recognises)
    if found is None and _has_no_header(rows):
        found = 0, [NO_HEADER.format(place + 1) for place in range(max(map(len, rows)))]
    if found is None:
        first = next((place for place, row in enumerate(rows) if _is_filled(row)), 0)
        found = first + 1, [str(cell).strip() for cell in rows[first]] if rows else []
    start, names = found
    columns = _columns(names)
    return [
        _record(f"{sheet}row {number + skipped}", columns, row)
        for number, row in enumerate(rows[start:], start=start + 1)
        if _is_filled(row)
    ]


def _columns(names: Sequence[str]) -> list[str]:
    """Folded names; the second of two same ones is ``answer_(2)``, so that neither is passed over."""
    counts: Counter[str] = Counter()
    columns = []
    for name in map(folded, names):
        counts[name] += 1
        columns.append(f"{name}_({counts[name]})" if name and counts[name] > 1 else name)
    return columns


def _has_no_header(rows: Sequence[Row]) -> bool:
    """Whether the last cell of every row is a key, and the first are questions: several words, at least in one row."""
    filled = [[str(cell).strip() for cell in row] for row in rows[:_ABOVE_HEADER] if _is_filled(row)]
    keyed = all(len(row) > 3 and _KEY.fullmatch(row[-1]) for row in filled)
    return keyed and any(" " in row[0] or row[0].endswith("?") for row in filled)


def _record(place: str, names: Sequence[str], row: Row) -> Record:
    fields = {name: cell for name, cell in zip_longest(names, row[: len(names)], fillvalue="") if name}
    over = [str(cell).strip() for cell in row[len(names) :] if str(cell).strip()]
    more = (
        LeftOut("has more cells than the header; a text with the separator in it needs quotation marks", over[0][:40])
        if over
        else None
    )
    return Record(place, fields, more)
