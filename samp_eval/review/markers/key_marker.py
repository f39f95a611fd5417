"""The automatic marker by the answer key. Its marks are never called a reviewer's.

It is deterministic and says for each line which entry it matched and why, or why not. It knows the examination's
rules: what follows a first answer on a line does not count, spelling does not matter, grouped tests and whatever else a
key names as not accepted earn nothing, and an answer that says the opposite of the key is wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.samp import Bank, NotAccepted, Question, entry_letter
from samp_eval.review.markers.language.senses import EntrySense, QuestionSense
from samp_eval.review.markers.language.shorthand import AbbreviationReader
from samp_eval.review.markers.language.spelling import Speller
from samp_eval.review.markers.language.turns import Turn, turn_of
from samp_eval.review.markers.language.vocabulary import kind_words, words_of_kinds
from samp_eval.review.markers.options import mark_option
from samp_eval.review.markers.wording import Answer, Wording, WordReader, read_answer, read_wording, written_words
from samp_eval.review.markers.wording_match import (
    NO_ENTRY,
    Context,
    EntryWords,
    WordingMatch,
    fewest_words,
    match_wording,
)
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER

__all__ = ["MARKER_VERSION", "OPEN_FOR_A_PERSON", "KeyMarker", "KeyMatch", "key_marks"]

MARKER_VERSION = "key marker 6"
OPEN_FOR_A_PERSON = "open for a person"
"""In the source of an automatic mark of 0: the line can be read in two ways, and only a person can tell which."""
_LONGEST_READ = 1000
"""Characters; an answer field of the examination takes 99, and a line beyond this is a text that did not end."""
_TOO_LITTLE = re.compile(
    r"\b(?:vague|not specific|too general|grouped|a class|must be named|name the)\b", re.IGNORECASE
)
"""In the reason for refusing an answer: it is only too general, so a more specific answer may earn its mark."""
_LESS = frozenset({"reduc", "small"})
_WORSE = frozenset({"impair", "declin"})
_ORDERED = frozenset({"no", "replac", "switch", "chang", "swap", "substitut"})
_NOTHING_CORRECTED = Answer((), ())
_NAMING_WORDS = frozenset({"for", "with"})
"""After a grouped test these lead to the index that is meant: ``CBC for hemoglobin``."""
_MOST_COMPARED = 12
"""Wordings that are looked at to say what a line without credit is nearest to."""


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """What the marker says of one line.

    Attributes
    ----------
    entry : str
        Letter of the key entry that the line matches, or ``0``.
    wording : str or None
        The wording that it was matched with: of the key where credited, of a refused answer where that was met.
    reason : str
        Why, in words.
    is_open : bool
        Whether the line can be read in two ways, so that a person has to decide; it earns nothing until then.
    """

    entry: str
    wording: str | None
    reason: str
    is_open: bool = False

    @property
    def credited(self) -> bool:
        """Whether the line earns a mark."""
        return self.entry != "0"


class _Target(NamedTuple):
    """One wording that is looked for: of a key entry (its letter), or of a refused answer (``0``)."""

    wording: Wording
    entry: str
    refused: NotAccepted | None = None
    sense: EntrySense | None = None
    beside: EntryWords = NO_ENTRY


class KeyMarker:
    """Marks the lines of one question.

    Parameters
    ----------
    question : Question
    case_text : str
        The case's stem: words of it add nothing to an answer.
    """

    def __init__(self, question: Question, case_text: str = "") -> None:
        self._question = question
        self._targets = _targets_of(question)
        self._verbatim = {target.wording.text.casefold(): target for target in reversed(self._targets)}
        self._exact = _first_of(self._targets, lambda target: written_words(target.wording.text))
        self._equal = _first_of(self._targets, lambda target: target.wording.sought)
        self._with_word, self._in_one_word = _places_of_words(self._targets)
        self._needed = [fewest_words(target.wording) for target in self._targets]
        texts = [target.wording.text for target in self._targets]
        self._reader = WordReader(Speller([*texts, question.question]).corrected)
        self._abbreviations = AbbreviationReader(texts)
        self._context = Context.of(question.question, f"{case_text} {question.update or ''}")
        self._sense = QuestionSense.of(question.question, self._context.stems | _vocabulary(self._targets))

    def mark(self, text: str) -> KeyMatch:
        """Mark one answer line."""
        if self._question.format != "write-in":
            entry, wording, reason = mark_option(self._question, text)
            return KeyMatch(entry, wording, reason)
        exact = self._verbatim.get(text.casefold()) or self._exact.get(written_words(text))
        if exact is not None and (not _needs_order(exact.wording) or exact.wording.text.casefold() == text.casefold()):
            return _match_for(exact, None, _NOTHING_CORRECTED)
        answer = read_answer(self._abbreviations.read(text[:_LONGEST_READ]), self._reader)
        stems = answer.stems
        equal = self._equal.get(stems)
        if equal is not None and "" not in stems and not equal.wording.quantities and not _is_list(equal, answer):
            match = match_wording(equal.wording, answer, self._context, equal.beside)
            if equal.refused is not None or match is None or self._turn(equal, match, answer) is None:
                return _match_for(equal, None, answer)
        if stems <= _no_answer():
            return KeyMatch("0", None, "no answer")
        return self._best(answer)

    def _best(self, answer: Answer) -> KeyMatch:
        found = self._found(answer, self._context)
        if found is not None and _is_too_little(found[0]):
            found = self._more_specific(answer, found)
        if found is not None and found[0].refused is None:
            return _match_for(*found, answer)
        named = self._named(answer, found[0].refused if found is not None else None)
        if named is not None:
            return named
        return _match_for(*found, answer) if found is not None else self._refusal(answer)

    def _found(self, answer: Answer, context: Context) -> tuple[_Target, WordingMatch] | None:
        """Find the wording that the line's first answer says best; a refused one goes before one that fits as well."""
        fitting = _allowed(self._promising(answer), answer, context)
        if not fitting:
            return None
        aside = answer.stems & kind_words("filler")

        def likeness(pair: tuple[_Target, WordingMatch]) -> tuple[float, float, int, bool]:
            target, match = pair
            unlike = len(target.wording.aside - aside) - len(target.wording.aside & aside)
            return match.cost - match.matched, match.cost, unlike, target.refused is None

        likest = min(fitting, key=likeness) if len(fitting) > 1 else fitting[0]
        least = min(match.cost for _, match in fitting)
        if (likest[1].cost <= least or likest[0].refused) and self._turn(*likest, answer) is None:
            return likest  # whichever of the others are turned, none of those left is more alike
        unturned = self._unturned(fitting, answer)
        if len(unturned) < len(fitting):
            unturned = [(target, match) for target, match in unturned if match.cost <= least or target.refused]
        return min(unturned, key=likeness, default=None)

    def _words_in(self, answer: Answer) -> dict[int, int]:
        """How many of its words the answer has, by the wording's place; a bare number counts as one word."""
        counts: dict[int, int] = {}
        for words, places in (
            (answer.places, self._with_word),
            (answer.pairs, self._with_word),
            (("",), self._with_word),
            (answer.places, self._in_one_word),
        ):
            for word in words:
                for place in places.get(word, ()):
                    counts[place] = counts.get(place, 0) + 1
        return counts

    def _promising(self, answer: Answer) -> list[_Target]:
        """The wordings of which the answer has as many words as they may not lack, in order."""
        counts = self._words_in(answer)
        return [self._targets[place] for place in sorted(counts) if counts[place] >= self._needed[place]]

    def _nearest(self, answer: Answer) -> list[_Target]:
        """The accepted wordings of which the answer has the greatest part, in order."""
        part = {
            place: count / max(len(self._targets[place].wording.stems), 1)
            for place, count in self._words_in(answer).items()
            if self._targets[place].refused is None
        }
        nearest = sorted(part, key=lambda place: (-part[place], place))[:_MOST_COMPARED]
        return [self._targets[place] for place in sorted(nearest)]

    def _unturned(
        self,
        fitting: list[tuple[_Target, WordingMatch]],
        answer: Answer,
        familiar: frozenset[str] = frozenset(),
    ) -> list[tuple[_Target, WordingMatch]]:
        """Leave out the entries whose words the answer has in another sense."""
        return [(target, match) for target, match in fitting if self._turn(target, match, answer, familiar) is None]

    def _turn(
        self, target: _Target, match: WordingMatch, answer: Answer, familiar: frozenset[str] = frozenset()
    ) -> Turn | None:
        if target.sense is None:
            return None
        sense = replace(self._sense, context=self._sense.context | familiar) if familiar else self._sense
        return turn_of(target.wording, target.sense, answer, match.places, sense)

    def _more_specific(self, answer: Answer, vague: tuple[_Target, WordingMatch]) -> tuple[_Target, WordingMatch]:
        """Find the key's wording that says more than a refused generality: ``Mirena IUD`` says more than ``IUD``."""
        known = Context(self._context.stems | vague[0].wording.sought, self._context.asks_what_to_stop)
        named = [
            target
            for target in self._targets
            if target.refused is None and target.wording.sought - vague[0].wording.sought
        ]
        fitting = self._unturned(_allowed(named, answer, known), answer, vague[0].wording.sought)
        return max(fitting, key=lambda pair: pair[1].matched - pair[1].cost) if fitting else vague

    def _named(self, answer: Answer, refused: NotAccepted | None) -> KeyMatch | None:
        """Look further where the line goes on to name what its first words leave open: ``CBC (hemoglobin)``."""
        for part, boundary in enumerate(answer.boundaries):
            if refused is not None and boundary == "bracket" and _names_several(answer, part):
                return None
            if part and (
                boundary in ("bracket", "naming") or (boundary == "label" and part == answer.first_answer_end + 1)
            ):
                rest = answer.from_part(part)
                if rest.tokens and rest.tokens[0].stem != "no":
                    found = self._found(rest, self._context)
                    if found is not None and found[0].refused is None:
                        return _match_for(*found, answer)
            if part and boundary == "list" and refused is not None:
                break
        if refused is not None and "group" in refused.reason.casefold():
            after = answer.after_word(_NAMING_WORDS)
            found = self._found(after, self._context) if after is not None else None
            if found is not None and found[0].refused is None:
                return _match_for(*found, answer)
        return None

    def _refusal(self, answer: Answer) -> KeyMatch:
        matches = [
            (target, match_wording(target.wording, answer, self._context, target.beside))
            for target in self._nearest(answer)
        ]
        partial = [(target, match) for target, match in matches if match is not None]
        turned = [(target, self._turn(target, match, answer)) for target, match in partial if match.allowed]
        for target, turn in turned:
            if turn is not None:
                return KeyMatch("0", None, f'like "{target.wording.text}", but {turn.reason}', is_open=turn.open)
        if not partial:
            return KeyMatch("0", None, "matches nothing in the key")

        def nearness(pair: tuple[_Target, WordingMatch]) -> tuple[float, float]:
            return pair[1].matched / max(len(pair[0].wording.stems), 1), -pair[1].cost

        target, nearest = max(partial, key=nearness)
        if nearest.contrary:
            reason = f'says the opposite of "{target.wording.text}" ("{nearest.contrary}")'
        elif nearest.missing:
            reason = f'nearest is "{target.wording.text}", but this is missing: {", ".join(nearest.missing)}'
        else:
            reason = f'nearest is "{target.wording.text}", but too much else is said: {", ".join(nearest.extra)}'
        return KeyMatch("0", None, reason)


