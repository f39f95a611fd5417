"""A bank as plain Markdown that a physician can type.

A case begins with ``# id: topic``, a question with ``## id (3)``, ``## id (menu, 2)`` or ``## id (single)``. The rest
stands behind labels: ``Setting:``, ``Stem:``, ``Pictures:``, ``Vitals:``, ``Update:``, ``Question:``, ``Options:``,
``Key:``, ``Not accepted:``, ``Rationale:``, ``Source:``. Lists have one ``- `` an entry, alternatives behind `` / ``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.items.forms.lists import (
    escaped,
    joined_wordings,
    read_picture,
    read_refused,
    read_wordings,
    split_unescaped,
    unescaped,
    written_picture,
)
from samp_eval.items.samp import Question, SampCase, VitalSigns

__all__ = ["markdown_contents", "markdown_text"]

_LABELS = (
    "Setting",
    "Written by",
    "Reviewed by",
    "Language",
    "Collection",
    "Stem",
    "Pictures",
    "Vitals",
    "Update",
    "Question",
    "Options",
    "Key",
    "Not accepted",
    "Rationale",
    "Source",
)
_LISTS = frozenset({"Reviewed by", "Collection", "Pictures", "Vitals", "Options", "Key", "Not accepted"})
_LABEL = re.compile(rf"^({'|'.join(_LABELS)}):[ ]?", re.IGNORECASE)
_CASE = re.compile(r"^#\s+(\S+?):\s+(.*)$")
_QUESTION = re.compile(r"^##\s+(\S+)\s*(?:\(\s*(?:(menu|single|write-in)\s*,?\s*)?(\d+|any)?\s*\))?\s*$", re.IGNORECASE)
_NEEDS_SHIELD = re.compile(rf"^\\|^#|^- |^-$|^(?:{'|'.join(_LABELS)}):", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[•◦▪·‣●○\uf0b7–—*]\s+")
_VITAL_NAMES = {name.replace("_", " "): name for name in VitalSigns.model_fields}


def markdown_text(cases: Iterable[SampCase]) -> str:
    """Write cases as Markdown."""
    return "\n".join(line for case in cases for line in _case_lines(case))


def _case_lines(case: SampCase) -> Iterator[str]:
    yield f"# {case.id}: {_shielded(case.topic)}"
    yield ""
    if case.setting:
        yield from _text("Setting", case.setting)
    if case.written_by:
        yield from _list("Written by", (escaped(name) for name in case.written_by))
    if case.reviewed_by:
        yield from _list("Reviewed by", (escaped(name) for name in case.reviewed_by))
    if case.language != "en":
        yield from _text("Language", case.language)
    if case.collection is not None:
        yield from _list("Collection", (escaped(text) for text in case.collection_texts()))
    if case.stem:
        yield from _text("Stem", case.stem)
    if case.images:
        yield from _list("Pictures", map(written_picture, case.images))
    if case.vitals is not None and case.vitals.lines():
        yield from _list("Vitals", case.vitals.lines())
    for question in case.questions:
        yield from _question_lines(question)


def _question_lines(question: Question) -> Iterator[str]:
    form = "" if question.format == "write-in" else f"{question.format}, "
    yield f"## {question.id} ({form}{'any' if question.any_number else question.requested})"
    yield ""
    if question.update:
        yield from _text("Update", question.update)
    if question.images:
        yield from _list("Pictures", map(written_picture, question.images))
    yield from _text("Question", question.question)
    if question.options:
        yield from _list("Options", (escaped(option) for option in question.options))
    yield from _list("Key", (joined_wordings(entry.wordings) for entry in question.key))
    if question.not_accepted:
        refused = (f"{joined_wordings(answer.wordings)} = {escaped(answer.reason)}" for answer in question.not_accepted)
        yield from _list("Not accepted", refused)
    if question.rationale:
        yield from _text("Rationale", question.rationale)
    if question.source:
        source = question.source
        yield from _text("Source", f"{escaped(source.title)}; {escaped(source.body)}; {source.year}")


def _text(label: str, text: str) -> Iterator[str]:
    first, *others = text.split("\n")
    yield f"{label}: {first}"
    yield from (_shielded(line) for line in others)
    yield ""


def _list(label: str, entries: Iterable[str]) -> Iterator[str]:
    yield f"{label}:"
    yield ""
    for entry in entries:
        yield "- " + entry.replace("\n", "\n  ")
    yield ""


def _shielded(line: str) -> str:
    return "\\" + line if _NEEDS_SHIELD.match(line) else line


def markdown_contents(text: str, file: str) -> list[dict[str, Any]]:
    """Read the contents of cases, for validation; raises :class:`FaultyBank` for a line that fits nowhere."""
    cases: list[dict[str, Any]] = []
    faults: list[Fault] = []
    place: dict[str, Any] | None = None
    label = ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.startswith("## "):
            place, label = _new_question(line, cases), ""
            if place is None:
                faults.append(
                    Fault(file, f"line {number}", "a question begins with ## id (3), after its case (# id: topic)")
                )
        elif line.startswith("# "):
            place, label = _new_case(line, cases), ""
            if place is None:
                faults.append(Fault(file, f"line {number}", "a case begins with # id: topic"))
        elif place is not None and (found := _LABEL.match(line)):
            label = found.group(1).capitalize()
            place["fields"].setdefault(label, []).append(line[found.end() :])
        elif place is not None and label:
            place["fields"][label].append(line)
        elif line.strip() and place is not None:
            faults.append(Fault(file, f"line {number}", f"stands behind no label; labels are {', '.join(_LABELS)}"))
    if not cases and not faults:
        faults.append(Fault(file, "", "holds no case; a case begins with # id: topic"))
    if faults:
        raise FaultyBank(faults)
    return [_case_content(case) for case in cases]


def _new_case(line: str, cases: list[dict[str, Any]]) -> dict[str, Any] | None:
    found = _CASE.match(line)
    if found is None:
        return None
    cases.append({"id": found.group(1), "topic": _bare(found.group(2)), "fields": {}, "questions": []})
    return cases[-1]


def _new_question(line: str, cases: list[dict[str, Any]]) -> dict[str, Any] | None:
    found = _QUESTION.match(line)
    if found is None or not cases:
        return None
    form = (found.group(2) or "write-in").lower()
    question: dict[str, Any] = {"id": found.group(1), "format": form, "requested": found.group(3) or "1", "fields": {}}
    cases[-1]["questions"].append(question)
    return question


def _bare(line: str) -> str:
    return line[1:] if line.startswith("\\") else line


def _value(lines: list[str]) -> str:
    return "\n".join([lines[0], *(_bare(line) for line in lines[1:])]).strip()


def _entries(lines: list[str]) -> list[str]:
    """Entries of a list: each begins with a hyphen, its further lines are indented by two spaces.

    Where no line has a hyphen, the bullets and dashes count that a word processor makes of it.
    """
    if not any(line.startswith("- ") for line in lines):
        lines = [_BULLET.sub("- ", line) for line in lines]
    entries: list[str] = []
    for line in lines:
        if line.startswith("- "):
            entries.append(line[2:])
        elif entries and line.startswith("  "):
            entries[-1] += "\n" + line[2:]
        elif line.strip():
            entries.append(line.strip())
    return entries


def _case_content(case: dict[str, Any]) -> dict[str, Any]:
    fields = case["fields"]
    content: dict[str, Any] = {"id": case["id"], "topic": case["topic"], "stem": _value(fields.get("Stem", [""]))}
    if "Setting" in fields:
        content["setting"] = _value(fields["Setting"])
    if "Language" in fields:
        content["language"] = _value(fields["Language"])
    if "Collection" in fields:
        texts = [unescaped(text) for text in _entries(fields["Collection"])]
        content["collection"] = dict(zip(("name", "licence", "source", "sample"), texts, strict=False))
    content["images"] = [read_picture(entry) for entry in _entries(fields.get("Pictures", []))]
    if "Vitals" in fields:
        content["vitals"] = dict(_vital(line) for line in _entries(fields["Vitals"]))
    content["written_by"] = [unescaped(name) for name in _entries(fields.get("Written by", []))]
    content["reviewed_by"] = [unescaped(name) for name in _entries(fields.get("Reviewed by", []))]
    content["questions"] = [_question_content(question) for question in case["questions"]]
    return content


def _vital(line: str) -> tuple[str, str]:
    label, _, value = line.partition(":")
    return _VITAL_NAMES.get(label.strip().casefold(), label.strip()), value.strip()


def _question_content(question: dict[str, Any]) -> dict[str, Any]:
    fields = question["fields"]
    key = [read_wordings(entry) for entry in _entries(fields.get("Key", []))]
    content: dict[str, Any] = {
        "id": question["id"],
        "format": question["format"],
        "requested": question["requested"],
        "question": _value(fields.get("Question", [""])),
        "images": [read_picture(entry) for entry in _entries(fields.get("Pictures", []))],
        "options": [unescaped(option) for option in _entries(fields.get("Options", []))],
        "key": [{"answer": wordings[0], "alternatives": wordings[1:]} for wordings in key if wordings],
        "not_accepted": [
            refused for entry in _entries(fields.get("Not accepted", [])) for refused in read_refused(entry)
        ],
    }
    content |= {name.lower(): _value(fields[name]) for name in ("Update", "Rationale") if name in fields}
    if "Source" in fields:
        pieces = [unescaped(piece).strip() for piece in split_unescaped(_value(fields["Source"]), ";")]
        content["source"] = dict(zip(("title", "body", "year"), pieces, strict=False))
    return content
