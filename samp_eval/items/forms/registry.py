"""Every form that a bank can have, in and out: YAML, JSONL, CSV, XLSX and Markdown, each without loss."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_BANK_BYTES, UnreadableFile
from samp_eval.input_files.text import read_utf8
from samp_eval.items.forms.markdown import markdown_contents, markdown_text
from samp_eval.items.forms.table import COLUMNS, csv_text, table_contents, table_rows, write_xlsx
from samp_eval.items.forms.table_reader import read_csv_table, read_xlsx_table
from samp_eval.items.forms.yaml_form import read_case_content, yaml_text
from samp_eval.items.importing.banks import BANKS, kind_of_record
from samp_eval.items.parse_case import parse_case
from samp_eval.items.samp import SampCase
from samp_eval.whole_files import whole_file

__all__ = ["FORMS", "case_contents", "form_of", "read_cases", "write_cases"]

FORMS = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".md": "markdown",
}
"""The form that a file's ending stands for; a folder holds one YAML file for each case."""

_IMPORT = "samp-eval items import reads public banks and exports of learning systems"

MAX_FAULTS = 1000
"""Of a file that is no JSONL at all, so that its lines are not all named."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def form_of(path: Path) -> str:
    """Name the form of a bank by its path; a path without an ending is a folder of YAML files."""
    form = FORMS.get(path.suffix.lower()) if not path.is_dir() else "yaml"
    if form is None and path.suffix:
        raise FaultyBank(
            [Fault(str(path), "", f"ends in none of {', '.join(FORMS)}; a bank is one of these or a folder. {_IMPORT}")]
        )
    return form or "yaml"


def case_contents(
    file: Path, notify: Callable[[str], None] | None = None, faults: list[Fault] | None = None
) -> list[Any]:
    """Read what each case of a file holds, before it is validated.

    Parameters
    ----------
    file : Path
    notify : callable, optional
        Is told of an unusual encoding.
    faults : list of Fault, optional
        Where faults of single cells are put, so that the rest can be read; they are raised when omitted.

    Raises
    ------
    FaultyBank
    """
    form = form_of(file)
    if form == "yaml":
        return [read_case_content(file)]
    try:
        if form == "jsonl":
            return _jsonl_contents(file)
        if form == "markdown":
            return list(markdown_contents(read_utf8(file, MAX_BANK_BYTES), str(file)))
        rows = read_csv_table(file, COLUMNS, notify) if form == "csv" else read_xlsx_table(file, COLUMNS)
    except UnreadableFile as error:
        raise FaultyBank([Fault(str(file), error.place, error.problem)]) from error
    return list(table_contents(rows, str(file), faults))


def _jsonl_contents(file: Path) -> list[Any]:
    contents: list[Any] = []
    faults: list[Fault] = []
    for number, line in enumerate(read_utf8(file, MAX_BANK_BYTES).split("\n"), start=1):
        if line.strip():
            try:
                contents.append(parse_json(line))
            except UnreadableFile as error:
                faults.append(Fault(str(file), f"line {number}", f"this {error.problem}"))
            if len(faults) > MAX_FAULTS:
                break
    first = contents[0] if contents and isinstance(contents[0], dict) else {}
    kind = kind_of_record(first) if "questions" not in first else None
    if kind is not None:
        problem = f"is a record of {BANKS[kind].title}, not a case. {_IMPORT}"
        raise FaultyBank([Fault(str(file), "line 1", problem)])
    if faults or not contents:
        raise FaultyBank(faults or [Fault(str(file), "", "holds no case")])
    return contents


def read_cases(file: Path, notify: Callable[[str], None] | None = None) -> list[SampCase]:
    """Read and validate every case of one file; raises :class:`FaultyBank` with every fault at once."""
    cases: list[SampCase] = []
    faults: list[Fault] = []
    for content in case_contents(file, notify):
        try:
            cases.append(parse_case(content, str(file)))
        except FaultyBank as error:
            faults += error.faults
    if faults:
        raise FaultyBank(faults)
    return cases


def write_cases(cases: Sequence[SampCase], path: Path) -> list[Path]:
    """Write cases in the form that the path's ending names; returns the files written.

    Raises
    ------
    FaultyBank
        For an unknown ending, or a text that the form cannot hold.
    CannotStore
        Where a file cannot be written.
    """
    form = form_of(path)
    if form == "yaml":
        return _write_yaml(cases, path)
    if form != "jsonl":
        _refuse_control_characters(cases, path)
    with whole_file(path) as unfinished:
        if form == "xlsx":
            write_xlsx(table_rows(cases), unfinished)
        else:
            unfinished.write_text(_as_text(cases, form), encoding="utf-8", newline="")
    return [path]


def _as_text(cases: Sequence[SampCase], form: str) -> str:
    if form == "jsonl":
        return "".join(json.dumps(_plain(case), ensure_ascii=False) + "\n" for case in cases)
    return csv_text(table_rows(cases)) if form == "csv" else markdown_text(cases)


def _write_yaml(cases: Sequence[SampCase], path: Path) -> list[Path]:
    one_file = path.suffix.lower() in FORMS
    if one_file and len(cases) != 1:
        raise FaultyBank([Fault(str(path), "", f"a YAML file holds one case, not {len(cases)}; name a folder instead")])
    files = [path] if one_file else [path / f"{case.id}.yaml" for case in cases]
    with ExitStack() as written:
        for file, case in zip(files, cases, strict=True):
            unfinished = written.enter_context(whole_file(file))
            unfinished.write_text(yaml_text(_plain(case)), encoding="utf-8")
    return files


def _plain(case: SampCase) -> dict[str, Any]:
    return case.model_dump(mode="json", exclude_defaults=True)


def _refuse_control_characters(cases: Sequence[SampCase], path: Path) -> None:
    faults = [
        Fault(str(path), f"case {case.id}", f"{text[:40]!r} holds a control character, which {path.suffix} cannot keep")
        for case in cases
        for text in _texts(_plain(case))
        if _CONTROL.search(text)
    ]
    if faults:
        raise FaultyBank(faults)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
