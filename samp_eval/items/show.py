"""A case as a candidate would see it, with its key where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Literal

from samp_eval.items.picture import Picture
from samp_eval.items.samp import Bank, Question, SampCase, entry_letter

__all__ = ["ShownLine", "listed", "shown", "wanted_part"]

LineKind = Literal["heading", "text", "question", "option", "key", "refused", "note"]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One paragraph of what is shown, and what it is."""

    kind: LineKind
    text: str


def listed(bank: Bank) -> list[dict[str, str | int]]:
    """Every question of a bank in short, as ``samp-eval items list --json`` prints it."""
    return [
        {
            "case_id": case.id,
            "question_id": question.id,
            "format": question.format,
            "requested": "any" if question.any_number else question.requested,
            "topic": case.topic,
        }
        for case, question in bank.asked()
    ]


def wanted_part(bank: Bank, identifier: str) -> tuple[SampCase, tuple[Question, ...]] | None:
    """Find a case with all its questions, or one question with its case; None for an unknown id."""
    for case in bank.cases:
        if case.id == identifier:
            return case, case.questions
    found = bank.by_question().get(identifier)
    return (found[0], (found[1],)) if found is not None else None


def shown(case: SampCase, questions: tuple[Question, ...], *, key: bool, width: int = 88) -> Iterator[ShownLine]:
    """Lay a case out for a terminal.

    Parameters
    ----------
    case : SampCase
    questions : tuple of Question
        All of the case's, or the one that is asked for.
    key : bool
        Whether to show the key, the refused answers, the rationale and the source.
    width : int
        Columns.
    """
    setting = f"  ({case.setting})" if case.setting else ""
    yield ShownLine("heading", f"{case.id}: {case.topic}{setting}")
    if case.stem:
        yield ShownLine("text", fill(case.stem, width))
    yield from _pictures(case.images, width)
    if case.vitals is not None and case.vitals.lines():
        yield ShownLine("text", "\n".join(f"  {line}" for line in case.vitals.lines(case.language)))
    seen, pictured = 0, len(case.images)
    for question in questions:
        updates = case.updates_until(question)
        for update in updates[seen:]:
            yield ShownLine("text", fill(f"Update: {update}", width))
        pictures = case.pictures_until(question)
        yield from _pictures(pictures[pictured:], width)
        pictured = len(pictures)
        seen = len(updates)
        asked = f"{question.question} {question.instruction_in(case.language)}"
        yield ShownLine("question", fill(f"{question.id}  {asked}", width))
        if question.options:
            lettered = (f"  {entry_letter(place)}. {option}" for place, option in enumerate(question.options))
            yield ShownLine("option", "\n".join(lettered))
        if key:
            yield from _key(question, width)
    if key and case.collection is not None:
        yield ShownLine("note", f"From {case.collection}")
    if key and case.written_by:
        yield ShownLine("note", f"Written by: {', '.join(case.written_by)}")
    if key:
        reviewed = ", ".join(case.reviewed_by) or "no physician yet"
        yield ShownLine("note", f"Reviewed by: {reviewed}")


def _pictures(pictures: Sequence[Picture], width: int) -> Iterator[ShownLine]:
    for picture in pictures:
        yield ShownLine("note", fill(f"{picture.in_words} {picture.credit}, licence: {picture.licence}", width))


def _key(question: Question, width: int) -> Iterator[ShownLine]:
    entries = []
    for letter, entry in question.lettered_key().items():
        entries.append(_hanging(f"  {letter}. ", " / ".join(entry.wordings), width))
    yield ShownLine("key", "\n".join(entries))
    if question.not_accepted:
        refused = [
            _hanging("  x ", f"{' / '.join(answer.wordings)}: {answer.reason}", width)
            for answer in question.not_accepted
        ]
        yield ShownLine("refused", "\n".join(["  Not accepted", *refused]))
    if question.rationale:
        yield ShownLine("note", _hanging("  ", question.rationale, width))
    if question.source is not None:
        yield ShownLine("note", _hanging("  Source: ", str(question.source), width))


def _hanging(first: str, text: str, width: int) -> str:
    return fill(text, width, initial_indent=first, subsequent_indent=" " * len(first))
