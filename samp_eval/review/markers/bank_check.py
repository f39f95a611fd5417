"""Check a bank whole: its form, its content, and whether the marker can mark by its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from samp_eval.errors import Fault
from samp_eval.items.checks.findings import content_findings, profile_of
from samp_eval.items.partial_bank import read_whatever_can_be_read
from samp_eval.items.samp import Bank, PlacedCase, Question, entry_letter
from samp_eval.literals import BankProfile
from samp_eval.review.markers.language.vocabulary import phrases
from samp_eval.review.markers.wording import read_wording, written_words

__all__ = ["check_bank", "check_held", "key_findings"]


def check_bank(
    path: Path | None = None, notify: Callable[[str], None] | None = None, profile: BankProfile | None = None
) -> tuple[list[Fault], int]:
    """Find everything that is wrong with a bank at once.

    Parameters
    ----------
    path : Path, optional
        Any form that a bank can have; the bundled bank when omitted.
    notify : callable, optional
        Is told if a file was not read as UTF-8.
    profile : BankProfile, optional
        The kind of bank; what its content shows when omitted.

    Returns
    -------
    tuple of (list of Fault, int)
        What was found, and how many questions were looked at.
    """
    cases, faults = read_whatever_can_be_read(path, notify)
    found = [*faults, *_findings(cases, profile)]
    order = {file: place for place, file in enumerate(dict.fromkeys(fault.file for fault in found))}
    return sorted(found, key=lambda fault: order[fault.file]), sum(len(placed.case.questions) for placed in cases)


def check_held(bank: Bank, profile: BankProfile | None = None) -> list[Fault]:
    """Find everything that is wrong with a bank that a study holds."""
    return _findings([PlacedCase(bank.location, case) for case in bank.cases], profile)


def _findings(cases: Sequence[PlacedCase], profile: BankProfile | None) -> list[Fault]:
    return [*content_findings(cases, profile or profile_of(cases)), *key_findings(cases)]


def key_findings(cases: Sequence[PlacedCase]) -> Iterator[Fault]:
    """Find the wordings of keys by which no marker, nor a person, could mark."""
    for placed in cases:
        for question in placed.case.questions:
            if question.format == "write-in":
                for detail, problem in _wording_problems(question):
                    yield Fault(placed.file, placed.place(question, detail), problem)


def _wording_problems(question: Question) -> Iterator[tuple[str, str]]:
    """Two entries with the same words, and words that are accepted and refused at once."""
    entries: dict[frozenset[str], tuple[str, str]] = {}
    for position, entry in enumerate(question.key):
        letter = entry_letter(position)
        for wording in entry.wordings:
            words = written_words(wording)
            if not words:
                yield f"key entry {letter}", f'"{wording}" holds no word or number that a marker could find'
                continue
            other, text = entries.setdefault(words, (letter, wording))
            if other != letter:
                yield f"key entry {letter}", f'"{wording}" is accepted for entry {other} already, as "{text}"'
            elif text != wording and text.casefold() == wording.casefold():
                yield f"key entry {letter}", f'"{wording}" is there twice'
    refused_words: dict[frozenset[str], str] = {}
    for refused in question.not_accepted:
        for wording in refused.wordings:
            words = written_words(wording)
            refused_words.setdefault(words, wording)
            if words in entries:
                letter, text = entries[words]
                yield f"not accepted: {refused.answer}", f'"{wording}" is accepted too, as "{text}" of entry {letter}'
    yield from _same_meaning(entries, refused_words)


def _same_meaning(
    entries: dict[frozenset[str], tuple[str, str]], refused_words: dict[frozenset[str], str]
) -> Iterator[tuple[str, str]]:
    """Find refused answers that are an accepted one by another name: a trade name, an abbreviation."""
    by_first = phrases()
    renamed = any(word in by_first for words in (*entries, *refused_words) for word in words)
    if not refused_words or not renamed:
        return
    meant = {frozenset(read_wording(text).stems): (letter, text) for letter, text in entries.values()}
    for words, wording in refused_words.items():
        read = read_wording(wording)
        found = meant.get(frozenset(read.stems))
        if words in entries or found is None:
            continue
        letter, text = found
        accepted = read_wording(text)
        if read.quantities == accepted.quantities and read.aside == accepted.aside:
            yield f"not accepted: {wording}", f'means the same as "{text}", which entry {letter} accepts'
