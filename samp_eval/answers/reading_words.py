"""Why a reading is doubtful, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from samp_eval.literals import ReadingDoubt

__all__ = ["DOUBTS", "doubts_in_words"]

DOUBTS: Mapping[ReadingDoubt, str] = {
    "two_shapes": "a list and other lines could both be the answers",
    "headings": "headings stand over items",
    "fewer_in_prose": "prose with fewer answers than asked for",
    "more_in_prose": "prose with more answers than asked for",
    "several_on_one_line": "several answers on one line",
    "no_line": "no answer line",
    "cut_off": "cut off at the limit of tokens",
    "markup_left": "markup left in a line",
    "struck_through": "words struck through",
    "reasoning_left": "reasoning that does not end, or nothing behind it",
    "too_long": "too long to be read whole",
    "letter_and_text": "letter and words name different options",
    "several_options": "more options than asked for",
    "fewer_options": "fewer options than asked for",
    "no_option": "no option",
}


def doubts_in_words(doubts: Iterable[ReadingDoubt]) -> str:
    """The doubts of a reading, separated by semicolons."""
    return "; ".join(DOUBTS[doubt] for doubt in doubts)
