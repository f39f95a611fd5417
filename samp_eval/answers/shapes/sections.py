"""Which lines of a response are its answer: what stands below ``Answer:`` or in a fence, without explanations."""

from __future__ import annotations

from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.lines import Line
from samp_eval.answers.shapes.phrases import (
    answer_heading,
    answer_label_end,
    aside_label,
    introduces,
    is_sentence,
    question_label,
    short_label_end,
)
from samp_eval.literals import ReadingDoubt

__all__ = ["answer_lines_of"]


def answer_lines_of(text: str, lines: list[Line], requested: int) -> tuple[list[Line], list[ReadingDoubt]]:
    """Choose the lines to read the answers from.

    Parameters
    ----------
    text : str
        Of the excerpt.
    lines : list of Line
        All lines with words.
    requested : int
        How many answers were asked for (N).
    """
    doubts: list[ReadingDoubt] = []
    lines = _in_fence(lines, requested)
    lines = _labelled(text, lines, requested, doubts)
    return _without_asides(text, lines), doubts


def _in_fence(lines: list[Line], requested: int) -> list[Line]:
    """The lines of the only fenced block, where what stands around it is no list of its own."""
    inside = [line for line in lines if line.fence]
    if not inside or len(inside) == len(lines) or len({line.fence for line in inside}) > 1:
        return lines
    around = [line for line in lines if not line.fence]
    if len(inside) >= requested or all(introduces(line.text) or is_sentence(line.text) for line in around):
        return inside
    return lines


def _labelled(text: str, lines: list[Line], requested: int, doubts: list[ReadingDoubt]) -> list[Line]:
    """The lines from the last heading of answers on, if it is one over them all; headings themselves are dropped."""
    kept: list[Line] = []
    cuts: list[tuple[int, bool]] = []
    labels: list[int] = []
    asked = False
    for line in lines:
        written = text[line.begin : line.end]
        if question_label(written) and len(lines) > 1:
            asked = True
            continue
        if asked and (end := short_label_end(written)) is not None:
            line.start, line.marker = line.begin + end, None
            line.text = plain(text[line.start : line.end])
        asked = False
        heading, final, numbered = answer_heading(line.text)
        end = None if heading else answer_label_end(written)
        if heading:
            if not numbered:
                cuts.append((len(kept), final))
            continue
        if end is not None and end < len(written):
            final = answer_heading(plain(written[:end]))[1]
            line.start, line.marker = line.begin + end, None
            line.text = plain(text[line.start : line.end])
            cuts.append((len(kept), final))
            labels.append(len(kept))
        kept.append(line)
    if len(labels) > 1 and requested > 1 and not any(final for _, final in cuts):
        return [kept[place] for place in labels]
    for place, final in reversed(cuts):
        after = _until_aside(text, kept[place:])
        before = kept[:place]
        if not after:
            continue
        if final or len(after) >= requested or any(is_sentence(line.text) for line in before):
            return kept[place:]
        if before and not all(introduces(line.text) for line in before):
            doubts.append("two_shapes")
        break
    return kept


def _until_aside(text: str, lines: list[Line]) -> list[Line]:
    for place, line in enumerate(lines):
        if place and aside_label(text[line.begin : line.end], line.text):
            return lines[:place]
    return lines


def _without_asides(text: str, lines: list[Line]) -> list[Line]:
    """Without explanations: ``Rationale: ...`` with its sentences, a heading with all lines below it.

    A list that goes on behind an explanation ends it.
    """
    kept: list[Line] = []
    number, aside, bare = 0, None, False
    for line in lines:
        counted = line.marker.value if line.marker and line.marker.kind == "number" else 0
        if not counted and aside_label(text[line.begin : line.end], line.text):
            aside, bare = line, line.level > 0 or line.text.rstrip("*_ ").endswith((":", "："))
            continue
        if aside is not None:
            goes_on = counted and counted == number + 1 and number > 0
            inside = not line.is_heading if bare else line.paragraph == aside.paragraph and is_sentence(line.text)
            if inside and not goes_on:
                continue
            aside = None
        number = counted or number
        kept.append(line)
    return kept or [line for line in lines if not aside_label(text[line.begin : line.end], line.text)] or lines
