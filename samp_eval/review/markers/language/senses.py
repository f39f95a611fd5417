"""What a question asks for, and what all wordings of one entry say together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from samp_eval.review.markers.language.quantity import Quantity
from samp_eval.review.markers.language.vocabulary import kind_words, word_stem
from samp_eval.review.markers.wording import Wording

__all__ = ["EntrySense", "QuestionSense"]

_UNRESOLVED = frozenset({"no", "fail", "failur", "inadequ", "incomplet", "reduc"})
_NOW = frozenset({"now", "today", "immediate", "immediately", "hour", "department", "home"})
_AFTER_QUESTION_WORD = re.compile(r"\b(?:what|which)\b(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class QuestionSense:
    """What kind of answer a question wants.

    Attributes
    ----------
    asks_for_findings : bool
        Findings, causes or risks, against actions, drugs or tests.
    is_urgent : bool
        Whether it asks what to do now.
    people : frozenset of str
        Whom the question itself speaks of.
    context : frozenset of str
        Words of the question and its case, and of its key.
    spoken : frozenset of str
        Words of the question itself.
    """

    asks_for_findings: bool
    is_urgent: bool
    people: frozenset[str]
    context: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()

    @classmethod
    def of(cls, question: str, context: frozenset[str] = frozenset()) -> QuestionSense:
        """Read the question, given the words of the question and its case."""
        found = _AFTER_QUESTION_WORD.search(question)
        words = re.findall(r"[a-z]+", (found[1] if found else question).casefold())
        findings, actions = kind_words("findings question"), kind_words("actions question")
        telling = next((stem for stem in map(word_stem, words) if stem in findings | actions), "")
        every = re.findall(r"[a-z]+", question.casefold())
        people = frozenset(word_stem(word) for word in every) & kind_words("person")
        if "delivery" in every:
            people |= {"mother"}
        return cls(telling in findings, bool(_NOW & set(every)), people, context, frozenset(map(word_stem, every)))


@dataclass(frozen=True, slots=True)
class EntrySense:
    """What all wordings of one entry say together: words, and quantities."""

    stems: frozenset[str]
    quantities: tuple[Quantity, ...]
    resolves: bool = False
    """Whether it speaks of something that gets better, as stiffness that eases with movement."""
    denied: tuple[frozenset[str], ...] = ()
    """What its wordings deny: ``No intention-to-treat analysis`` denies such an analysis."""
    limited: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()
    """Wordings of other entries that have quantities: their words and units."""

    @classmethod
    def of(cls, wordings: Iterable[Wording], others: Iterable[Wording] = ()) -> EntrySense:
        """Gather the words and quantities of an entry, and what the other entries of its key limit."""
        every = tuple(wordings)
        stems = frozenset(stem for wording in every for stem in wording.spoken)
        denied = tuple(wording.sought - {"no"} for wording in every if "no" in wording.sought and not wording.stopping)
        quantities = tuple(quantity for wording in every for quantity in wording.quantities)
        limited = tuple(
            (wording.sought - {"no"}, frozenset(quantity.unit for quantity in wording.quantities))
            for wording in others
            if wording.quantities and len(wording.sought - {"no"}) > 1
        )
        resolves = any(
            wording.spoken & kind_words("resolving") and not wording.quantities and not wording.spoken & _UNRESOLVED
            for wording in every
        )
        return cls(stems, quantities, resolves, denied, limited)
