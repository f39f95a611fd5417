"""Read as much of a faulty bank as can be read, so that a check finds everything at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.items.bank_pictures import read_pictures
from samp_eval.items.forms.registry import case_contents
from samp_eval.items.forms.table import TableCase
from samp_eval.items.load import bank_files, bank_folder, bundled_bank_folder
from samp_eval.items.parse_case import parse_case
from samp_eval.items.samp import PlacedCase

__all__ = ["read_whatever_can_be_read"]


def read_whatever_can_be_read(
    path: Path | None, notify: Callable[[str], None] | None = None
) -> tuple[list[PlacedCase], list[Fault]]:
    """Read a bank; what cannot be read is a fault, and the rest of it is still given.

    Parameters
    ----------
    path : Path, optional
        The bundled bank when omitted.
    notify : callable, optional
        Is told if a file was not read as UTF-8.
    """
    location = path if path is not None else bundled_bank_folder()
    cases: list[PlacedCase] = []
    faults: list[Fault] = []
    for file in bank_files(location):
        try:
            contents = case_contents(file, notify, faults)
        except FaultyBank as error:
            faults += error.faults
            continue
        for content in contents:
            faults += _read_case(content, str(file), cases)
            if isinstance(content, dict) and location.is_dir() and content.get("id", file.stem) != file.stem:
                faults.append(Fault(str(file), f"case {content['id']}", "the file is not named for its case"))
    for place, placed in enumerate(cases):
        try:
            case, _ = read_pictures(placed, bank_folder(path))
        except FaultyBank as error:
            faults += error.faults
        else:
            cases[place] = replace(placed, case=case)
    return cases, faults


def _read_case(content: Any, file: str, cases: list[PlacedCase]) -> list[Fault]:
    """Add the case to ``cases``, without its faulty questions where it has some; returns the faults."""
    rows = tuple(content.rows) if isinstance(content, TableCase) else ()
    try:
        cases.append(PlacedCase(file, parse_case(content, file), rows))
    except FaultyBank as error:
        sound = _sound_questions(content, file)
        if sound:
            part = content | {"questions": [content["questions"][place] for place in sound]}
            try:
                case = parse_case(part, file)
            except FaultyBank:
                return list(error.faults)  # the case itself is faulty, beside its questions
            cases.append(PlacedCase(file, case, tuple(rows[place] for place in sound) if rows else ()))
        return list(error.faults)
    return []


def _sound_questions(content: Any, file: str) -> list[int]:
    """Places of the questions without a fault."""
    questions = content.get("questions") if isinstance(content, dict) else None
    sound = []
    for place, question in enumerate(questions if isinstance(questions, list) else []):
        try:
            parse_case({"id": "x", "topic": "x", "questions": [question]}, file)
        except FaultyBank:
            continue
        sound.append(place)
    return sound
