"""Which entry of a corrected key is which entry of the key before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank, Question, entry_letter
from samp_eval.review.amendments.key_history import EntryIdentity, KeyHistory, Rewording, wordings_of

__all__ = ["EntryMap", "match_entries"]


class EntryMap(NamedTuple):
    """What a person says became of an entry: its letter before, and its letter now; ``-`` where it is gone.

    An entry that became another keeps its marks, whatever its words are now.
    """

    question_id: str
    old: str
    new: str


@dataclass(slots=True)
class _Matching:
    """The entries of one question while they are matched; ``found`` by place in the corrected key."""

    question_id: str
    old: dict[str, EntryIdentity]
    old_wordings: dict[str, frozenset[str]]
    new_wordings: list[frozenset[str]]
    found: dict[int, EntryIdentity]

    def take(self, letter: str, place: int, *, reworded: bool = False) -> None:
        """An entry of the key before is this one."""
        identity, before = self.old.pop(letter), self.old_wordings[letter]
        after = self.new_wordings[place]
        if reworded and before != after:
            identity = EntryIdentity(identity.id, (*identity.rewordings, Rewording(before, after)))
        self.found[place] = identity

    def left(self) -> list[int]:
        """Places of the corrected key that are not matched yet."""
        return [place for place in range(len(self.new_wordings)) if place not in self.found]


def match_entries(
    history: KeyHistory, corrected: Bank, maps: Sequence[EntryMap], in_use: Mapping[tuple[str, str], int]
) -> dict[str, tuple[EntryIdentity, ...]]:
    """Identities for every entry of a corrected bank.

    Parameters
    ----------
    history : KeyHistory
    corrected : Bank
    maps : sequence of EntryMap
    in_use : mapping
        How many marks count by each entry, by question and letter.

    Raises
    ------
    StudyConflict
        Where a map names what is not there; or, with both readings, where an entry with marks is gone and another one
        is there that might be it.
    """
    before = history.present.bank.by_question()
    known = {question.id for _, question in corrected.asked()} & set(before)
    strange = sorted({entry_map.question_id for entry_map in maps} - known)
    if strange:
        raise StudyConflict(f"--map names {', '.join(strange)}, which is no question of both banks")
    found, unclear = {}, []
    for _, question in corrected.asked():
        own = [entry_map for entry_map in maps if entry_map.question_id == question.id]
        matching = _begin(history, question)
        _follow_maps(matching, own)
        _match_by_words(matching, history, question)
        gone = [letter for letter in matching.old if in_use.get((question.id, letter)) and not _is_gone(letter, own)]
        if gone and matching.left():
            unclear.append(_both_readings(matching, question, before[question.id][1], gone, in_use))
        found[question.id] = _with_new_ones(matching, history, question)
    if unclear:
        raise StudyConflict("\n".join(["it is not clear which entry became which:", *unclear]))
    return found


def _begin(history: KeyHistory, question: Question) -> _Matching:
    held = history.present.bank.by_question().get(question.id)
    new = [wordings_of(entry) for entry in question.key]
    if held is None:
        return _Matching(question.id, {}, {}, new, {})
    letters = list(held[1].lettered_key())
    identities = dict(zip(letters, history.present.entries[question.id], strict=True))
    wordings = {letter: wordings_of(entry) for letter, entry in held[1].lettered_key().items()}
    return _Matching(question.id, identities, wordings, new, {})


def _follow_maps(matching: _Matching, maps: Sequence[EntryMap]) -> None:
    places = {entry_letter(place): place for place in range(len(matching.new_wordings))}
    for _, old, new in maps:
        if old not in matching.old or (new != "-" and (new not in places or places[new] in matching.found)):
            raise StudyConflict(
                f"--map {matching.question_id}:{old}={new}: write the letter of an entry of the key before "
                f"({', '.join(matching.old_wordings)}) and of the corrected key ({', '.join(places)}), or - for an "
                "entry that is gone; each letter once"
            )
        if new != "-":
            matching.take(old, places[new], reworded=True)
    for _, old, new in maps:
        if new == "-":
            del matching.old[old]


def _match_by_words(matching: _Matching, history: KeyHistory, question: Question) -> None:
    """The same words; then the same first wording; then words in common, where only one pair has them."""
    for place in matching.left():
        same = [letter for letter in matching.old if matching.old_wordings[letter] == matching.new_wordings[place]]
        if same:
            matching.take(same[0], place)
    for place in matching.left():
        former = _former_identity(history, matching, place)
        if former is not None:
            matching.found[place] = former
            matching.old = {letter: held for letter, held in matching.old.items() if held.id != former.id}
    held = history.present.bank.by_question().get(question.id)
    if held is not None:
        first = {letter: next(iter(entry.wordings)).casefold() for letter, entry in held[1].lettered_key().items()}
        for place in matching.left():
            named = question.key[place].answer.casefold()
            same = [letter for letter in matching.old if first[letter] == named]
            if len(same) == 1:
                matching.take(same[0], place)
    for place in matching.left():
        alike = [letter for letter in matching.old if matching.old_wordings[letter] & matching.new_wordings[place]]
        if len(alike) == 1:
            rivals = [
                other for other in matching.left() if matching.old_wordings[alike[0]] & matching.new_wordings[other]
            ]
            if rivals == [place]:
                matching.take(alike[0], place)


def _former_identity(history: KeyHistory, matching: _Matching, place: int) -> EntryIdentity | None:
    """The identity of an entry that an earlier version had in these words: it is back, and so are its marks."""
    taken = {identity.id for identity in matching.found.values()}
    for version in reversed(history.versions[:-1]):
        held = version.bank.by_question().get(matching.question_id)
        if held is None:
            continue
        for identity, entry in zip(version.entries[matching.question_id], held[1].key, strict=True):
            if wordings_of(entry) == matching.new_wordings[place] and identity.id not in taken:
                present = {own.id: own for own in matching.old.values()}
                return present.get(identity.id, identity)
    return None


def _is_gone(letter: str, maps: Sequence[EntryMap]) -> bool:
    return any(entry_map.old == letter and entry_map.new == "-" for entry_map in maps)


def _both_readings(
    matching: _Matching,
    question: Question,
    before: Question,
    gone: Sequence[str],
    in_use: Mapping[tuple[str, str], int],
) -> str:
    lines = []
    for letter in gone:
        marks = in_use[question.id, letter]
        was = before.lettered_key()[letter].answer
        for place in matching.left():
            new = entry_letter(place)
            lines.append(
                f'  {question.id}: {letter}. "{was}" became {new}. "{question.key[place].answer}", and its marks '
                f"({marks}) stay: --map {question.id}:{letter}={new}"
            )
        lines.append(
            f'  {question.id}: {letter}. "{was}" is gone, and its marks ({marks}) are reopened: '
            f"--map {question.id}:{letter}=-"
        )
    return "\n".join(lines)


def _with_new_ones(matching: _Matching, history: KeyHistory, question: Question) -> tuple[EntryIdentity, ...]:
    used = [identity.id for version in history.versions for identity in version.entries.get(question.id, ())]
    following = max(used, default=0) + 1
    identities = []
    for place in range(len(question.key)):
        identity = matching.found.get(place)
        if identity is None:
            identity, following = EntryIdentity(following), following + 1
        identities.append(identity)
    return tuple(identities)
