"""What is different in the key of a question between two versions, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.answers.distinct import normalised
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, entry_letter
from samp_eval.review.amendments.key_history import KeyVersion
from samp_eval.run.prompt import question_sha256

__all__ = ["differing_questions", "key_changes"]

Placed = dict[int, tuple[str, KeyEntry]]
"""Letter and entry by the entry's identity."""


def key_changes(before: KeyVersion, after: KeyVersion, question_id: str) -> Iterator[str]:
    """Every difference, in the order of the later key; letters are the later ones, and the earlier where there is none.

    Parameters
    ----------
    before, after : KeyVersion
        Both hold the question.
    question_id : str
    """
    questions = [version.bank.by_question()[question_id][1] for version in (before, after)]
    was, now = (_placed(question, version) for question, version in zip(questions, (before, after), strict=True))
    for identity, (letter, entry) in now.items():
        yield from _entry_changes(letter, entry, was.get(identity))
    for identity, (letter, entry) in was.items():
        if identity not in now:
            yield f'{letter}. "{entry.answer}" was removed.'
    moved = [
        f"{was[name][0]} is {letter} now" for name, (letter, _) in now.items() if was.get(name, letter)[0] != letter
    ]
    if moved:
        yield f"Letters moved: {', '.join(moved)}."
    yield from _refusal_changes(*questions)


def _placed(question: Question, version: KeyVersion) -> Placed:
    return {
        identity.id: (entry_letter(place), entry)
        for place, (identity, entry) in enumerate(zip(version.entries[question.id], question.key, strict=True))
    }


def _entry_changes(letter: str, entry: KeyEntry, held: tuple[str, KeyEntry] | None) -> Iterator[str]:
    if held is None:
        yield f'{letter}. "{entry.answer}" was added.'
        return
    former = held[1]
    lost, gained = _beyond(former, entry), _beyond(entry, former)
    if lost:
        yield f'{letter}. "{entry.answer}" no longer accepts {_quoted(lost)}.'
    if gained:
        yield f'{letter}. "{entry.answer}" also accepts {_quoted(gained)}.'


def _refusal_changes(before: Question, after: Question) -> Iterator[str]:
    was, now = (
        {wording: answer for answer in question.not_accepted for wording in answer.wordings}
        for question in (before, after)
    )
    known, kept = set(map(normalised, was)), set(map(normalised, now))
    named = [wording for wording in now if normalised(wording) not in known]
    lifted = [wording for wording in was if normalised(wording) not in kept]
    if named:
        yield f"The key names as not accepted: {_quoted(named)}."
    if lifted:
        yield f"The key no longer names as not accepted: {_quoted(lifted)}."


def _beyond(entry: KeyEntry | NotAccepted, other: KeyEntry | NotAccepted) -> list[str]:
    """Wordings of an entry that another does not have."""
    known = set(map(normalised, other.wordings))
    return [wording for wording in entry.wordings if normalised(wording) not in known]


def _quoted(wordings: list[str]) -> str:
    return ", ".join(f'"{wording}"' for wording in wordings)


def differing_questions(before: Bank, after: Bank) -> dict[str, list[str]]:
    """Ids of the questions that differ between two banks, by how they do; nothing is said of how entries moved."""
    held, found = before.by_question(), after.by_question()
    both = [name for name in found if name in held]
    other = [name for name in both if question_sha256(*held[name]) != question_sha256(*found[name])]
    keys = [name for name in both if name not in other and _key(held[name][1]) != _key(found[name][1])]
    return {
        "another question": other,
        "another key": keys,
        "new": [name for name in found if name not in held],
        "missing": [name for name in held if name not in found],
    }


def _key(question: Question) -> tuple[tuple[str, ...], ...]:
    return (*(entry.wordings for entry in question.key), (), *(answer.wordings for answer in question.not_accepted))
