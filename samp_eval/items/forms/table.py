"""A bank as a table, one row a question: CSV and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.csv_text import csv_rows
from samp_eval.input_files.limits import MAX_BANK_BYTES
from samp_eval.input_files.text import read_table_text
from samp_eval.input_files.workbook import read_tables
from samp_eval.items.forms.lists import (
    escaped,
    read_entries,
    read_list,
    read_refused,
    split_unescaped,
    unescaped,
    written_entries,
    written_list,
    written_refused,
)
from samp_eval.items.samp import Question, SampCase, VitalSigns

__all__ = ["COLUMNS", "csv_text", "read_csv_rows", "read_xlsx_rows", "table_contents", "table_rows", "write_xlsx"]

REQUIRED = ("case_id", "question_id", "topic", "stem", "question", "format", "requested", "key")
OPTIONAL = ("setting", "vitals", "update", "options", "not_accepted", "source", "rationale", "reviewed_by")
COLUMNS = REQUIRED + OPTIONAL
CASE_COLUMNS = ("topic", "stem", "setting", "vitals", "reviewed_by")
LONGEST_CELL = 32_767

_VITAL_LABELS = {name.replace("_", " "): name for name in VitalSigns.model_fields}

Row = dict[str, str]


def table_rows(cases: Iterable[SampCase]) -> list[Row]:
    """Write cases as rows; the case's own fields stand in every row of its questions."""
    rows = []
    for case in cases:
        of_case = {
            "case_id": case.id,
            "topic": case.topic,
            "setting": case.setting or "",
            "stem": case.stem,
            "vitals": "; ".join(escaped(line) for line in case.vitals.lines()) if case.vitals else "",
            "reviewed_by": "; ".join(escaped(name) for name in case.reviewed_by),
        }
        rows += [of_case | _question_cells(question) for question in case.questions]
    return rows


def _question_cells(question: Question) -> Row:
    source = question.source
    return {
        "question_id": question.id,
        "update": question.update or "",
        "question": question.question,
        "format": question.format,
        "requested": str(question.requested),
        "options": written_list([escaped(option) for option in question.options]),
        "key": written_entries(question.key),
        "not_accepted": written_refused(question.not_accepted),
        "rationale": question.rationale or "",
        "source": "; ".join([escaped(source.title), escaped(source.body), str(source.year)]) if source else "",
    }


def table_contents(rows: Sequence[Mapping[str, str]], file: str) -> list[dict[str, Any]]:
    """Read rows back into the contents of cases, for validation; rows of one case may stand apart.

    Raises
    ------
    FaultyBank
        Where columns are missing or unknown, or two rows of a case differ in what belongs to the case.
    """
    faults = _column_faults(rows[0].keys(), file) if rows else [Fault(file, "", "holds no question")]
    if faults:
        raise FaultyBank(faults)
    cases: dict[str, dict[str, Any]] = {}
    first: dict[str, Mapping[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        name = row["case_id"].strip()
        if not name:
            faults.append(Fault(file, f"row {number}, column case_id", "is empty; every question belongs to a case"))
        elif name not in cases:
            first[name] = row
            cases[name] = _case_content(row)
        for column in CASE_COLUMNS if name in first else ():
            if row.get(column, "").strip() not in ("", first[name].get(column, "").strip()):
                faults.append(
                    Fault(file, f"row {number}, column {column}", f"differs from the first row of case {name}")
                )
        if name in cases:
            cases[name]["questions"].append(_question_content(row))
    if faults:
        raise FaultyBank(faults)
    return list(cases.values())


def _column_faults(columns: Iterable[str], file: str) -> list[Fault]:
    present = list(columns)
    faults = [Fault(file, "header", f"the column {name} is missing") for name in REQUIRED if name not in present]
    known = ", ".join(COLUMNS)
    return faults + [
        Fault(file, "header", f"the column {name!r} is not known; allowed are {known}")
        for name in present
        if name not in COLUMNS
    ]


def _case_content(row: Mapping[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = {"id": row["case_id"].strip(), "topic": row["topic"], "stem": row["stem"]}
    if row.get("setting", "").strip():
        content["setting"] = row["setting"]
    if row.get("vitals", "").strip():
        content["vitals"] = dict(_vital(piece) for piece in split_unescaped(row["vitals"], ";") if piece.strip())
    content["reviewed_by"] = _plain_list(row.get("reviewed_by", ""))
    content["questions"] = []
    return content


def _vital(piece: str) -> tuple[str, str]:
    label, _, value = unescaped(piece).strip().partition(":")
    return _VITAL_LABELS.get(label.strip().casefold(), label.strip()), value.strip()


def _plain_list(cell: str) -> list[str]:
    return [text for piece in split_unescaped(cell, ";") if (text := unescaped(piece).strip())]


def _question_content(row: Mapping[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": row["question_id"].strip(),
        "question": row["question"],
        "requested": row["requested"].strip(),
        "format": row["format"].strip() or "write-in",
        "options": [unescaped(option) for option in read_list(row.get("options", ""))],
        "key": read_entries(row["key"]),
        "not_accepted": read_refused(row.get("not_accepted", "")),
    }
    content |= {name: row[name] for name in ("update", "rationale") if row.get(name, "").strip()}
    if row.get("source", "").strip():
        content["source"] = dict(zip(("title", "body", "year"), _plain_list(row["source"]), strict=False))
    return content


def csv_text(rows: Sequence[Row]) -> str:
    """Write rows as CSV with a byte-order mark, so that Excel reads it as UTF-8."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + target.getvalue()


def read_csv_rows(file: Path, notify: Callable[[str], None] | None = None) -> list[Row]:
    """Read rows of a CSV, with commas or, as some versions of Excel write it, semicolons.

    ``notify`` is told if it was not read as UTF-8.

    Raises
    ------
    UnreadableFile
    """
    decoded = read_table_text(file, MAX_BANK_BYTES)
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    text = decoded.text
    header = text.split("\n", 1)[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    rows = (row for _, row in csv_rows(text, separator) if row)
    names = [name.strip() for name in next(rows, [])]
    return [dict(zip_longest(names, row[: len(names)], fillvalue="")) for row in rows]


def write_xlsx(rows: Sequence[Row], file: Path) -> None:
    """Write rows as a workbook of text cells; raises :class:`FaultyBank` for a text that no cell can hold."""
    import xlsxwriter

    for row in rows:
        for name, text in row.items():
            if len(text) > LONGEST_CELL:
                place = f"question {row['question_id']}, {name}"
                raise FaultyBank(
                    [Fault(str(file), place, f"is longer than a cell may be ({LONGEST_CELL:,} characters)")]
                )
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("bank")
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name)
            for number, row in enumerate(rows, start=1):
                if row.get(name):
                    sheet.write_string(number, column, row[name])
        sheet.freeze_panes(1, 0)


def read_xlsx_rows(file: Path) -> list[Row]:
    """Read rows of the first sheet of a workbook, every cell as text; raises :class:`UnreadableFile`."""
    tables = read_tables(file)
    first = next(iter(tables.values()), [])
    table = [[_cell_text(cell) for cell in row] for row in first]
    if not table:
        return []
    wanted = [(place, name.strip()) for place, name in enumerate(table[0]) if name.strip()]
    return [{name: row[place] for place, name in wanted} for row in table[1:] if any(cell.strip() for cell in row)]


def _cell_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
