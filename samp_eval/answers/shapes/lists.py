"""Lists: which lines are items, and whether the items or those below them are the answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.lines import Line
from samp_eval.answers.shapes.list_markers import MarkerKind, marker_of, may_be_numbered
from samp_eval.answers.shapes.phrases import answer_label_end, introduces, is_sentence
from samp_eval.literals import AnswerShape, ReadingDoubt

__all__ = ["ListedAnswers", "listed_answers"]

_KINDS: tuple[MarkerKind, ...] = ("number", "labelled", "letter", "roman", "ordinal", "bare_number", "bullet")
_ROMAN_LETTERS = {"i": 1, "v": 5, "x": 10}
_SHAPES: dict[MarkerKind, AnswerShape] = {"bullet": "bulleted", "letter": "lettered"}
_DECIMAL = re.compile(r"\d{1,2}(?:\.\d{1,2})+[.)]?\s+")
_DEEPER = 2
"""Columns by which an item stands further right than the one that it belongs to."""
_EXPLAINS: tuple[str, ...] = (
    "because",
    "due to",
    "to ",
    "for ",
    "since ",
    "as ",
    "this ",
    "these ",
    "it ",
    "which ",
    "why",
    "e.g",
    "i.e",
    "such as",
)
_EXPLAINS += (
    "car ",
    "parce",
    "afin",
    "weil",
    "da ",
    "um ",
    "porque",
    "para ",
    "因为",
    "rationale",
    "reason",
    "explanation",
    "note",
)


@dataclass(slots=True)
class _Item:
    line: Line
    below: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListedAnswers:
    """The answers of a list, with its shape and what is doubtful about it."""

    lines: tuple[Line, ...]
    shape: AnswerShape
    doubts: tuple[ReadingDoubt, ...] = ()


def listed_answers(text: str, lines: list[Line], requested: int) -> ListedAnswers | None:
    """Find the answers of the list in these lines; None where they hold no list.

    The markers furthest left make the list; of those that stand equally far, numbers go before letters and letters
    before bullets, so that bullets below numbered answers explain them.
    """
    _read_roman_numerals(lines)
    kinds: list[tuple[int, int, MarkerKind, list[Line]]] = []
    for place, kind in enumerate(_KINDS):
        marked = [line for line in lines if line.marker is not None and line.marker.kind == kind]
        if marked and (kind in ("number", "bullet") or _runs(marked, lines)):
            kinds.append((min(line.indent for line in marked) // _DEEPER, place, kind, marked))
    for _, _, kind, marked in sorted(kinds, key=lambda one: one[:2]):
        if len(marked) > 1 or _single_is_item(marked[0], lines, requested):
            found = _items(text, lines, marked, kind, requested)
            if found is not None:
                return found
    return None


def _read_roman_numerals(lines: list[Line]) -> None:
    """A lone ``i.`` is a letter unless ``ii.`` stands beside it."""
    if any(line.marker and line.marker.kind == "roman" for line in lines):
        for line in lines:
            if line.marker and line.marker.kind == "letter" and line.marker.sign.lower() in _ROMAN_LETTERS:
                line.marker = replace(line.marker, kind="roman", value=_ROMAN_LETTERS[line.marker.sign.lower()])


def _runs(marked: list[Line], lines: list[Line]) -> bool:
    """Whether markers that may be words count from the first one on: A, B, C; ``E. coli`` alone is an answer."""
    markers = [line.marker for line in marked if line.marker]
    if markers[0].kind == "labelled" and len({marker.sign for marker in markers}) > 1:
        return False
    if markers[0].kind == "bare_number" and len(markers) < len(lines):
        return False
    return len(markers) > 1 and [marker.value for marker in markers] == list(range(1, len(markers) + 1))


def _items(text: str, lines: list[Line], marked: list[Line], kind: MarkerKind, requested: int) -> ListedAnswers | None:
    items = _nested(lines, marked, kind)
    before = lines[: lines.index(items[0].line)]
    loose = [line for line in before if not introduces(line.text) and not line.is_heading]
    first = (
        loose[-1] if loose and kind == "number" and items[0].line.marker and items[0].line.marker.value == 2 else None
    )
    doubts: list[ReadingDoubt] = []
    if kind == "bullet" and loose and loose[-1] is before[-1] and not any(is_sentence(line.text) for line in loose):
        if sum(line.marker is None for line in lines) >= len(marked):
            return None
        if len(loose) == 1 and len(items) == requested - 1:
            first = loose[0]
            doubts.append("two_shapes")
    heads = _headings_between(lines, items)
    if kind == "bullet" and len(heads) == requested > 1 and all(_explains(item.line.text, False) for item in items):
        for head in heads:
            head.drop_colon()
        return ListedAnswers(tuple(heads), "headings", ("headings",))
    chosen, nested = _chosen_level(items, requested)
    if nested or len(heads) > 1:
        doubts.append("headings")
    elif _could_be_answers(items, requested) or (first is None and _goes_on_unmarked(lines, items, requested)):
        doubts.append("two_shapes")
    if kind == "bare_number":
        doubts.append("two_shapes")
    for line in chosen:
        _strip(text, line, line.marker.kind if nested and line.marker else kind)
    shape: AnswerShape = "nested" if nested else _SHAPES.get(kind, "numbered")
    return ListedAnswers((first, *chosen) if first else tuple(chosen), shape, tuple(doubts))


def _single_is_item(marked: Line, lines: list[Line], requested: int) -> bool:
    """Whether the only marked line is a list of one: not where the lines beside it are answers as well."""
    others = [line for line in lines if line is not marked]
    if not others:
        return True
    number = marked.marker.value if marked.marker else 0
    if requested == 1:
        return number < 2
    if len(lines) == requested and not any(is_sentence(line.text) or introduces(line.text) for line in lines):
        return False
    if number == 2 and len(others) == 1 and others[0].begin < marked.begin:
        return True
    return (len(others) == 1 and number < 2) or all(is_sentence(line.text) or introduces(line.text) for line in others)


def _nested(lines: list[Line], marked: list[Line], kind: MarkerKind) -> list[_Item]:
    """The items of the outermost level, with the lines that stand below each."""
    level = min(line.indent for line in marked)
    sign = marked[0].marker.sign if kind == "bullet" and marked[0].marker else ""
    only = kind == "bullet" and _alternates(marked, sign)
    items: list[_Item] = []
    for line in lines:
        deeper = line.indent - level >= _DEEPER
        if line.marker and line.marker.kind == kind and not deeper and not (only and line.marker.sign != sign):
            items.append(_Item(line))
        elif items and (deeper or (line.marker and line.marker.kind in ("number", "bullet", "letter", "roman"))):
            items[-1].below.append(line)
    return items


def _alternates(marked: Sequence[Line], sign: str) -> bool:
    """Whether another bullet stands below every bullet of the first kind: then that one marks what belongs to it."""
    signs = [line.marker.sign for line in marked if line.marker]
    pairs = list(pairwise([*signs, sign]))
    again = signs.count(sign) > 1 or (len(set(signs)) == 2 and marked[0].is_heading)
    return len(set(signs)) > 1 and again and all(below != sign for above, below in pairs if above == sign)


def _chosen_level(items: list[_Item], requested: int) -> tuple[list[Line], bool]:
    """The items, or what stands below them where they are headings over the answers."""
    outer = [item.line for item in items]
    leaves = [line for item in items for line in (_first_level(item.below) or [item.line])]
    if len(outer) >= requested or len(leaves) <= len(outer):
        return outer, False
    headings = all(item.line.is_heading and not is_sentence(item.line.text) for item in items if item.below)
    below = [line.text for item in items for line in item.below]
    if 2 * sum(_explains(text, headings) for text in below) > len(below):
        return outer, False
    return (leaves, True) if headings or len(leaves) == requested else (outer, False)


def _first_level(below: list[Line]) -> list[Line]:
    if not below:
        return []
    level = min(line.indent for line in below)
    return [line for line in below if line.indent - level < _DEEPER]


def _explains(text: str, below_heading: bool) -> bool:
    """Whether what stands below an item explains it: a sentence, or words that give a purpose or a reason."""
    return text.casefold().startswith(_EXPLAINS) or is_sentence(text) or (text[:1].islower() and not below_heading)


def _could_be_answers(items: list[_Item], requested: int) -> bool:
    """Whether what stands below the items may be meant: the items are headings, or too few."""
    heads = [item for item in items if item.below]
    headings = all(item.line.is_heading for item in heads)
    if not heads or all(_explains(line.text, headings) for item in heads for line in item.below):
        return False
    return len(items) < requested or all(item.line.colon for item in heads)


def _headings_between(lines: list[Line], items: list[_Item]) -> list[Line]:
    """Unmarked lines that look like headings and stand directly above an item."""
    starts = {id(item.line) for item in items}
    return [
        above
        for above, below in pairwise(lines)
        if id(below) in starts and above.marker is None and above.is_heading and not is_sentence(above.text)
    ]


def _goes_on_unmarked(lines: list[Line], items: list[_Item], requested: int) -> bool:
    """Whether the list is short by as many answers as unmarked lines in a few words stand behind it."""
    last = lines.index(items[-1].line)
    behind = [line for line in lines[last + 1 :] if line.marker is None and not is_sentence(line.text)]
    return 0 < len(behind) == requested - len(items) and not any(introduces(line.text) for line in behind)


def _strip(text: str, line: Line, kind: MarkerKind) -> None:
    """Let the words begin behind the marker, and behind a number that follows a bullet."""
    decimal = _DECIMAL.match(text, line.start, line.end) if line.marker is None else None
    if decimal:
        line.start = decimal.end()
        line.text = plain(text[line.start : line.end])
    if line.marker is None or line.marker.kind != kind:
        return
    line.start = line.begin + line.marker.end
    second = marker_of(text[line.start : line.end]) if may_be_numbered(text[line.start : line.start + 1]) else None
    if second is not None and second.kind in ("number", "bullet") and second.end < line.end - line.start:
        line.start += second.end
    label = answer_label_end(text[line.start : line.end])
    if label is not None and label < line.end - line.start:
        line.start += label
    line.text = plain(text[line.start : line.end])
