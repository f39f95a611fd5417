"""Answers without list markers: one a line, headings with their explanations, or prose."""

from __future__ import annotations

from itertools import groupby

from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.lines import Line
from samp_eval.answers.shapes.lists import ListedAnswers
from samp_eval.answers.shapes.phrases import closes, introduces, is_sentence
from samp_eval.literals import AnswerShape, ReadingDoubt

__all__ = ["free_answers"]


def free_answers(text: str, lines: list[Line], requested: int) -> ListedAnswers:
    """Read lines without a list: introductions, closing remarks and headings over other lines are no answers."""
    for line in lines:
        if line.marker is not None and line.marker.kind in ("number", "bullet"):
            line.start = max(line.start, line.begin + line.marker.end)
            line.text = plain(text[line.start : line.end])
    doubts: list[ReadingDoubt] = []
    lines = _without_remarks(lines, requested, doubts)
    headed = _headed(lines, requested)
    if headed is not None:
        return headed
    lines = _without_headings(lines, requested, doubts)
    first = _paragraph_heads(lines, requested)
    if first is not None:
        return ListedAnswers(tuple(first), "headings", (*doubts, "two_shapes"))
    sentences = sum(is_sentence(line.text) for line in lines)
    shape: AnswerShape = "prose" if 2 * sentences > len(lines) else "lines"
    if shape == "prose" and len(lines) < requested:
        doubts.append("fewer_in_prose")
    elif shape == "prose" and len(lines) > requested and not (requested == 1 and not is_sentence(lines[0].text)):
        doubts.append("more_in_prose")
    elif len(lines) > requested and is_sentence(lines[0].text) and sentences == 1:
        doubts.append("two_shapes")
    return ListedAnswers(tuple(lines), shape, tuple(doubts))


def _without_remarks(lines: list[Line], requested: int, doubts: list[ReadingDoubt]) -> list[Line]:
    while len(lines) > 1 and closes(lines[-1].text) and is_sentence(lines[-1].text):
        lines = lines[:-1]
    while len(lines) > 1 and _is_introduction(lines, requested):
        lines = lines[1:]
    rest = lines[1:]
    if len(rest) == requested > 1 and is_sentence(lines[0].text) and not any(is_sentence(line.text) for line in rest):
        if rest[0].paragraph == lines[0].paragraph:
            doubts.append("two_shapes")
        return rest
    if len(rest) == requested > 1 and {line.paragraph for line in rest} == {rest[0].paragraph} != {lines[0].paragraph}:
        doubts.append("two_shapes")
        return rest
    return lines


def _is_introduction(lines: list[Line], requested: int) -> bool:
    """Whether the first line says that answers follow; without an end mark only where there are answers enough."""
    first = lines[0]
    ended = first.text.endswith((":", "：", ".", "!", "。", "！"))
    a_title = first.bold and not first.colon and len(lines) > 2
    return introduces(first.text) and not a_title and (ended or len(lines) > requested)


def _headed(lines: list[Line], requested: int) -> ListedAnswers | None:
    """Take headings for the answers where there are as many as asked for and each has its explanation below."""
    for heads in ([line for line in lines if line.level], [line for line in lines if line.bold]):
        if len(heads) == requested > 1 and len(lines) > len(heads) and lines[0] is heads[0]:
            others = [line for line in lines if line not in heads]
            for head in heads:
                head.drop_colon()
            doubtful = not all(is_sentence(line.text) for line in others)
            return ListedAnswers(tuple(heads), "headings", ("headings",) if doubtful else ())
    return None


def _without_headings(lines: list[Line], requested: int, doubts: list[ReadingDoubt]) -> list[Line]:
    """Drop headings over other lines: bold, with heading signs, or with a colon at the end."""
    rest = [line for line in lines if not line.is_heading]
    heads = len(lines) - len(rest)
    if not heads or not rest:
        return lines
    if len(lines) <= requested and len(rest) < requested and not all(line.colon for line in lines if line.is_heading):
        return lines
    if requested == 1 and lines[0].is_heading and not lines[0].colon:
        return lines
    if heads > 1 or not lines[0].is_heading:
        doubts.append("headings")
    return rest


def _paragraph_heads(lines: list[Line], requested: int) -> list[Line] | None:
    """The first lines of paragraphs, where there are as many as asked for and sentences stand below each."""
    if len(lines) <= requested or requested < 2:
        return None
    paragraphs = [list(group) for _, group in groupby(lines, key=lambda line: line.paragraph)]
    if len(paragraphs) != requested or any(is_sentence(paragraph[0].text) for paragraph in paragraphs):
        return None
    if not all(is_sentence(line.text) for paragraph in paragraphs for line in paragraph[1:]):
        return None
    return [paragraph[0] for paragraph in paragraphs]
