"""A response is read: what was taken off, in which shape it answers, its answer lines, and whether that is doubtful.

The examination's rules for candidates are applied to what models write: one answer a line, numbering and bullets and
headings are no answers, and only the first N lines count. What follows a first answer on its line does not count
either, which is left to whoever marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from samp_eval.answers.characters import without_unseen
from samp_eval.answers.choices.cascade import Choice, read_choice
from samp_eval.answers.excerpt import Excerpt
from samp_eval.answers.reasoning import AnswerPart, Removed, answer_part
from samp_eval.answers.shapes.phrases import refuses
from samp_eval.answers.shapes.plain_list import plain_list
from samp_eval.answers.shapes.written import WrittenAnswers, written_answers
from samp_eval.literals import AnswerShape, OptionStep, QuestionFormat, ReadingDoubt, ReadingOutcome

__all__ = ["READING_VERSION", "AnswerLine", "Reading", "read_response"]

READING_VERSION = 2
"""Of these rules; version 1 is :mod:`samp_eval.answers.rules_v1`."""

_CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
"""Servers' own words for an answer that ended at the limit of tokens."""
_WORD = re.compile(r"[^\W_]")
_LONGEST = {True: 16_000, False: 10_000}
"""Characters that are read at either end of a response to a write-in question, and to another. Nobody writes an answer
of more, and with these bounds no text takes longer than 0.2 s (``tests/answers/test_reading_speed.py``)."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer of a response.

    Attributes
    ----------
    number : int
        From 1, in the order written.
    text : str
        Without list markers, emphasis and control characters.
    counted : bool
        Whether it is among the first N and no refusal; the others are kept and shown, never marked or scored.
    start, end : int
        Where it stands in the response, with its decoration; ``end`` is behind its last character.
    option : int or None
        Which option it chooses, from 0; None for a write-in question and where it chooses none.
    """

    number: int
    text: str
    counted: bool
    start: int = 0
    end: int = 0
    option: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a response was read.

    Attributes
    ----------
    outcome : ReadingOutcome
        ``answered`` and ``refused`` are scored; ``open`` waits for a person, ``no_answer`` is a failure.
    shape : AnswerShape
    lines : tuple of AnswerLine
        In the order written; a refusal is a line as well.
    removed : tuple of Removed
        What was taken off before reading.
    doubts : tuple of ReadingDoubt
        Empty where nothing is doubtful.
    step : OptionStep or None
        How the option was recognised.
    version : int
        Of the rules.
    decided_by : str or None
        Who decided outcome and lines; None where the rules did.
    """

    outcome: ReadingOutcome
    shape: AnswerShape
    lines: tuple[AnswerLine, ...] = ()
    removed: tuple[Removed, ...] = ()
    doubts: tuple[ReadingDoubt, ...] = ()
    step: OptionStep | None = None
    version: int = READING_VERSION
    decided_by: str | None = None

    @property
    def scored(self) -> bool:
        """Whether the response has a score, be it 0."""
        return self.outcome in ("answered", "refused")

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it and has not."""
        return bool(self.doubts) and self.decided_by is None


def read_response(
    text: str,
    *,
    requested: int,
    question_format: QuestionFormat = "write-in",
    options: Sequence[str] = (),
    finish_reason: str | None = None,
) -> Reading:
    """Read the answers of a response; takes any text and never raises.

    Parameters
    ----------
    text : str
        The response as received.
    requested : int
        How many answers the question asks for (N).
    question_format : QuestionFormat
    options : sequence of str
        Of a menu or single best answer question, in the order in which they were shown.
    finish_reason : str, optional
        As the server gave it; ``length`` and its like say that the text was cut off.

    Returns
    -------
    Reading
    """
    cut_off = (finish_reason or "").casefold() in _CUT_OFF
    listed = plain_list(text, requested) if question_format == "write-in" else None
    if listed is not None:
        whole = AnswerPart(Excerpt(text), (), unfinished=False)
        return _written_reading(WrittenAnswers(listed, "numbered"), whole, ["cut_off"] if cut_off else [], requested)
    part = answer_part(text, requested, _LONGEST[question_format == "write-in"])
    excerpt = without_unseen(part.excerpt)
    if not _WORD.search(excerpt.text):
        return _without_answer(part, finish_reason)
    doubts: list[ReadingDoubt] = []
    if part.unfinished:
        doubts.append("reasoning_left")
    if cut_off:
        doubts.append("cut_off")
    if any(removed.part == "middle" for removed in part.removed):
        doubts.append("too_long")
    if question_format == "write-in":
        return _written_reading(written_answers(excerpt, requested), part, doubts, requested)
    choice = read_choice(excerpt, options, requested, cut_off=cut_off)
    if not choice.picks and refuses(excerpt.text.strip()):
        refusal = excerpt.text.strip().split("\n")[0]
        start = excerpt.text.index(refusal)
        line = AnswerLine(1, " ".join(refusal.split()), False, *excerpt.place(start, start + len(refusal)))
        return Reading("refused", "prose", (line,), part.removed, tuple(doubts))
    return _choice_reading(choice, part, doubts, requested)


def _without_answer(part: AnswerPart, finish_reason: str | None) -> Reading:
    """Nothing but reasoning, or nothing at all: a failure, unless the model itself ended in its reasoning."""
    if part.unfinished:
        outcome: ReadingOutcome = "open" if finish_reason == "stop" else "no_answer"
        return Reading(outcome, "none", (), part.removed, ("reasoning_left",))
    return Reading("no_answer", "none", (), part.removed, ("no_line",))


def _written_reading(written: WrittenAnswers, part: AnswerPart, doubts: list[ReadingDoubt], requested: int) -> Reading:
    lines = tuple(
        AnswerLine(number, text, number <= requested and not written.refused, start, end)
        for number, (text, start, end) in enumerate(written.answers, start=1)
    )
    outcome: ReadingOutcome = "answered" if lines else "no_answer"
    found = tuple(dict.fromkeys((*doubts, *written.doubts)))
    return Reading("refused" if written.refused else outcome, written.shape, lines, part.removed, found)


def _choice_reading(choice: Choice, part: AnswerPart, doubts: list[ReadingDoubt], requested: int) -> Reading:
    lines = tuple(
        AnswerLine(number, pick.text, number <= requested, pick.start, pick.end, pick.option)
        for number, pick in enumerate(choice.picks, start=1)
    )
    outcome: ReadingOutcome = "answered" if lines else "open"
    found = tuple(dict.fromkeys((*doubts, *choice.doubts)))
    return Reading(outcome, "option" if lines else "none", lines, part.removed, found, choice.step)
