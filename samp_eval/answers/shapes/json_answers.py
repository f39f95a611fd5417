"""Which strings of a JSON value are the answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from samp_eval.answers.shapes.json_text import JsonList, JsonObject, JsonText, JsonValue, read_json
from samp_eval.answers.word_lists import read_sections
from samp_eval.literals import AnswerShape

__all__ = ["JsonAnswers", "json_answers", "stacked_answers"]

_SECTIONS = read_sections("samp_eval.answers.shapes", "json_keys.txt")
_ANSWER_KEYS, _ENTRY_KEYS, _ASIDE_KEYS = (
    frozenset(" ".join(_SECTIONS[name]).split()) for name in ("answer", "entry", "aside")
)
_START = re.compile(r"[\[{](?=\s{0,200}[\"'\[{\]}\w-])")
_FENCES = re.compile(r"(?:`{3,}|~{3,})[\w+-]{0,20}|[\s;.]|\"\"\"")
_FLOW = re.compile(
    r"(?:\A|\n)[ \t]{0,9}(?:[A-Za-zÀ-ÿ_ ]{1,30}:)?[ \t]{0,9}\[([^\[\]\n\"{}]{3,2000})\][ \t.]{0,9}(?=\n|\Z)"
)
_MOST_TRIED = 300


@dataclass(frozen=True, slots=True)
class JsonAnswers:
    """Places of the answers' characters, the form in which they came, and whether the value was whole."""

    places: tuple[tuple[int, int], ...]
    shape: AnswerShape
    whole: bool
    value: JsonList | JsonObject | None = None


def json_answers(text: str) -> JsonAnswers | None:
    """The answers of the JSON in a text: of all of it, of what stands in a fence, of what stands among words.

    Several values that follow each other are read as one list; of several with words between them the last one holds
    the answers.
    """
    if "[" not in text and "{" not in text:
        return None
    found = _values(text)
    if not found:
        return _flow_list(text)
    value, whole = _last_value(text, found)
    around = _FENCES.sub("", text[: found[0][1]] + text[found[-1][2] :])
    fenced = "```" in text or "~~~" in text
    shape: AnswerShape = "json_among_words" if around else "json_in_fence" if fenced else "json"
    if not whole and shape == "json_among_words":
        return None
    if around and not _holds_answers(value):
        return None
    places = [place for place in _answers(text, value) if text[slice(*place)].strip()]
    return JsonAnswers(tuple(places), shape, whole, value)


def stacked_answers(text: str) -> list[tuple[tuple[int, int], ...]]:
    """The answers of each value at the end of a text, where nothing but fences stands between the values.

    Empty where fewer than two values stand there. A value that is not whole may be the last.
    """
    found = _values(text)
    rest = _FENCES.sub("", text[found[-1][2] :]) if found else ""
    if len(found) < 2 or (rest and rest[0] not in "[{"):
        return []
    run = [found[-1]]
    for earlier in reversed(found[:-1]):
        if _FENCES.sub("", text[earlier[2] : run[-1][1]]):
            break
        run.append(earlier)
    held = [value for value, *_ in reversed(run) if _holds_answers(value)]
    return [tuple(_answers(text, value)) for value in held] if len(held) > 1 else []


def _values(text: str) -> list[tuple[JsonList | JsonObject, int, int, bool]]:
    """Every list and object that is none's part: the value, its beginning and end, and whether it is whole."""
    found = []
    position = 0
    for _ in range(_MOST_TRIED):
        start = _START.search(text, position)
        if start is None:
            break
        value, position, whole = read_json(text, start.start())
        if value is not None and _has_strings(value):
            found.append((value, start.start(), position, whole))
    return found