def _allowed(targets: Iterable[_Target], answer: Answer, context: Context) -> list[tuple[_Target, WordingMatch]]:
    """The targets that the answer says, with how."""
    matches = (
        (target, match_wording(target.wording, answer, context, target.beside, only_allowed=True)) for target in targets
    )
    return [
        (target, match)
        for target, match in matches
        if match is not None and match.allowed and not (target.refused and _is_beyond_first(answer, match))
    ]


@cache
def _no_answer() -> frozenset[str]:
    """Words that are no answer, with those that may stand beside them."""
    return words_of_kinds("nothing", "grammar") | {"no"}


def _needs_order(wording: Wording) -> bool:
    """Say whether its words in another order may say something else: ``replace A with B``."""
    return bool(wording.sides) or not wording.sought.isdisjoint(_ORDERED)


def _is_list(target: _Target, answer: Answer) -> bool:
    return target.refused is not None and "list" in answer.boundaries


def _is_beyond_first(answer: Answer, match: WordingMatch) -> bool:
    """Say whether words of a refused answer stand in a later answer of the line: ``Stop naproxen and ASA``."""
    parts = {answer.tokens[place].part for place in match.places}
    return any(part > answer.first_answer_end and answer.boundaries[part] == "list" for part in parts)


def _names_several(answer: Answer, part: int) -> bool:
    """Say whether a bracket names one test after another: ``coagulation profile (PT/PTT)`` is a group still."""
    return len(answer.boundaries) > part + 1 and answer.boundaries[part + 1] == "joined"


