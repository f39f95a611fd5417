"""Whether an answer says a wording of the key: every telling word of it, with nothing that changes the meaning."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Self

from samp_eval.review.markers.language.negation import NO_NEED
from samp_eval.review.markers.language.quantity import DOSING
from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import (
    folded,
    kind_words,
    opposed_words,
    raw_tokens,
    stand_ins,
    word_stem,
    words_of_kinds,
)
from samp_eval.review.markers.wording import Answer, Wording, read_wording

__all__ = ["Context", "WordingMatch", "fewest_words", "match_wording"]

# What a word too many or too few costs. benchmarks/marker/bench_gold_set.py measures any change on the lines marked by
# hand; of 826 lines to tune by and 151 held out the marker credits 99.8 % and 100 % rightly, and finds 98.9 % and
# 96.2 % of what the hand credits.
_CONTEXT_COST = 0.25
"""A word of the question or case. At 0.5 the marker finds 93.7 % of the held-out lines, at 1 it finds 91.1 %."""
_MISSING_COST = 1.0
_WORST_COST = 3
"""What a wording of three words or more may cost; a shorter one may cost its number of words."""
_CONFLICTS = (
    ("testing", "treating", 1.5),
    ("teaching", "treating", 0.75),
    ("teaching", "testing", 0.75),
    ("self", "others", 3.0),
)
"""Two purposes (lists of kinds.txt), and what it costs to say one for the other; no line of the gold sets decides."""
_FEWEST_WORDS_TO_MISS_ONE = 4
"""At 3 a held-out line is credited wrongly (98.7 % right); at 5 the marker finds 98.3 % of the lines to tune by."""
_CONTRARY = frozenset({"no", "reduc", NO_NEED})
_CONTRARY_TO_STOPPING = frozenset({NO_NEED, "continu", "keep", "resum", "maintain", "restart"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a candidate has read when the question comes.

    Attributes
    ----------
    stems : frozenset of str
        Words of the question and its case: they add little to an answer.
    asks_what_to_stop : bool
        Whether the question asks what to stop or avoid: then ``stop`` adds nothing, and ``continue`` is the opposite.
    """

    stems: frozenset[str]
    asks_what_to_stop: bool = False

    @classmethod
    def of(cls, question: str, case_text: str) -> Self:
        """Read the question and whatever stands before it."""
        spoken = read_wording(question).spoken | read_wording(case_text).spoken
        asked = _stems(question.casefold())
        return cls(spoken | asked | _stems(case_text.casefold()), bool(asked & kind_words("stopping")))


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    """Kept because the questions of a case have its stem in common."""
    return frozenset([word_stem(folded(word)) for word in raw_tokens(text)])


@dataclass(frozen=True, slots=True)
class EntryWords:
    """What the other wordings of an entry say.

    Attributes
    ----------
    kin : frozenset of str
        Every word of the entry's wordings: beside one of them they change nothing.
    may_lessen : bool
        Whether the entry speaks of less, so that ``reduced`` takes nothing back.
    """

    kin: frozenset[str] = frozenset()
    may_lessen: bool = False


NO_ENTRY = EntryWords()
"""Of a refused answer."""


@dataclass(frozen=True, slots=True)
class WordingMatch:
    """How an answer covers one wording.

    Attributes
    ----------
    cost : float
        0 for the very words; each word too many adds up to 1.5.
    matched : int
        Telling words of the wording that the answer has.
    allowed : bool
        Whether the cost is within what a wording of this length may have.
    missing : tuple of str
        Words of the wording that the answer does not have.
    extra : tuple of str
        Words of the answer that the wording does not have and that may matter.
    contrary : str
        A word that turns the meaning round (no, avoid), else empty.
    places : frozenset of int
        Where the wording's words stand in the answer.
    """

    cost: float
    matched: int
    allowed: bool
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    contrary: str = ""
    places: frozenset[int] = frozenset()


