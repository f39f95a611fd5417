"""Answers to menu and single best answer questions: the letter of an option, its text, or both."""

from __future__ import annotations

import re

from samp_eval.answers.distinct import normalised
from samp_eval.items.samp import Question, entry_letter
from samp_eval.review.markers.spelling import Speller
from samp_eval.review.markers.wording import Answer, Wording, read_answer, read_wording

__all__ = ["mark_option"]

_LETTER = re.compile(r"^\W*(?:option\s+|answer:?\s+)?([A-Za-z])(?:[\s.):,;\-–—]+(.*))?$", re.IGNORECASE | re.DOTALL)


def mark_option(question: Question, text: str) -> tuple[str, str | None, str]:
    """Mark one line of a question that is answered by choosing among options.

    Returns
    -------
    tuple
        Letter of the key entry or ``0``, the option that was chosen or None, and the reason.
    """
    chosen, problem = _chosen(question.options, text)
    if chosen is None:
        return "0", None, problem
    option = question.options[chosen]
    for position, entry in enumerate(question.key):
        if entry.answer == option:
            return entry_letter(position), option, f'chose "{option}"'
    return "0", option, f'chose "{option}", which the key does not hold'


def _chosen(options: tuple[str, ...], text: str) -> tuple[int | None, str]:
    by_text = {normalised(option): position for position, option in enumerate(options)}
    if (exact := by_text.get(normalised(text).rstrip("."))) is not None:
        return exact, ""
    lettered = _LETTER.match(text.strip())
    if lettered is None:
        return _by_words(options, text)
    position = ord(lettered.group(1).upper()) - ord("A")
    rest = (lettered.group(2) or "").strip()
    if not rest:
        return (position, "") if position < len(options) else (None, "no option has this letter")
    meant, _ = _by_words(options, rest)
    if meant is None:
        return _by_words(options, text)
    if meant != position:
        return None, f'the letter and the words name different options (the words: "{options[meant]}")'
    return position, ""


def _by_words(options: tuple[str, ...], text: str) -> tuple[int | None, str]:
    """Find the one option whose telling words are all said."""
    speller = Speller(options)
    answer = read_answer(text, speller.corrected)
    said = {token.stem or token.written for token in answer.tokens}
    wanted = [read_wording(option) for option in options]
    holding = [
        place
        for place, option in enumerate(wanted)
        if option.sought and option.sought <= said and _quantities_said(option, answer)
    ]
    fullest = [place for place in holding if not any(wanted[place].sought < wanted[other].sought for other in holding)]
    if len(fullest) == 1:
        return fullest[0], ""
    return None, "names more than one option" if fullest else "names none of the options"


def _quantities_said(wording: Wording, answer: Answer) -> bool:
    found = [token.quantity for token in answer.tokens if token.quantity is not None]
    return all(any(quantity.within(wanted) for quantity in found) for wanted in wording.quantities)
