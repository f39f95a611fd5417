"""A bank as a table, one row a question: CSV and XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.items.forms.lists import (
    escaped,
    list_problem,
    read_entries,
    read_list,
    read_picture,
    read_refused,
    split_unescaped,
    unescaped,
    written_entries,
    written_list,
    written_picture,
    written_refused,
)
from samp_eval.items.forms.table_reader import Row, TableRow
from samp_eval.items.importing.table import is_question_table
from samp_eval.items.samp import Question, SampCase, VitalSigns

__all__ = ["COLUMNS", "TableCase", "csv_text", "table_contents", "table_rows", "write_xlsx"]

REQUIRED = ("case_id", "question_id", "topic", "stem", "question", "format", "requested", "key")
OPTIONAL = (
    *("setting", "vitals", "update", "options", "not_accepted", "source", "rationale", "written_by"),
    *("reviewed_by", "language", "collection", "case_images", "images"),
)
COLUMNS = REQUIRED + OPTIONAL
CASE_COLUMNS = (
    "topic",
    "stem",
    "setting",
    "vitals",
    "written_by",
    "reviewed_by",
    "language",
    "collection",
    "case_images",
)
_COLLECTION = ("name", "licence", "source", "sample")
LONGEST_CELL = 32_767

_VITAL_LABELS = {name.replace("_", " "): name for name in VitalSigns.model_fields}


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
            "written_by": "; ".join(escaped(name) for name in case.written_by),
            "reviewed_by": "; ".join(escaped(name) for name in case.reviewed_by),
            "language": "" if case.language == "en" else case.language,
            "collection": "; ".join(escaped(text) for text in case.collection_texts()),
            "case_images": "\n".join(map(written_picture, case.images)),
        }
        rows += [of_case | _question_cells(question) for question in case.questions]
    return rows


def _question_cells(question: Question) -> Row:
    source = question.source
    return {
        "question_id": question.id,
        "update": question.update or "",
        "images": "\n".join(map(written_picture, question.images)),
        "question": question.question,
        "format": question.format,
        "requested": "any" if question.any_number else str(question.requested),
        "options": written_list([escaped(option) for option in question.options]),
        "key": written_entries(question.key),
        "not_accepted": written_refused(question.not_accepted),
        "rationale": question.rationale or "",
        "source": "; ".join([escaped(source.title), escaped(source.body), str(source.year)]) if source else "",
    }


class TableCase(dict[str, Any]):
    """The content of a case from a table, for validation; ``rows`` says where each of its questions stands."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.rows: list[str] = []


def table_contents(rows: Sequence[TableRow], file: str, faults: list[Fault] | None = None) -> list[TableCase]:
    """Read rows back into the contents of cases, for validation; rows of one case may stand apart.

    Parameters
    ----------
    rows : sequence of TableRow
    file : str
    faults : list of Fault, optional
        Where faults of single cells are put, so that the rest can be read; they are raised when omitted.

    Raises
    ------
    FaultyBank
        Where columns are missing or unknown, two rows of a case differ in what belongs to the case, or a cell holds
        something else than text.
    """
    column_faults = _column_faults(rows[0].cells, file) if rows else [Fault(file, "", "holds no question")]
    if column_faults:
        raise FaultyBank(column_faults)
    found: list[Fault] = []
    cases: dict[str, TableCase] = {}
    first: dict[str, Row] = {}
    for row in rows:
        cells, name = row.cells, row.cells["case_id"].strip()
        found += [Fault(file, f"{row.place}, column {column}", problem) for column, problem in _cell_problems(row)]
        if not name:
            found.append(Fault(file, f"{row.place}, column case_id", "is empty; every question belongs to a case"))
            continue
        if name not in cases:
            first[name] = cells
            cases[name] = TableCase(_case_content(cells))
        for column in CASE_COLUMNS:
            if cells.get(column, "").strip() not in ("", first[name].get(column, "").strip()):
                problem = f"differs from the first row of case {name}"
                found.append(Fault(file, f"{row.place}, column {column}", problem))
        cases[name]["questions"].append(_question_content(cells))
        cases[name].rows.append(row.place)
    if found and faults is None:
        raise FaultyBank(found)
    if faults is not None:
        faults += found
    return list(cases.values())


def _cell_problems(row: TableRow) -> Iterator[tuple[str, str]]:
    yield from row.faults
    for column in ("key", "options"):
        problem = list_problem(row.cells.get(column, ""))
        if problem is not None:
            yield column, problem


def _column_faults(columns: Iterable[str], file: str) -> list[Fault]:
    present = list(columns)
    missing = [name for name in REQUIRED if name not in present]
    if missing and is_question_table(present):
        problem = "is a table of questions with options, not of cases; samp-eval items import reads it"
        return [Fault(file, "header", f"{problem}. Found {', '.join(present)[:200]}")]
    found = f"; found {', '.join(present)[:200]}" if missing else ""
    faults = [Fault(file, "header", f"the column {name} is missing{found}") for name in missing]
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
    content["written_by"] = _plain_list(row.get("written_by", ""))
    content["reviewed_by"] = _plain_list(row.get("reviewed_by", ""))
    if row.get("language", "").strip():
        content["language"] = row["language"].strip()
    if row.get("collection", "").strip():
        content["collection"] = dict(zip(_COLLECTION, _plain_list(row["collection"]), strict=False))
    content["images"] = _pictures(row.get("case_images", ""))
    content["questions"] = []
    return content


def _pictures(cell: str) -> list[dict[str, str]]:
    """One picture on each line."""
    return [read_picture(line) for line in cell.splitlines() if line.strip()]


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
        "format": re.sub(r"[\s_]+", "-", row["format"].strip().lower()) or "write-in",
        "options": [unescaped(option) for option in read_list(row.get("options", ""))],
        "key": read_entries(row["key"]),
        "images": _pictures(row.get("images", "")),
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
