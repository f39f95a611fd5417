"""The keys that a study has had, and what a mark given under one of them says today.

A key entry has an identity that survives insertion, deletion and rewording; its letter is only how a key shows it. A
mark keeps the letter that its reviewer saw and the version of the key that showed it. Everything else is worked out
from there, so that marks come back when an amendment is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from samp_eval.answers.distinct import normalised
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, SampCase
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.run.prompt import question_sha256

__all__ = ["EntryIdentity", "KeyHistory", "KeyVersion", "Rewording", "first_identities", "wordings_of"]


@dataclass(frozen=True, slots=True)
class Rewording:
    """Wordings of an entry that mean the same before and after, by the word of whoever amended the key."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class EntryIdentity:
    """What an entry of a key is, whatever its letter.

    Attributes
    ----------
    id : int
        Unique among the entries that the question has ever had, from 1.
    rewordings : tuple of Rewording
        In order.
    """

    id: int
    rewordings: tuple[Rewording, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """A bank that a study has had, with the identities of its entries by question, in the order of the key."""

    bank: Bank
    entries: Mapping[str, tuple[EntryIdentity, ...]]


@dataclass(frozen=True, slots=True)
class _Key:
    """One question as one version has it, in a form that can be compared."""

    asked: str
    letters: tuple[str, ...]
    entries: tuple[EntryIdentity, ...]
    wordings: tuple[frozenset[str], ...]
    refused: frozenset[str]

    @property
    def accepted(self) -> frozenset[str]:
        """All wordings of all entries."""
        return frozenset().union(*self.wordings)


class KeyHistory:
    """Every version of a study's bank, and what a mark given under one of them says under the present one.

    Parameters
    ----------
    versions : sequence of KeyVersion
        The oldest first; the last one is the present one.
    """

    def __init__(self, versions: Sequence[KeyVersion]) -> None:
        self.versions = tuple(versions)
        self._by_number = {version.bank.version: version for version in versions}
        self._key = lru_cache(maxsize=None)(self._read_key)
        self._value = lru_cache(maxsize=None)(self._value_today)

    @property
    def present(self) -> KeyVersion:
        """The version that holds."""
        return self.versions[-1]

    @property
    def present_version(self) -> int:
        """Its number; 0 before the study has a bank."""
        return self.present.bank.version if self.versions else 0

    def value_today(self, mark: Mark) -> str:
        """The mark in the letters of the present key; empty where it no longer counts and has to be given anew."""
        if len(self.versions) < 2 or mark.key_version not in self._by_number:
            return mark.value
        return self._value(mark.key_version, mark.question_id, mark.field, mark.reviewer.role, mark.value)

    def today(self, mark: Mark) -> Mark:
        """The mark as it counts under the present key, as if its reviewer had seen that one."""
        if len(self.versions) < 2 or mark.key_version in (0, self.present.bank.version):
            return mark
        return replace(mark, value=self.value_today(mark), key_version=self.present.bank.version)

    def reads_alike(self, question_id: str, version: int) -> bool:
        """Whether a question and its key read today as they did under a version, letter by letter."""
        if len(self.versions) < 2 or version not in self._by_number:
            return True
        before, now = self._key(version, question_id), self._key(self.present.bank.version, question_id)
        if before is None or now is None:
            return before is now
        return (before.asked, before.letters, before.wordings, before.refused) == (
            now.asked,
            now.letters,
            now.wordings,
            now.refused,
        )

    @property
    def amended(self) -> frozenset[str]:
        """The questions that read today, themselves or their keys, otherwise than under an earlier version."""
        if len(self.versions) < 2:
            return frozenset()
        earlier = [version.bank.version for version in self.versions[:-1]]
        asked = self.present.bank.by_question()
        return frozenset(name for name in asked if not all(self.reads_alike(name, version) for version in earlier))

    def letters(self, question_id: str, version: int) -> tuple[str, ...]:
        """The letters of a question's key as a version shows them; the present ones for an unknown version."""
        key = self._key(version if version in self._by_number else self.present.bank.version, question_id)
        return key.letters if key is not None else ()

    def _read_key(self, version: int, question_id: str) -> _Key | None:
        held = self._by_number[version]
        found = held.bank.by_question().get(question_id)
        return _key_of(*found, held.entries[question_id]) if found is not None else None

    def _value_today(self, version: int, question_id: str, field: MarkField, role: str, value: str) -> str:
        before, now = self._key(version, question_id), self._key(self.present.bank.version, question_id)
        if before is None or now is None or not value:
            return value
        if before.asked != now.asked:
            return ""
        if field != "key":
            return value
        if role in ("automatic", "model"):
            return _automatic_today(before, now, value)
        return _zero_today(before, now) if value == "0" else _letter_today(before, now, value)


def wordings_of(entry: KeyEntry | NotAccepted) -> frozenset[str]:
    """The wordings by which two entries are compared: case, white space and list markers make no difference."""
    return frozenset(normalised(wording) for wording in entry.wordings)


def first_identities(bank: Bank) -> dict[str, tuple[EntryIdentity, ...]]:
    """Identities for the entries of a study's first bank."""
    return {question.id: tuple(map(EntryIdentity, range(1, len(question.key) + 1))) for _, question in bank.asked()}


def _key_of(case: SampCase, question: Question, entries: tuple[EntryIdentity, ...]) -> _Key:
    refused = frozenset(wording for answer in question.not_accepted for wording in wordings_of(answer))
    wordings = tuple(map(wordings_of, question.key))
    return _Key(question_sha256(case, question), tuple(question.lettered_key()), entries, wordings, refused)


def _automatic_today(before: _Key, now: _Key, value: str) -> str:
    """A program and a model mark by the whole key: their marks hold where only the order of the entries differs."""
    alike = set(before.wordings) == set(now.wordings) and before.refused == now.refused
    if not alike:
        return ""
    if value not in before.letters:
        return value
    return now.letters[now.wordings.index(before.wordings[before.letters.index(value)])]


def _zero_today(before: _Key, now: _Key) -> str:
    """An answer that earned nothing may earn now, where the key has come to accept more."""
    known = {entry.id for entry in before.entries}
    for entry, wordings in zip(now.entries, now.wordings, strict=True):
        accepted = before.accepted
        for rewording in entry.rewordings:
            accepted |= rewording.after if rewording.before <= accepted else frozenset()
        if entry.id not in known or not wordings <= accepted:
            return ""
    return "0" if before.refused <= now.refused else ""


def _letter_today(before: _Key, now: _Key, value: str) -> str:
    """An answer that earned by an entry still does, where the entry is there and accepts what it accepted then."""
    if value not in before.letters or not now.refused <= before.refused:
        return ""
    place = before.letters.index(value)
    for letter, entry, wordings in zip(now.letters, now.entries, now.wordings, strict=True):
        if entry.id == before.entries[place].id:
            accepted = wordings
            for rewording in reversed(entry.rewordings):
                accepted |= rewording.before if rewording.after <= accepted else frozenset()
            return letter if before.wordings[place] <= accepted else ""
    return ""