def _is_too_little(target: _Target) -> bool:
    return target.refused is not None and bool(_TOO_LITTLE.search(target.refused.reason))


def _targets_of(question: Question) -> list[_Target]:
    targets = []
    readings = [[read_wording(text) for text in entry.wordings] for entry in question.key]
    measured = [[wording for wording in wordings if wording.quantities] for wordings in readings]
    for position, wordings in enumerate(readings):
        others = [wording for place, other in enumerate(measured) if place != position for wording in other]
        sense = EntrySense.of(wordings, others)
        beside = EntryWords(sense.stems, bool(wordings[0].sought & _LESS) or bool(sense.stems & _WORSE))
        letter = entry_letter(position)
        targets += [_Target(wording, letter, sense=sense, beside=beside) for wording in wordings]
    targets += [
        _Target(read_wording(wording), "0", refused)
        for refused in question.not_accepted
        for wording in refused.wordings
    ]
    return targets


def _places_of_words(targets: Sequence[_Target]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """By word, the places of the wordings that have it, and of those of which it is two neighbours in one.

    Bare numbers stand under the empty word.
    """
    with_word: dict[str, list[int]] = defaultdict(list)
    in_one_word: dict[str, list[int]] = defaultdict(list)
    for place, target in enumerate(targets):
        wording = target.wording
        for word in wording.sought.union(wording.joins) if wording.stems else ("",):
            with_word[word].append(place)
        for word in wording.joins:
            in_one_word[word].append(place)
    return with_word, in_one_word


def _vocabulary(targets: Iterable[_Target]) -> frozenset[str]:
    """Every word of the accepted wordings."""
    return frozenset(stem for target in targets if target.refused is None for stem in target.wording.spoken)


def _first_of(targets: Iterable[_Target], words: Callable[[_Target], frozenset[str]]) -> dict[frozenset[str], _Target]:
    """By their words, the first of the wordings that have the same."""
    first: dict[frozenset[str], _Target] = {}
    for target in targets:
        first.setdefault(words(target), target)
    first.pop(frozenset(), None)
    return first


def _match_for(target: _Target, match: WordingMatch | None, answer: Answer) -> KeyMatch:
    text = target.wording.text
    if target.refused is not None:
        return KeyMatch("0", text, f'not accepted, as "{text}": {target.refused.reason}')
    remarks = [f"{wrong} read as {right}" for wrong, right in answer.corrections]
    if match is not None and match.extra:
        remarks.append(f"extra words: {', '.join(match.extra)}")
    return KeyMatch(target.entry, text, "; ".join([f'matches "{text}"', *remarks]))


def key_marks(bank: Bank, answers: Iterable[DistinctAnswer], now: datetime) -> list[Mark]:
    """Mark distinct answers by the key; answers to questions that the bank does not hold are left unmarked.

    Parameters
    ----------
    bank : Bank
    answers : iterable of DistinctAnswer
    now : datetime
        UTC.
    """
    asked = bank.by_question()
    markers: dict[str, KeyMarker] = {}
    marks = []
    for answer in answers:
        if answer.question_id not in asked:
            continue
        if answer.question_id not in markers:
            case, question = asked[answer.question_id]
            markers[answer.question_id] = KeyMarker(question, case.stem)
        match = markers[answer.question_id].mark(answer.text)
        read_as = f"; recognised by: {', '.join(answer.steps)}" if answer.steps else ""
        doubt = f"{OPEN_FOR_A_PERSON}: " if match.is_open else ""
        source = re.sub(r"\s+", " ", f"{MARKER_VERSION}: {doubt}{match.reason}{read_as}")
        marks.append(Mark(KEY_MARKER, answer.question_id, answer.answer_id, "key", match.entry, now, source))
    return marks
