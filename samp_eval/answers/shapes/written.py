"""The answers of a write-in question: in which shape a text gives them, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from samp_eval.answers.excerpt import Excerpt
from samp_eval.answers.shapes.free import free_answers
from samp_eval.answers.shapes.inline import has_leftover_markup, plain, struck
from samp_eval.answers.shapes.json_answers import json_answers
from samp_eval.answers.shapes.json_text import string_value
from samp_eval.answers.shapes.lines import Line, split_lines
from samp_eval.answers.shapes.list_markers import marker_of
from samp_eval.answers.shapes.lists import ListedAnswers, listed_answers
from samp_eval.answers.shapes.markup import has_html_list, with_lines_for_markup
from samp_eval.answers.shapes.phrases import is_sentence, refuses
from samp_eval.answers.shapes.sections import answer_lines_of
from samp_eval.answers.shapes.tables import table_answers
from samp_eval.literals import AnswerShape, ReadingDoubt

__all__ = ["WrittenAnswers", "written_answers"]

_WRITTEN_BREAK = re.compile(r"(?:\\r)?\\n(?![a-z])")
_SEPARATED = re.compile(r"[;；、]|\s\(?[2-9][.)]\s")
_LISTED = re.compile(r"[,，]|\s(?:and|et|und|y)\s|和|及|\s[&+/]\s")


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """The answers in order, each with its place in the response.

    Attributes
    ----------
    answers : tuple of (str, int, int)
        The words without decoration; from where to where they stand in the response, with it.
    shape : AnswerShape
    doubts : tuple of ReadingDoubt
    refused : bool
        Whether the only answer is a refusal in words.
    """

    answers: tuple[tuple[str, int, int], ...]
    shape: AnswerShape
    doubts: tuple[ReadingDoubt, ...] = ()
    refused: bool = False


def written_answers(excerpt: Excerpt, requested: int) -> WrittenAnswers:
    """Read the answers of an excerpt that holds nothing but the answer part of a response."""
    found = _from_json(excerpt)
    if found is None:
        html = has_html_list(excerpt.text)
        excerpt = with_lines_for_markup(_with_real_breaks(excerpt))
        found = _from_table(excerpt) or _from_lines(excerpt, requested)
        if html and found.shape in ("bulleted", "numbered"):
            found = WrittenAnswers(found.answers, "html_list", found.doubts, found.refused)
    if not found.answers:
        return WrittenAnswers((), "none", ("no_line",))
    if found.refused:
        return found
    doubts = [*found.doubts, *_doubts_of_texts([text for text, *_ in found.answers], requested)]
    if struck(excerpt.text):
        doubts.append("struck_through")
    return WrittenAnswers(found.answers, found.shape, tuple(dict.fromkeys(doubts)))


def _with_real_breaks(excerpt: Excerpt) -> Excerpt:
    r"""A text that was written as a string of a program, with quotation marks around it and ``\n`` in it."""
    text = excerpt.text
    if "\\n" not in text or "\n" in text.strip():
        return excerpt
    quoted = [(0, 1, ""), (len(text) - 1, len(text), "")] if text[0] == text[-1] == '"' else []
    breaks = [(*found.span(), "\n") for found in _WRITTEN_BREAK.finditer(text)]
    return excerpt.replaced(sorted([*quoted, *breaks]))


def _from_json(excerpt: Excerpt) -> WrittenAnswers | None:
    found = json_answers(excerpt.text)
    if found is None:
        return None
    answers = _answers(excerpt, found.places, string_value)
    if not answers and found.shape == "json_among_words":
        return None
    return WrittenAnswers(answers, found.shape, () if found.whole else ("cut_off",))


def _from_table(excerpt: Excerpt) -> WrittenAnswers | None:
    answers = _answers(excerpt, table_answers(excerpt.text) or (), str)
    return WrittenAnswers(answers, "table") if answers else None


def _answers(
    excerpt: Excerpt, places: Iterable[tuple[int, int]], decoded: Callable[[str], str]
) -> tuple[tuple[str, int, int], ...]:
    """The words at each place behind a list marker, where there are any."""
    answers = []
    for first, last in places:
        marker = marker_of(excerpt.text[first:last])
        start = first + (marker.end if marker and marker.kind in ("number", "bullet") else 0)
        written = excerpt.text[start:last]
        text = plain(decoded(written))
        if re.search(r"\w", text):
            start += len(written) - len(written.lstrip())
            answers.append((text, *excerpt.place(start, start + len(written.strip()))))
    return tuple(answers)


def _from_lines(excerpt: Excerpt, requested: int) -> WrittenAnswers:
    text = excerpt.text
    lines = split_lines(text)
    if not lines:
        return WrittenAnswers((), "none")
    first, rest = lines[0], lines[1:]
    refusing = refuses(first.text)
    kept, doubts = answer_lines_of(text, lines, requested)
    found = listed_answers(text, kept, requested)
    if found is None and refusing and (len(rest) < requested or any(is_sentence(line.text) for line in rest)):
        return WrittenAnswers(((first.text, *excerpt.place(first.start, first.end)),), "prose", (), refused=True)
    if found is None:
        found = free_answers(text, kept, requested)
    if refusing and found.lines and found.lines[0] is not first:
        doubts = [*doubts, "two_shapes"]
    answers = tuple((line.text, *excerpt.place(line.start, line.end)) for line in _with_words(found))
    return WrittenAnswers(answers, found.shape, (*doubts, *found.doubts))


def _with_words(found: ListedAnswers) -> list[Line]:
    return [line for line in found.lines if re.search(r"\w", line.text)]


def _doubts_of_texts(texts: list[str], requested: int) -> list[ReadingDoubt]:
    doubts: list[ReadingDoubt] = []
    separated = any(_SEPARATED.search(text) for text in texts) or (len(texts) == 1 and _LISTED.search(texts[0]))
    if separated and len(texts) < requested:
        doubts.append("several_on_one_line")
    if len(texts) == 1 and texts[0].rstrip().endswith((":", "：")):
        doubts.append("no_line")  # it announces answers that do not come
    if any(has_leftover_markup(text) for text in texts[:requested]):
        doubts.append("markup_left")
    return doubts
