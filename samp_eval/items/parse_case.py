"""The content of one case, from whatever form, becomes a case or faults that name their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from samp_eval.errors import Fault, FaultyBank
from samp_eval.items.samp import SampCase
from samp_eval.validation import Written, problems

__all__ = ["parse_case"]

_WRITTEN: dict[str, Written] = {"yaml": "yaml", "yml": "yaml", "jsonl": "json"}


def parse_case(content: Any, file: str) -> SampCase:
    """Validate the content of one case; raises :class:`FaultyBank` with every fault, placed in ``file``."""
    if not isinstance(content, dict):
        raise FaultyBank([Fault(file, "", "holds no case; a case file begins with the fields id, topic and stem")])
    try:
        return SampCase.model_validate(content)
    except ValidationError as error:
        raise FaultyBank(list(_faults(file, content, error))) from error


def _faults(file: str, content: dict[str, Any], error: ValidationError) -> Iterator[Fault]:
    written = _WRITTEN.get(file.lower().rpartition(".")[2], "table")
    for location, problem in problems(error, fields="data/case.schema.json", written=written):
        yield Fault(file, _place(content, location), problem)


def _place(content: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """``case knee-pain, question knee-pain-2, key entry B, field answer`` for pydantic's location."""
    parts = [f"case {content.get('id', '?')}"]
    rest = list(location)
    rows = getattr(content, "rows", ())
    if len(rest) >= 2 and rest[0] == "questions" and isinstance(rest[1], int):
        questions = content["questions"]
        question = questions[rest[1]] if isinstance(questions, list) else None
        identifier = question.get("id") if isinstance(question, dict) else None
        parts = [*rows[rest[1] : rest[1] + 1], *parts]
        parts.append(f"question {identifier or f'number {rest[1] + 1}'}")
        rest = rest[2:]
    field = [f"number {step + 1}" if isinstance(step, int) else str(step) for step in rest]
    if field:
        parts.append("field " + " ".join(field))
    return ", ".join(parts)
