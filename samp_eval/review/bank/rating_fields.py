"""What an expert can say of a question with its key, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from samp_eval.items.samp import Question
from samp_eval.review.sheets.form_sheet import FormColumn
from samp_eval.spreadsheet_cells import parse_boolean, plain

__all__ = [
    "FLAGS",
    "FREE_TEXTS",
    "NotAllowed",
    "RATING_FIELDS",
    "entry_verdicts",
    "is_rated",
    "missing_fields",
    "read_rating",
]

Verdict = Literal["yes", "no", "unsure"]

_SCALE = ("1", "2", "3", "4")
FLAGS: Mapping[str, str] = {
    "ambiguous": "it can be understood in more than one way",
    "unsafe": "following the key could harm a patient",
    "unfair": "it is unfair to candidates or patients by gender, culture or region",
    "gives_away": "it gives away the answer to another question",
}
"""Faults that an expert can flag, and what each says."""

RATING_FIELDS = (
    FormColumn(
        "relevance", 9, True, _SCALE, "For certification in family medicine: 1 not, 2 somewhat, 3 quite, 4 highly."
    ),
    FormColumn("clarity", 9, True, _SCALE, "1 not clear, 2 somewhat, 3 quite, 4 very clear."),
    FormColumn("key_right", 9, True, (), "Letters of the entries that are right; all: every entry not named beside."),
    FormColumn("key_wrong", 9, True, (), "Letters of the entries that are wrong; say why in the comment."),
    FormColumn("key_unsure", 9, True, (), "Letters of the entries that you are unsure about."),
    FormColumn("missing", 28, True, (), "Right answers that the key lacks, separated by semicolons."),
    FormColumn("source_current", 9, True, ("yes", "no"), "Is the named source still in force?"),
    FormColumn("newer_source", 22, True, (), "If not: what has replaced it."),
    *(FormColumn(name, 9, True, ("0", "1"), f"1: {what}; otherwise leave it empty.") for name, what in FLAGS.items()),
    FormColumn(
        "expected", 9, True, (), "How many lines a just-competent new family physician has right: 0 to N, such as 1.5."
    ),
    FormColumn("comment", 34, True),
)

_LETTERS = re.compile(r"[A-Z]{1,2}(?:[\s,;]+[A-Z]{1,2})*")
FREE_TEXTS = ("missing", "newer_source", "comment")


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """What a cell may say, where it says something else."""

    allowed: str


def read_rating(name: str, cell: str, question: Question) -> str | NotAllowed:
    """The value that a cell holds, as it is kept; empty for an empty cell, and what is allowed where it is neither."""
    text = plain(cell.strip()).strip()
    if name in FREE_TEXTS or not text:
        return text
    if name in ("relevance", "clarity"):
        return _whole(text, _SCALE)
    if name in FLAGS:
        truth = parse_boolean(text)
        return _whole(text if truth is None else str(int(truth)), ("0", "1"))
    if name == "source_current":
        word = {"y": "yes", "n": "no", "1": "yes", "0": "no"}.get(text.casefold(), text.casefold())
        return word if word in ("yes", "no") else NotAllowed("yes, no")
    if name == "expected":
        return _lines(text, question.requested)
    return _letters(text, question.lettered_key())


def _whole(text: str, allowed: tuple[str, ...]) -> str | NotAllowed:
    bare = re.sub(r"[.,]0+$", "", text)
    return bare if bare in allowed else NotAllowed(", ".join(allowed))


def _lines(text: str, requested: int) -> str | NotAllowed:
    number = text.replace(",", ".")
    if re.fullmatch(r"\d{1,2}(\.\d{1,3})?", number) and float(number) <= requested:
        return f"{float(number):g}"
    return NotAllowed(f"a number from 0 to {requested}, such as {requested * 0.6:.1f}")


def _letters(text: str, known: Collection[str]) -> str | NotAllowed:
    allowed = NotAllowed(f"all, none, or letters among {', '.join(known)}, separated by commas")
    word = text.casefold()
    if word in ("all", "none"):
        return word
    upper = text.upper()
    if not _LETTERS.fullmatch(upper):
        return allowed
    named = re.split(r"[\s,;]+", upper)
    return ", ".join(dict.fromkeys(named)) if set(named) <= set(known) else allowed


def entry_verdicts(values: Mapping[str, str], question: Question) -> dict[str, Verdict]:
    """What an expert says of each key entry, by letter; entries without a word are missing.

    A letter under wrong or unsure wins over ``all``.
    """
    letters = list(question.lettered_key())
    found: dict[str, Verdict] = {}
    columns: tuple[tuple[str, Verdict], ...] = (("key_right", "yes"), ("key_unsure", "unsure"), ("key_wrong", "no"))
    for everything in (True, False):
        for column, verdict in columns:
            text = values.get(column, "")
            if text == "all" and everything:
                found |= dict.fromkeys(letters, verdict)
            elif text not in ("", "all", "none") and not everything:
                found |= dict.fromkeys(text.split(", "), verdict)
    return {letter: found[letter] for letter in letters if letter in found}


def missing_fields(values: Mapping[str, str], question: Question) -> list[str]:
    """What is still to be said before a question counts as rated."""
    needed = ["relevance", "clarity", "expected", *(["source_current"] if question.source is not None else [])]
    missing = [name for name in needed if not values.get(name)]
    judged = entry_verdicts(values, question)
    return missing + [f"key entry {letter}" for letter in question.lettered_key() if letter not in judged]


def is_rated(values: Mapping[str, str], question: Question) -> bool:
    """Whether an expert has said all that is asked of a question."""
    return not missing_fields(values, question)
