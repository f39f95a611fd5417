"""The marker's word lists, read once: spellings, synonyms, drug names and kinds of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

__all__ = [
    "Phrases",
    "ambiguous_abbreviations",
    "drug_names",
    "folded",
    "kind_words",
    "known_words",
    "opposed_words",
    "phrases",
    "raw_tokens",
    "stand_ins",
    "word_stem",
    "words_of_kinds",
]

Phrases = dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
"""By first word: (words of the phrase, words that stand for it), longest first."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:\d+[^\W\d_]*)*|[%<>≥≤=]")
_SPELLINGS = {
    "haem": "hem",
    "aemi": "emi",
    "oedem": "edem",
    "oesoph": "esoph",
    "oestr": "estr",
    "rrhoe": "rrhe",
    "paed": "ped",
    "gynaec": "gynec",
    "anaest": "anest",
    "foet": "fet",
    "coeliac": "celiac",
    "caec": "cec",
    "faec": "fec",
    "aetiol": "etiol",
    "leuc": "leuk",
    "sulph": "sulf",
    "pnoea": "pnea",
    "manoeuv": "maneuv",
    "ischaem": "ischem",
    "glycaem": "glycem",
}
_ENDINGS = (
    (re.compile(r"(tum|lab|col|behavi|hum|od|neighb|fav|rig)our"), r"\1or"),
    (re.compile(r"(cent|fib|lit|met|calib|goit|tit)re(s?)$"), r"\1er\2"),
    (re.compile(r"(?<=[a-z]{4})is(e|es|ed|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{4})ys(e|es|ed|ing)$"), r"yz\1"),
    (re.compile(r"(ll)(ed|ing)$"), r"l\2"),
    (re.compile(r"logue(s?)$"), r"log\1"),
)
_SUFFIXES = ("ations", "ation", "ating", "ated", "ates", "ate")
_SAME_MEANING = ("synonyms.txt", "thesaurus.txt")
_KEEP_WHOLE = frozenset(
    {"daily", "family", "early", "only", "need", "feed", "bleed", "speed", "string", "sling", "measurement"}
)
_GREEK = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "µ": "mc", "μ": "mc", "’": "'", "‘": "'", "°": " "}
)


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """Give a lower-case word in the marker's own spelling: ``haemoglobin`` and ``hemoglobin`` become one."""
    for british, american in _SPELLINGS.items():
        if british in word:
            word = word.replace(british, american)
    for pattern, replacement in _ENDINGS:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=65_536)
def raw_tokens(text: str) -> tuple[str, ...]:
    """Words, numbers and comparison signs of a lower-case text; a letter and its number are one word (``b12``)."""
    if not text.isascii():
        text = text.translate(_GREEK)
    if "'" in text:
        text = text.replace("'s", "s").replace("'", "")
    return tuple(_TOKEN.findall(text))


@lru_cache(maxsize=65_536)
def word_stem(word: str) -> str:
    """Cut plural and verb endings off a word; numbers and short words stay."""
    if len(word) <= 3 or not word.isalpha() or word in _KEEP_WHOLE:
        return word
    word = _singular(word)
    if word.endswith("ssion") and len(word) > 8:
        return word.removesuffix("ion")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 5:
            return word[: -len(suffix)]
    for suffix in ("ness", "ment", "ing", "ed", "ly"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4 and word not in _KEEP_WHOLE:
            word = word[: -len(suffix)]
            if suffix in ("ing", "ed") and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    word = word.removesuffix("e") if len(word) > 4 else word
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _lines(name: str) -> Iterator[str]:
    text = files("samp_eval.review.markers.language").joinpath("words", name).read_text(encoding="utf-8")
    return (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _stems(phrase: str) -> tuple[str, ...]:
    return tuple(word_stem(folded(word)) for word in raw_tokens(phrase.casefold()))


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """Every abbreviation, synonym and trade name with the words that stand for it."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name in ("drugs.txt", *_SAME_MEANING):
        for line in _lines(name):
            main, _, others = line.partition("=")
            target = _stems(main)
            for other in others.split(","):
                words = _stems(other)
                if words and words != target:
                    found.setdefault(words, target)
    by_first: Phrases = {}
    for words, target in sorted(found.items(), key=lambda pair: -len(pair[0])):
        by_first.setdefault(words[0], []).append((words, target))
    return by_first


def ambiguous_abbreviations() -> dict[str, tuple[str, ...]]:
    """Abbreviations that mean one thing in one question and another in the next, with their meanings."""
    pairs = (line.partition("=") for line in _lines("ambiguous.txt"))
    return {short.strip(): tuple(part.strip() for part in meanings.split("|")) for short, _, meanings in pairs}


@lru_cache(maxsize=1)
def stand_ins() -> dict[str, frozenset[str]]:
    """By the stem of a key's word, the words of an answer that may stand for it, as they are written."""
    found: dict[str, frozenset[str]] = {}
    for line in _lines("stand_ins.txt"):
        main, _, others = line.partition("=")
        (stem,) = _stems(main)
        found[stem] = found.get(stem, frozenset()) | {folded(word) for word in raw_tokens(others)}
    return found


@lru_cache(maxsize=1)
def opposed_words() -> dict[str, frozenset[tuple[str, str]]]:
    """Words that stand at one end of a scale, by stem: the scales and the end of each."""
    ends: dict[str, set[tuple[str, str]]] = {}
    for line in _lines("opposed.txt"):
        sides = line.split("|")
        for side in sides:
            for stem in _stems(side):
                ends.setdefault(stem, set()).add((sides[0].strip(), side.strip()))
    return {stem: frozenset(found) for stem, found in ends.items()}


@lru_cache(maxsize=1)
def drug_names() -> frozenset[str]:
    """Single-word drug names, generic and trade, in the marker's spelling (not stemmed)."""
    names: set[str] = set()
    for line in _lines("drugs.txt"):
        for name in line.replace("=", ",").split(","):
            words = raw_tokens(name.casefold())
            names.update(folded(word) for word in words if len(word) > 4 and word.isalpha())
    return frozenset(names)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Words that are never a misspelling of another: drug names, synonyms and the kinds."""
    words = set(drug_names())
    for line in (line for name in _SAME_MEANING for line in _lines(name)):
        words.update(folded(word) for word in raw_tokens(line.casefold()) if len(word) > 3 and word.isalpha())
    for line in (*_lines("kinds.txt"), *_lines("confusable.txt")):
        words.update(folded(word) for word in raw_tokens(line.casefold()) if word.isalpha())
    return frozenset(words)


@lru_cache(maxsize=1)
def _kinds() -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {}
    kind = ""
    for line in _lines("kinds.txt"):
        if line.startswith("["):
            kind = line[1:-1]
        else:
            words.setdefault(kind, set()).update(_stems(line))
    return {kind: frozenset(found) for kind, found in words.items()}


@cache
def kind_words(kind: str) -> frozenset[str]:
    """Stems of the words of one kind: filler, modifier, opposite, stopping, lessening, changing, tail, nothing."""
    return _kinds().get(kind, frozenset())


@lru_cache(maxsize=64)
def words_of_kinds(*kinds: str) -> frozenset[str]:
    """Stems of the words of any of these kinds."""
    return frozenset().union(*map(kind_words, kinds))
