"""Records of a public bank's file: JSONL, JSON, CSV or Parquet, whatever its ending says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank, NotInstalled
from samp_eval.input_files.csv_text import csv_rows
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_BANK_BYTES, UnreadableFile
from samp_eval.input_files.text import read_table_text, read_utf8
from samp_eval.input_files.workbook import read_tables

__all__ = ["Record", "read_records"]

NO_HEADER = "column {}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record; ``place`` is such as ``line 3``, ``fields`` are as the file has them."""

    place: str
    fields: dict[str, Any] = field(default_factory=dict)


def read_records(file: Path, notify: Callable[[str], None] | None = None) -> list[Record]:
    """Read every record of a file.

    Raises
    ------
    FaultyBank
        Where the file cannot be read, or holds no records.
    NotInstalled
        For a Parquet file without pyarrow.
    """
    ending = file.suffix.lower()
    try:
        if ending == ".parquet":
            records = _parquet_records(file)
        elif ending in (".csv", ".tsv"):
            records = _csv_records(file, notify)
        elif ending in (".xlsx", ".ods"):
            records = _with_header(next(iter(read_tables(file).values()), []))
        else:
            records = _json_records(read_utf8(file, MAX_BANK_BYTES))
    except UnreadableFile as error:
        raise FaultyBank([Fault(str(file), error.place, error.problem)]) from error
    if not records:
        raise FaultyBank([Fault(str(file), "", "holds no questions")])
    return records


def _json_records(text: str) -> list[Record]:
    """Records of a JSON document or, whatever the ending, of JSON lines."""
    try:
        return list(_of_document(parse_json(text)))
    except UnreadableFile:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2:
            raise
    records = []
    for number, line in lines:
        try:
            content = parse_json(line)
        except UnreadableFile as error:
            raise UnreadableFile(f"this {error.problem}", f"line {number}") from error
        records.append(Record(f"line {number}", content if isinstance(content, dict) else {}))
    return records


def _of_document(document: Any) -> Iterator[Record]:
    """Records of a list, a dictionary by id, the exams of HEAD-QA, or rows as the Hugging Face viewer has them."""
    if isinstance(document, list):
        yield from (
            Record(f"question {number}", content if isinstance(content, dict) else {})
            for number, content in enumerate(document, start=1)
        )
    elif isinstance(document, dict) and isinstance(document.get("exams"), dict):
        for name, exam in document["exams"].items():
            for question in exam.get("data", []) if isinstance(exam, dict) else []:
                of_exam = {"exam": name, "language": document.get("language"), "category": exam.get("category")}
                yield Record(f"exam {name}, question {question.get('qid')}", of_exam | question)
    elif isinstance(document, dict) and document and all(isinstance(value, dict) for value in document.values()):
        yield from (Record(f"question {name}", {"id": name} | content) for name, content in document.items())
    elif isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list) and value]
        if len(lists) == 1 and all(isinstance(value, dict) for value in lists[0]):
            yield from _of_document([value.get("row", value) for value in lists[0]])
        else:
            yield Record("question 1", document)


def _csv_records(file: Path, notify: Callable[[str], None] | None) -> list[Record]:
    decoded = read_table_text(file, MAX_BANK_BYTES)
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    first = decoded.text.split("\n", 1)[0]
    return _with_header([row for _, row in csv_rows(decoded.text, max(",;\t", key=first.count))])


def _with_header(rows: list[list[Any]]) -> list[Record]:
    """Records by the names of the first row; by ``column 1`` and so on where it is a question itself, as in MMLU."""
    rows = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not rows:
        return []
    is_question = len(rows[0]) > 3 and rows[0][-1].strip() in tuple("ABCDEFGHIJKL")
    numbered = [NO_HEADER.format(place + 1) for place in range(len(rows[0]))]
    names = numbered if is_question else [cell.strip() for cell in rows[0]]
    start = 0 if is_question else 1
    return [
        Record(f"row {number}", dict(zip(names, row, strict=False)))
        for number, row in enumerate(rows[start:], start=start + 1)
        if any(cell.strip() for cell in row)
    ]


def _parquet_records(file: Path) -> list[Record]:
    try:
        import pyarrow.parquet as parquet  # type: ignore[import-untyped]  # it has no types
    except ModuleNotFoundError as error:
        raise NotInstalled("Reading Parquet files", "parquet") from error
    import pyarrow as arrow

    if file.stat().st_size > MAX_BANK_BYTES:
        raise UnreadableFile("is larger than the limit for a bank")
    try:
        rows = parquet.read_table(file).to_pylist()
    except (arrow.ArrowInvalid, OSError) as error:
        raise UnreadableFile(f"is no readable Parquet file: {error}") from error
    return [Record(f"row {number}", row) for number, row in enumerate(rows, start=1)]
