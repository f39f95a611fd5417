"""The exported tables' columns, in order, each with its kind and its meaning; the data dictionary is made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LINE_TABLE", "SCORE_TABLE", "ExportColumn"]

Kind = Literal["text", "whole number", "number", "0 or 1"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an exported table; ``values`` says unit, range and what an empty cell means."""

    name: str
    kind: Kind
    values: str
    meaning: str


_WHERE = (
    ExportColumn("question_id", "text", "", "The question; what a cluster is by default."),
    ExportColumn("case_id", "text", "", "The case to which the question belongs."),
    ExportColumn("respondent", "text", "", "Who answered: a model under given settings, or a person."),
    ExportColumn("respondent_number", "whole number", "from 1", "The respondent by number; 1 is the reference."),
    ExportColumn("round", "whole number", "from 1", "One pass of the respondent over all questions."),
    ExportColumn("condition", "text", "such as prompted, bare-regenerated", "How the round was asked, in one word."),
    ExportColumn("prompted", "0 or 1", "1: with instructions; 0: bare", "Condition of the round."),
    ExportColumn("regenerated", "0 or 1", "1: sampled again soon after; 0: fresh", "Condition of the round."),
    ExportColumn("later", "0 or 1", "1: asked again later; 0: first asking", "Condition of the round."),
    ExportColumn(
        "basis",
        "text",
        "key or judgement",
        "key: marked by the answer key; judgement: by the reviewers' own knowledge.",
    ),
)

SCORE_TABLE = (
    *_WHERE,
    ExportColumn("requested", "whole number", "from 1", "Answers that the question asks for (N)."),
    ExportColumn("correct", "number", "0 to requested; empty: a mark is open", "Answers that are right."),
    ExportColumn(
        "score_percent",
        "number",
        "0 to 100, six decimals; empty: a mark is open",
        "100 x correct / requested: the ordinal outcome.",
    ),
)
"""One row for each question, respondent, round and basis."""

LINE_TABLE = (
    *_WHERE,
    ExportColumn("line", "whole number", "1 to requested", "Place of the answer line in its response."),
    ExportColumn("given", "0 or 1", "0: fewer lines came than were asked for", "Whether there is such a line."),
    ExportColumn(
        "text",
        "text",
        "empty where none was given",
        "The answer line. In the CSV file an apostrophe stands before a text that a spreadsheet program could run.",
    ),
    ExportColumn("entry", "text", "a letter; empty: none is known", "Entry of the key that the line matches."),
    ExportColumn(
        "credit", "number", "0 to 1; empty: open, or no line given", "What the marks of the answer come to (consensus)."
    ),
    ExportColumn(
        "earned",
        "number",
        "0 to 1; empty: open",
        "What the line adds to the score: a key entry, and the same answer again, earn once in a response. "
        "Sums to correct.",
    ),
)
"""One row for each answer line that was asked for, on each basis."""