def match_wording(
    wording: Wording, answer: Answer, context: Context, beside: EntryWords = NO_ENTRY, *, only_allowed: bool = False
) -> WordingMatch | None:
    """Compare one wording with the first answer of a line.

    Parameters
    ----------
    wording : Wording
    answer : Answer
    context : Context
    beside : EntryWords
        Of the wording's entry.
    only_allowed : bool
        Give up, with None, where the answer lacks too much of the wording to be allowed.

    Returns
    -------
    WordingMatch or None
        None where the answer has none of the wording's words in its first part.
    """
    if not wording.stems:
        return _match_number(wording, answer, context, beside)
    if not wording.is_touched_by(answer):
        return None
    places, missing = _places(wording, answer)
    first = answer.first_answer_end
    if not places or answer.tokens[min(places)].part > first:
        return None
    matched = len(wording.stems) - len(missing) + len(wording.quantities)
    lacking = bool(missing) and not _may_lack(wording, missing, context)
    if wording.quantities and not all(
        any(found.within(wanted) for found in answer.quantities) for wanted in wording.quantities
    ):
        lacking = True
        matched -= len(wording.quantities)
        missing = (*missing, "the quantity")
    if lacking and only_allowed:
        return None
    cost, extra, contrary = _extras(beside, answer, places, first, context)
    cost += _MISSING_COST * len(missing) + _purpose_cost(wording, answer, first)
    budget = min(len(wording.stems), _WORST_COST)
    return WordingMatch(
        cost, matched, not lacking and not contrary and cost <= budget, missing, extra, contrary, frozenset(places)
    )


def fewest_words(wording: Wording) -> int:
    """Say of how many words of a wording, at least, an answer must have that may be a match."""
    words = len(wording.stems)
    may_lack = 1 if words >= _FEWEST_WORDS_TO_MISS_ONE - 1 else 0
    others = stand_ins()
    otherwise = 0 if wording.sought.isdisjoint(others) else len(others.keys() & wording.sought)
    return max(words - may_lack - otherwise, min(words, 1))


def _match_number(wording: Wording, answer: Answer, context: Context, beside: EntryWords) -> WordingMatch | None:
    """Compare with a wording that is a bare number: ``50`` or ``2 %``."""
    if not answer.quantities and wording.quantities:
        return None
    places = {
        position
        for position, token in enumerate(answer.tokens)
        if token.quantity is not None
        and token.part == 0
        and any(token.quantity.within(wanted) for wanted in wording.quantities)
    }
    if len(places) < len(wording.quantities):
        return None
    cost, extra, contrary = _extras(beside, answer, places, 0, context)
    return WordingMatch(cost, len(places), cost <= 1 and not contrary, (), extra, contrary)


def _purpose_cost(wording: Wording, answer: Answer, first: int) -> float:
    """Tell testing for something from treating it, teaching from prescribing, harm to oneself from harm to others."""
    if not wording.aside:
        return 0.0
    anywhere = answer.stems
    said = (
        anywhere if answer.tokens[-1].part <= first else {token.stem for token in answer.tokens if token.part <= first}
    )
    cost = 0.0
    for purpose, other, conflict in _CONFLICTS:
        for wanted, present in ((purpose, other), (other, purpose)):
            if wording.aside & kind_words(wanted) and not anywhere & kind_words(wanted) and said & kind_words(present):
                cost = max(cost, conflict)
    return cost


def _places(wording: Wording, answer: Answer) -> tuple[set[int], tuple[str, ...]]:
    """Where the wording's words stand in the answer, and which of them are not there."""
    at = answer.places
    missing = [stem for stem in wording.stems if stem not in at]
    places = {at[stem] for stem in wording.stems if stem in at}
    if missing:
        missing = _joined(wording, answer.tokens, missing, places, at)
    if missing and stand_ins().keys() & missing:
        missing = _without_stand_ins(answer.tokens, missing, places)
    return places, tuple(missing)


def _without_stand_ins(tokens: tuple[Token, ...], missing: list[str], places: set[int]) -> list[str]:
    """Words that say the same in another way: ``cannot focus`` has a ``difficulty``, ``no pleasure`` a ``loss``."""
    left = []
    for stem in missing:
        others = stand_ins().get(stem, frozenset())
        place = next(
            (
                at
                for at, token in enumerate(tokens)
                if token.written in others and token.stem != NO_NEED and at not in places
            ),
            None,
        )
        if place is None:
            left.append(stem)
        else:
            places.add(place)
    return left


