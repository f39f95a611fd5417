"""Notes written short: ``h/o``, ``D/C``, arrows, ``last month``; read as the words that they stand for.

What means the same in every note is here; abbreviations that are words of their own are in ``synonyms.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from samp_eval.review.markers.language.vocabulary import ambiguous_abbreviations, folded, raw_tokens, word_stem

__all__ = ["AbbreviationReader", "spelled_out"]

_MAY_BE_SHORT = re.compile(
    r"[(/↑↓→Δ∆#@&±°+\-]|\blower |\bT(?:emp)?\s?[:=<>≥≤]?\s?[34]\d"
    r"|\bs\.\s?c|\bq\.?\s?\d|\b1[468]\s?g|\b(?:last|past|re|non|CA|[RL])\b",
    re.IGNORECASE,
)
_SHORT = tuple(
    (re.compile(pattern, 0 if cased else re.IGNORECASE), meaning)
    for pattern, meaning, cased in (
        (r"(?<![a-z])d\s?/\s?c(?=\s+(?:home|from|on|to|planning)\b)", "discharge", False),
        (r"(?<![a-z])d\s?/\s?c(?:['’]?d)?(?![a-z])", "discontinue", False),
        (r"(?<![a-z])h\s?/\s?o(?![a-z])", "history of", False),
        (r"(?<![a-z])p\.?m\.?h\.?x\.?(?![a-z])", "history of", False),
        (r"(?<![a-z])d\s?/\s?o(?![a-z])", "disorder", False),
        (r"(?<![a-z])r\s?/\s?o(?![a-z])", "check for", False),
        (r"(?<![a-z])c\s?/\s?o(?![a-z])", "complaint of", False),
        (r"(?<![a-z])s\s?/\s?p(?![a-z])", "after", False),
        (r"(?<![a-z])s\s?/\s?c(?![a-z])", "subcutaneous", False),
        (r"(?<![a-z])s\.\s?c\.", "subcutaneous", False),
        (r"\bq\.?\s?(\d+)\s?(h|hrs?|mins?|d|w|wks?|mo)\b", r"every \1 \2", False),
        (r"(?<![a-z])w\s?/\s?d(?![a-z])", "withdrawal", False),
        (r"(?<![a-z])w\s?/\s?(?:in|i)(?![a-z])", "within ", False),
        (r"(?<![a-z])w\s?/\s?o(?:ut)?(?![a-z])", "without", False),
        (r"(?<![a-z])w\s?/(?!\s?u)", "with ", False),
        (r"(?<![a-z])w\s?/\s?u(?![a-z])", "workup", False),
        (r"(?<![a-z])d\s?/\s?t(?![a-z])", "due to", False),
        (r"(?<![a-z])b\s?/\s?c(?![a-z])", "because", False),
        (r"\b1[468]\s?(?:g|ga|gauge)\b", "large bore", False),
        (r"(?<![a-z])b\s?/\s?l(?![a-z])", "bilateral", False),
        (r"(?<![a-z])y\s?/\s?o(?![a-z])", "years old", False),
        (r"(?<![a-z])u\s?/\s?s(?![a-z])", "ultrasound", False),
        (r"\bg\s?&\s?s\b", "group and screen", False),
        (r"\bt\s?&\s?s\b", "type and screen", False),
        (r"\bc\s?[&+]\s?s\b", "culture", False),
        (r"\bd\s?&\s?c\b", "dilatation and curettage", False),
        (r"\b[12]\s?°\s(?:to\s)?(?=[a-z]{3})", "due to ", False),
        (
            r"\bT(?:emp)?\s?[:=]?\s?(?=[<>≥≤]?\s?(?:3\d|4[0-2])(?:\.\d)?(?!\d|\s?(?:mg|mcg|wk|week|day|min|hour)))",
            "temperature ",
            True,
        ),
        (
            r"\blower (?=(?:eye)?lids?\b|abd|belly|tummy|lobe|quadrant|urinary|gi\b|lips?\b|jaw|resp|zone|lung)",
            "lowerpart ",
            False,
        ),
        (r"\b(?:ph|phone|tel)\.?\s?#", "phone number", False),
        (r"(?<=\d)\s?°(?!\s?[CF])|\b([12])°", r"\1", True),
        (r"↑+", " increased ", True),
        (r"↓+", " reduced ", True),
        (r"[Δ∆]", " change in ", True),
        (r"(?:\(\s?|(?<=\s))\+\s?ve\b\)?|\(\+\)|(?<=[A-Za-z])\+(?=\s*(?:mom|mother|ve)\b)", " positive ", False),
        (r"(?:\(\s?|(?<=\s))[-–]\s?ve\b\)?|\([-–]\)", " negative ", False),
        (r"(?<=[a-z])\s#(?!\s?\d)|(?<=[a-z])#(?!\d)", " fracture", False),
        (r"\bCA\b(?!\s?(?:\d|[+-]))", "cancer", True),
        (r"\bCa\b(?=\s(?:of|prostate|breast|lung|colon|bladder|ovary|thyroid)\b)", "cancer", True),
        (r"(?:^|(?<=\s))\(L\)(?=\s)", "left", True),
        (r"(?:^|(?<=\s))\(R\)(?=\s)", "right", True),
        (r"(?<!\d\s)(?<!\d)\bR\s(?=[LSC]\d|[a-z]{3})", "right ", True),
        (r"(?<!\d\s)(?<!\d)\bL\s(?=[LSC]\d|[a-z]{3})", "left ", True),
        (r"\bR-(?=sided)", "right ", True),
        (r"\bL-(?=sided)", "left ", True),
        (r"\s@\s", " at ", True),
        (r"\bre:", "about", False),
        (r"\b(altered|decreased|reduced|depressed|change in|level)\s+LOC\b", r"\1 level of consciousness", False),
        (r"\b(?:in|within|over|during) the (?:last|past) (day|week|month|year)\b", r"within 1 \1", False),
        (
            r"\b(?:in|within|over|during) (?:the )?(?:last|past|previous|prior) (?=\d|(?:two|three|four|five|six)\b)",
            "within ",
            False,
        ),
        (r"\b(?:last|past) (week|month|year)\b", r"1 \1 ago", False),
        (r"\byesterday\b", "1 day ago", False),
    )
)


_CONTRACTED = (
    (
        re.compile(r"\b(she|he|it|that|there|what|who|where|here|how|everything|nothing)['’]s\b", re.IGNORECASE),
        r"\1 is",
    ),
    (re.compile(r"(?<=[a-z])['’](?:ll|re|ve|d|m)\b", re.IGNORECASE), ""),
)


def spelled_out(text: str) -> str:
    """Write the shorthand of a note out: ``d/c NSAIDs w/in 24h`` is ``discontinue NSAIDs within 24h``."""
    if "'" in text or "’" in text:
        for pattern, meaning in _CONTRACTED:
            text = pattern.sub(meaning, text)
    if _MAY_BE_SHORT.search(text) or "yesterday" in text:
        for pattern, meaning in _SHORT:
            text = pattern.sub(meaning, text)
    return text


_COMMON_WORDS = frozenset({"as"})
"""Abbreviations that are words too unless they stand in capitals."""


@lru_cache(maxsize=1)
def _meanings() -> dict[str, dict[str, frozenset[str]]]:
    """By abbreviation, its meanings with the stems of each."""
    return {
        short: {meaning: _stems(meaning) for meaning in meanings}
        for short, meanings in ambiguous_abbreviations().items()
    }


class AbbreviationReader:
    """Reads abbreviations with several meanings by the one that a question's key has.

    Parameters
    ----------
    texts : iterable of str
        Every wording of the key, accepted or refused.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        wordings = [_stems(text) for text in texts]
        every = frozenset[str]().union(*wordings)
        self._meaning: dict[str, str] = {}
        for short, meanings in _meanings().items():
            known = {name: stems for name, stems in meanings.items() if stems <= every}
            written = [name for name, stems in known.items() if any(stems <= words for words in wordings)]
            if len(written) == 1:
                self._meaning[short] = written[0]
        self._pattern = (
            re.compile(r"\b(?:" + "|".join(map(re.escape, self._meaning)) + r")\b", re.IGNORECASE)
            if self._meaning
            else None
        )

    def read(self, text: str) -> str:
        """Write out the abbreviations whose meaning the key decides."""
        if self._pattern is None:
            return text
        return self._pattern.sub(self._meant, text)

    def _meant(self, found: re.Match[str]) -> str:
        short = found[0].casefold()
        return found[0] if short in _COMMON_WORDS and found[0] != short.upper() else self._meaning[short]


@lru_cache(maxsize=65_536)
def _stems(text: str) -> frozenset[str]:
    return frozenset([word_stem(folded(word)) for word in raw_tokens(text.casefold())])
