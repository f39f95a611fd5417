"""Read a bank of questions and refuse a faulty one with every fault named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from samp_eval.errors import Fault, FaultyBank
from samp_eval.items.samp import Bank, SampCase
from samp_eval.validation import problems

__all__ = ["bank_of", "bundled_bank_folder", "case_of", "load_bank", "read_case_content", "read_case_file"]


class _PlainTextLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]  # C loader where libyaml is there
    """YAML in which every scalar is text: ``No``, ``1-2`` and ``0012`` stay as typed. Repeated keys are refused."""


def _mapping_without_repeats(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the field {key_node.value!r} is given twice", key_node.start_mark
            )
        seen.add(key_node.value)
    mapping: dict[Any, Any] = yaml.constructor.BaseConstructor.construct_mapping(loader, node, deep=True)
    return mapping


_PlainTextLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_repeats)


def bundled_bank_folder() -> Path:
    """The folder of the bank that comes with samp-eval: inside the wheel, else the checkout's ``data/``."""
    package = Path(__file__).resolve().parent.parent
    in_wheel = package / "_data"
    return in_wheel if in_wheel.is_dir() else package.parent / "data"


def load_bank(path: Path | None = None) -> Bank:
    """Read and validate a bank.

    Parameters
    ----------
    path : Path, optional
        A folder of case files (``*.yaml``, not its subfolders), one case file, or a whole bank as JSONL, CSV, XLSX
        or Markdown; the bundled bank when omitted.

    Returns
    -------
    Bank
        Every case, checked.

    Raises
    ------
    FaultyBank
        Naming file, case, question, what was found and what is allowed, for every fault at once.
    """
    location = path if path is not None else bundled_bank_folder()
    if not location.exists():
        raise FaultyBank([Fault(str(location), "", "there is no such file or folder")])
    files = sorted([*location.glob("*.yaml"), *location.glob("*.yml")]) if location.is_dir() else [location]
    if not files:
        raise FaultyBank([Fault(str(location), "", "the folder holds no case file (*.yaml)")])
    cases: list[tuple[str, SampCase]] = []
    faults: list[Fault] = []
    for file in files:
        try:
            if file.suffix.lower() in (".yaml", ".yml"):
                cases.append((str(file), read_case_file(file)))
            else:
                from samp_eval.items.forms.registry import (
                    read_cases,  # the other forms are loaded only where they are used
                )

                cases += [(str(file), case) for case in read_cases(file)]
        except FaultyBank as error:
            faults.extend(error.faults)
    faults.extend(_repeated_ids(cases))
    if faults:
        raise FaultyBank(faults)
    return bank_of([case for _, case in cases], location="bundled bank" if path is None else str(path))


def read_case_file(file: Path) -> SampCase:
    """Read one case from one YAML file; raises :class:`FaultyBank` with every fault of the file."""
    return case_of(read_case_content(file), str(file))


def read_case_content(file: Path) -> Any:
    """Read what a YAML file holds, before it is validated; raises :class:`FaultyBank` where it is no YAML."""
    try:
        return yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_PlainTextLoader)  # noqa: S506  # text only, no objects
    except yaml.YAMLError as error:
        raise FaultyBank([Fault(str(file), _yaml_place(error), _yaml_problem(error))]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyBank([Fault(str(file), "", f"cannot be read: {error}")]) from error


def case_of(content: Any, file: str) -> SampCase:
    """Validate the content of one case; raises :class:`FaultyBank` with every fault, placed in ``file``."""
    if not isinstance(content, dict):
        raise FaultyBank([Fault(file, "", "holds no case; a case file begins with the fields id, topic and stem")])
    try:
        return SampCase.model_validate(content)
    except ValidationError as error:
        raise FaultyBank(list(_validation_faults(file, content, error))) from error


def bank_of(cases: list[SampCase], *, location: str) -> Bank:
    """A bank of cases that are already validated."""
    canonical = json.dumps(
        [case.model_dump(mode="json", exclude_defaults=True) for case in cases], sort_keys=True, ensure_ascii=False
    )
    return Bank(cases=tuple(cases), location=location, sha256=hashlib.sha256(canonical.encode()).hexdigest())


def _repeated_ids(cases: list[tuple[str, SampCase]]) -> Iterator[Fault]:
    first_file: dict[tuple[str, str], str] = {}
    for file, case in cases:
        named = [("case", case.id), *(("question", question.id) for question in case.questions)]
        for kind, identifier in named:
            if (kind, identifier) in first_file:
                yield Fault(
                    file, f"{kind} {identifier}", f"this {kind} id is taken already, in {first_file[kind, identifier]}"
                )
            first_file.setdefault((kind, identifier), file)


def _validation_faults(file: str, content: dict[str, Any], error: ValidationError) -> Iterator[Fault]:
    for location, problem in problems(error, fields="data/case.schema.json", yaml=True):
        yield Fault(file, _place(content, location), problem)


def _place(content: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """``case knee-pain, question knee-pain-2, key entry B, field answer`` for pydantic's location."""
    parts = [f"case {content.get('id', '?')}"]
    rest = list(location)
    if len(rest) >= 2 and rest[0] == "questions" and isinstance(rest[1], int):
        questions = content["questions"]
        question = questions[rest[1]] if isinstance(questions, list) else None
        identifier = question.get("id") if isinstance(question, dict) else None
        parts.append(f"question {identifier or f'number {rest[1] + 1}'}")
        rest = rest[2:]
    field = [f"number {step + 1}" if isinstance(step, int) else str(step) for step in rest]
    if field:
        parts.append("field " + " ".join(field))
    return ", ".join(parts)


def _yaml_place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _yaml_problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    return f"this is not valid YAML: {problem}"