def _joined(
    wording: Wording, tokens: tuple[Token, ...], missing: list[str], places: set[int], at: dict[str, int]
) -> list[str]:
    """Words written apart in one and together in the other: ``check up`` and ``checkup``."""
    for position, (first, second) in enumerate(pairwise(tokens)):
        together = first.stem + second.stem
        if together in missing or (together := first.written + second.stem) in missing:
            places |= {position, position + 1}
            missing = [stem for stem in missing if stem != together]
    for position, together in enumerate(wording.joins):
        pair = wording.stems[position : position + 2]
        if together in at and len(pair) == 2 and all(stem in missing for stem in pair):
            places.add(at[together])
            missing = [stem for stem in missing if stem not in pair]
    return missing


def _may_lack(wording: Wording, missing: tuple[str, ...], context: Context) -> bool:
    """Say whether so long a wording may lack this word: it is not one that carries the meaning alone."""
    turning = _CONTRARY | kind_words("comparing")
    if len(missing) > 1 or turning & wording.spoken or _carries_meaning(missing[0]):
        return False
    if len(wording.stems) >= _FEWEST_WORDS_TO_MISS_ONE:
        return missing[0] not in kind_words("others")
    return len(wording.stems) == _FEWEST_WORDS_TO_MISS_ONE - 1 and (
        missing[0] in kind_words("modifier") and missing[0] in context.stems
    )


def _is_started(answer: Answer, position: int) -> bool:
    """Say whether the word begins or goes on with something: ``start``, but not ``do not use``."""
    denied = position > 0 and answer.tokens[position - 1].stem == "no"
    return answer.tokens[position].stem in kind_words("starting") and not denied


_CARRYING = ("changing", "delaying", "undoing", "resolving", "person")


def _carries_meaning(stem: str) -> bool:
    return stem in words_of_kinds(*_CARRYING) or stem in opposed_words()


def _extras(
    beside: EntryWords, answer: Answer, places: set[int], first: int, context: Context
) -> tuple[float, tuple[str, ...], str]:
    """Cost of the words beyond the wording, those words, and one that turns the meaning round."""
    last = max(places)
    said = {answer.tokens[position].stem for position in places}
    cost = 0.0
    extra: list[str] = []
    in_tail = False
    contrary = _CONTRARY_TO_STOPPING if context.asks_what_to_stop else _CONTRARY
    contrary = contrary - {"reduc"} if beside.may_lessen else contrary
    for position, token in enumerate(answer.tokens):
        if position in places or not token.stem or token.stem in said:
            continue
        if position > last and token.part > max(first, answer.tokens[last].part):
            break
        stem = token.stem
        if context.asks_what_to_stop and stem == "no" and word_stem(token.written) in kind_words("stopping"):
            continue
        if position > last and (stem in kind_words("tail") or token.written == "without"):
            in_tail = True
        elif (stem in contrary or (context.asks_what_to_stop and _is_started(answer, position))) and not in_tail:
            return cost, tuple(extra), token.written
        if stem in beside.kin and stem not in opposed_words():
            continue
        added = _word_cost(stem, context.stems, after=position > last, in_tail=in_tail)
        if added >= 0.5:
            extra.append(token.written)
        cost += added
    return cost, tuple(extra), _refusing_remark(answer, last)


def _word_cost(stem: str, context: Set[str], *, after: bool, in_tail: bool) -> float:
    """What a word beyond the wording costs: most where it changes the meaning, least where the case has it.

    After the answer a word tends to go on to something else, so it costs more than before it. At 1.0 on both sides the
    marker finds more (98.7 % of the held-out lines), and more is credited wrongly (0.4 % of the lines to tune by).
    """
    if stem in words_of_kinds("grammar", "filler", "tail") or DOSING.match(stem):
        return 0.0
    if stem in kind_words("changing") and not (in_tail and stem in context):
        return 0.5 if in_tail else 5.0 if after else 2.0
    if stem in kind_words("modifier"):
        return 0.0
    if stem in context or in_tail or stem in words_of_kinds("harmless", "neutral"):
        return _CONTEXT_COST
    return 1.5 if after else 1.0


def _refusing_remark(answer: Answer, last: int) -> str:
    """``Antibiotics, not indicated``: a remark after the answer that takes it back."""
    later = [token for token in answer.tokens[last + 1 :] if token.part > answer.tokens[last].part]
    if len(later) >= 2 and later[0].stem == "no" and later[1].stem in _REFUSALS:
        return f"{later[0].written} {later[1].written}"
    return ""


_REFUSALS = frozenset({"indic", "need", "requir", "recommend", "necessari", "appropri", "help", "useful", "warrant"})
