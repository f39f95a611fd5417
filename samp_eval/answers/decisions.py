"""What a person says the answers in a text are, applied to it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from samp_eval.answers.reading import AnswerLine, Reading
from samp_eval.items.samp import Question
from samp_eval.run.respondent import ReadingDecision

__all__ = ["Place", "decided_reading", "option_named", "places_of"]

Place = tuple[int, int]
_LETTER_OF_WORD = re.compile(r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese put no spaces between words."""
_MOST_TRIED = 1000
"""Places of a line that are tried: a text of nothing but its letters must not take long."""


def decided_reading(decision: ReadingDecision, by_rules: Reading, text: str, question: Question) -> Reading:
    """The reading that a person decided; the one by the rules where the decision fits the question no more.

    Parameters
    ----------
    decision : ReadingDecision
    by_rules : Reading
        Its shape, its doubts and what was taken off stay.
    text : str
        The response.
    question : Question
    """
    if question.format == "write-in":
        options: list[int | None] = [None] * len(decision.answers)
        places = places_of(decision.answers, text, by_rules.lines)
    else:
        options = [option_named(words, question) for words in decision.answers]
        written = {line.option: (line.start, line.end) for line in by_rules.lines}
        places = [None if option is None else written.get(option, (0, len(text))) for option in options]
    lines = tuple(
        AnswerLine(number, words, number <= question.most_answers, *place, option)
        for number, (words, place, option) in enumerate(zip(decision.answers, places, options, strict=True), start=1)
        if place is not None
    )
    if len(lines) < len(decision.answers):
        return by_rules
    return replace(by_rules, outcome=decision.outcome, lines=lines, step=None, decided_by=decision.decided_by)


def option_named(words: str, question: Question) -> int | None:
    """Place of the option with these words; None where there is none."""
    sought = " ".join(words.casefold().split())
    for place, option in enumerate(question.options):
        if " ".join(option.casefold().split()) == sought:
            return place
    return None


def places_of(lines: Sequence[str], text: str, read: Sequence[AnswerLine] = ()) -> list[Place | None]:
    """Where in a text each line stands, without regard to markup, punctuation and case; no two at the same place.

    Parameters
    ----------
    lines : sequence of str
        Mostly in the order of the text.
    text : str
    read : sequence of AnswerLine
        Lines whose places are known already.

    Returns
    -------
    list of Place or None
        None for a line that the text does not hold, or not once more.
    """
    known = {line.text: (line.start, line.end) for line in read if line.end > line.start}
    letters, origins = _letters(text) if set(lines) - set(known) else ("", [])
    taken: list[Place] = []
    places: list[Place | None] = []
    behind = 0
    for line in lines:
        place = known.pop(line, None) or _next_place(line, text, (letters, origins), behind, taken)
        if place is not None:
            taken.append(place)
            behind = bisect_left(origins, place[1])
        places.append(place)
    return places


def _next_place(
    line: str, text: str, letters: tuple[str, list[int]], behind: int, taken: Sequence[Place]
) -> Place | None:
    """The first place of a line that is free, rather behind the line before it."""
    sought, _ = _letters(line)
    for start in (behind, 0):
        for first in islice(_found(letters[0], sought, start), _MOST_TRIED):
            place = letters[1][first], letters[1][first + len(sought) - 1] + 1
            if _is_free(place, taken) and _has_whole_words(text, place):
                return place
    return None


def _letters(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text, case folded, and where each stands in it."""
    pairs = [(part, place) for place, character in enumerate(text) for part in character.casefold() if part.isalnum()]
    return "".join(part for part, _ in pairs), [place for _, place in pairs]


def _found(letters: str, sought: str, start: int) -> Iterator[int]:
    while sought and (start := letters.find(sought, start)) >= 0:
        yield start
        start += 1


def _is_free(place: Place, taken: Sequence[Place]) -> bool:
    return all(place[1] <= start or end <= place[0] for start, end in taken)


def _has_whole_words(text: str, place: Place) -> bool:
    """Whether a place neither begins nor ends inside a word of an alphabet with spaces between its words."""
    return not any(
        0 < edge < len(text) and all(_LETTER_OF_WORD.match(character) for character in text[edge - 1 : edge + 1])
        for edge in place
    )
