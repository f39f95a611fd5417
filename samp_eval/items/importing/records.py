"""Records of a public bank's file: JSONL, JSON, CSV, XLSX, Parquet or Aiken, whatever its ending says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank, NotInstalled
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_BANK_BYTES, UnreadableFile
from samp_eval.input_files.text import read_table_text
from samp_eval.items.importing.banks import kind_of_record
from samp_eval.items.importing.fields import NO_KEY, folded
from samp_eval.items.importing.imported import LeftOut
from samp_eval.items.importing.sheet_rows import Record, csv_records, workbook_records
from samp_eval.items.importing.table import is_question_table, lacks_key

__all__ = ["Record", "read_records"]

_WITHIN = ("data", "item", "doc", "example", "fields")
"""Fields that hold the fields of a record in some collections."""
_AIKEN = re.compile(r"^ANSWER:[ \t]*([A-Za-z])[ \t]*\r?$", re.MULTILINE)
_NO_TEXT = ("PK\x03\x04", "%PDF", "{\\rtf", "\xd0\xcf\x11\xe0")
"""How archives (also of Word), PDF, RTF and old Office files begin."""
_DEEPEST = 3
"""Levels of names above the questions, such as bank and id."""


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
        elif ending in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
            records = workbook_records(file, _recognises, notify)
        else:
            text = _text(file, notify)
            if ending == ".txt" and _AIKEN.search(text):
                return list(_aiken_records(text))
            is_table = ending in (".csv", ".tsv", ".tab") or (ending == ".txt" and text.lstrip()[:1] not in ("{", "["))
            records = csv_records(text, _recognises) if is_table else _json_records(text)
    except UnreadableFile as error:
        raise FaultyBank([Fault(str(file), error.place, error.problem)]) from error
    if not records:
        raise FaultyBank([Fault(str(file), "", "holds no questions")])
    return records


def _aiken_records(text: str) -> Iterator[Record]:
    """Questions in Moodle's form Aiken: lines of the question, of options behind letters, and ``ANSWER: B``."""
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        key = _AIKEN.fullmatch(line)
        if key is None:
            lines += [(number, line.strip())] if line.strip() else []
            continue
        option = next((place for place, (_, part) in enumerate(lines) if re.match(r"A[.)]\s", part)), len(lines))
        question = "\n".join(part for _, part in lines[:option])
        options = "\n".join(part for _, part in lines[option:])
        first = lines[0][0] if lines else number
        yield Record(f"line {first}", {"question": question, "options": options, "answer": key[1]})
        lines = []
    if lines:
        yield Record(f"line {lines[0][0]}", {"question": lines[0][1], "options": "", "answer": ""}, LeftOut(NO_KEY))


def _text(file: Path, notify: Callable[[str], None] | None) -> str:
    decoded = read_table_text(file, MAX_BANK_BYTES)
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    if decoded.text.startswith(_NO_TEXT):
        raise UnreadableFile("is no table: save it as CSV or XLSX, or give JSON, JSONL, Parquet, Moodle XML or GIFT")
    return decoded.text


def _recognises(names: Iterable[str]) -> bool:
    known = list(names)
    return kind_of_record(known) is not None or is_question_table(known)


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
        records.append(_record(f"line {number}", content))
    return records


def _record(place: str, content: Any) -> Record:
    """A record; what stands one level deeper (``data``, or ``row`` of the Hugging Face viewer) is lifted."""
    if not isinstance(content, dict):
        return Record(place)
    fault = None
    if isinstance(content.get("row"), dict):
        if content.get("truncated_cells"):
            fault = LeftOut(
                "was cut short by the viewer that it comes from", ", ".join(map(str, content["truncated_cells"]))
            )
        content = content["row"]
    inner: dict[str, Any] = next((content[name] for name in _WITHIN if isinstance(content.get(name), dict)), {})
    if inner and not _recognises(content) and _recognises(content | inner):
        content = content | inner
    fields: dict[str, Any] = {}
    for name, value in content.items():
        fields.setdefault(folded(name), value)
    return Record(place, fields, fault)


def _of_document(document: Any, above: str = "", depth: int = 0) -> Iterator[Record]:
    """Records of a list, of a dictionary by id, split or bank, by columns, the exams of HEAD-QA, or one record."""
    if isinstance(document, list):
        for number, content in enumerate(document, start=1):
            yield _record(f"{above}question {number}", content)
    elif not isinstance(document, dict):
        return
    elif isinstance(document.get("exams"), dict):
        yield from _of_exams(document)
    elif _recognises(document) and (columns := _by_columns(document)):
        yield from _of_document(columns)
    elif _recognises(_record("", document).fields):
        yield _record(f"{above}question 1", document)
    elif document and depth < _DEEPEST and all(isinstance(value, dict) for value in document.values()):
        for name, content in document.items():
            if _recognises(_record("", content).fields):
                yield _record(f"{above}question {name}", {"id": name} | content)
            else:
                yield from _of_document(content, f"{above}{name}, ", depth + 1)
    else:
        lists = {name: value for name, value in document.items() if isinstance(value, list) and value}
        lists = {name: value for name, value in lists.items() if all(isinstance(entry, dict) for entry in value)}
        lists = {} if lacks_key(document) else lists
        rows = {"rows": lists["rows"]} if "rows" in lists else lists
        for name, value in rows.items():
            yield from _of_document(value, f"{name}, " if len(rows) > 1 else above, depth + 1)
        if not rows:
            yield _record(f"{above}question 1", document)


def _by_columns(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table whose columns are lists, or dictionaries by the same numbers, as pandas writes it."""
    columns = list(document.values())
    if all(isinstance(column, dict) for column in columns):
        rows = columns[0].keys()
        if not all(column.keys() == rows for column in columns):
            return []
        return [{name: column[row] for name, column in document.items()} for row in rows]
    if all(isinstance(column, list) for column in columns) and len({len(column) for column in columns}) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*columns, strict=True)]
    return []


def _of_exams(document: dict[str, Any]) -> Iterator[Record]:
    for name, exam in document["exams"].items():
        for question in exam.get("data", []) if isinstance(exam, dict) else []:
            of_exam = {"exam": name, "language": document.get("language"), "category": exam.get("category")}
            if isinstance(question, dict):
                yield _record(f"exam {name}, question {question.get('qid')}", of_exam | question)


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
    return [_record(f"row {number}", row) for number, row in enumerate(rows, start=1)]