def _last_value(
    text: str, found: list[tuple[JsonList | JsonObject, int, int, bool]]
) -> tuple[JsonList | JsonObject, bool]:
    """Join what stands one below the other; else take the last that holds answers."""
    if len(found) > 1 and all(not text[a[2] : b[1]].strip(" \t\r\n,;") for a, b in pairwise(found)):
        return JsonList([value for value, *_ in found]), all(whole for *_, whole in found)
    holding = [candidate for candidate in found if _holds_answers(candidate[0])] or found
    return holding[-1][0], holding[-1][3]


def _has_strings(value: JsonValue) -> bool:
    """Whether something in it is a string; ``[1]`` is a citation."""
    if isinstance(value, JsonText):
        return value.quoted
    if isinstance(value, JsonObject):
        return bool(value.pairs)
    return any(_has_strings(inner) for inner in value.values)


def _holds_answers(value: JsonValue) -> bool:
    """Whether a value among words can be meant as the answer: no remark alone, and no list with words or numbers."""
    if isinstance(value, JsonText):
        return value.quoted
    if isinstance(value, JsonObject):
        return any(_base(key) not in _ASIDE_KEYS for key, _ in value.pairs)
    return bool(value.values) and all(_holds_answers(inner) for inner in value.values)


def _answers(text: str, value: JsonValue) -> Iterator[tuple[int, int]]:
    """Places of the strings that answer, in order."""
    if isinstance(value, JsonText):
        yield from _lines_of(text, value)
    elif isinstance(value, JsonList):
        for inner in value.values:
            if isinstance(inner, JsonObject):
                yield from _entry(text, inner)
            else:
                yield from _answers(text, inner)
    else:
        for inner in _answering_values(value):
            yield from _answers(text, inner)


def _answering_values(value: JsonObject) -> list[JsonValue]:
    pairs = [(_base(key), inner) for key, inner in value.pairs]
    answering = [inner for key, inner in pairs if key in _ANSWER_KEYS]
    if answering:
        return answering
    others = [inner for key, inner in pairs if key not in _ASIDE_KEYS]
    lists = [inner for inner in others if isinstance(inner, JsonList)]
    return [lists[0]] if len(lists) == 1 else list(others)


def _entry(text: str, value: JsonObject) -> Iterator[tuple[int, int]]:
    """One entry of a list is one answer: its answering string, else its first one that is no remark."""
    pairs = [(_base(key), inner) for key, inner in value.pairs]
    for keys in (_ANSWER_KEYS, _ENTRY_KEYS):
        for key, inner in pairs:
            if key in keys:
                yield from _answers(text, inner)
                return
    strings = [inner for key, inner in pairs if key not in _ASIDE_KEYS and isinstance(inner, JsonText) and inner.quoted]
    if strings:
        yield from _lines_of(text, strings[0])
        return
    for key, one in pairs:
        if key not in _ASIDE_KEYS and not isinstance(one, JsonText):
            yield from _answers(text, one)


def _lines_of(text: str, string: JsonText) -> Iterator[tuple[int, int]]:
    """The lines of a string; words that are no strings are no answers, numbers are."""
    written = text[string.start : string.end]
    if not string.quoted and not written[:1].lstrip("-").isdecimal():
        return
    start = string.start
    for line in re.finditer(r"\\n|\n|\Z", written):
        if written[start - string.start : line.start()].strip():
            yield start, string.start + line.start()
        start = string.start + line.end()


def _base(key: str) -> str:
    """``Answer_1``, ``answer 2`` and ``ANSWERS`` name the same; a number names nothing."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", key).casefold() if sign.isalpha())
    return letters if len(letters) > 1 else ""


def _flow_list(text: str) -> JsonAnswers | None:
    """Read ``answers: [fever, cough]``, a list without quotation marks, where it stands on a line alone."""
    found = list(_FLOW.finditer(text))
    if len(found) != 1 or "," not in found[0].group(1):
        return None
    places, start = [], found[0].start(1)
    for piece in found[0].group(1).split(","):
        places.append((start, start + len(piece)))
        start += len(piece) + 1
    return JsonAnswers(tuple(places), "json_among_words", whole=True)
