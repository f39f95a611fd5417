"""The columns of the exported tables with their kind and meaning, from which the data dictionary is generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LINE_TABLE", "PICTURES", "RANK_TABLE", "SCORE_TABLE", "ExportColumn"]

Kind = Literal["text", "whole number", "number", "0 or 1"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an exported table; ``values`` gives the unit, the range and the meaning of an empty cell."""

    name: str
    kind: Kind
    values: str
    meaning: str


_WHERE = (
    ExportColumn("question_id", "text", "", "The question; by default, also the cluster."),
    ExportColumn("case_id", "text", "", "The case to which the question belongs."),
    ExportColumn("respondent", "text", "", "Who answered: a model with given settings, or a person."),
    ExportColumn("respondent_number", "whole number", "from 1", "The respondent by number; 1 is the reference."),
    ExportColumn("round", "whole number", "from 1", "One pass of the respondent over all questions."),
    ExportColumn("condition", "text", "such as prompted, bare-regenerated", "The condition of the round, in one word."),
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

PICTURES = ExportColumn("pictures", "0 or 1", "0: pictures were held back; 1: otherwise", "Condition of the round.")
"""Stands before the basis where a round held pictures back."""

SCORE_TABLE = (
    *_WHERE,
    ExportColumn("requested", "whole number", "from 1", "Number of answers that the question asks for (N)."),
    ExportColumn("correct", "number", "0 to requested; empty: a mark is open", "Number of correct answers."),
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
    ExportColumn("line", "whole number", "1 to requested", "Position of the answer line in its response."),
    ExportColumn(
        "given", "0 or 1", "0: the response has fewer lines than requested", "Whether the response has this line."
    ),
    ExportColumn(
        "text",
        "text",
        "empty: no line given",
        "The answer line. In the CSV file, a text that a spreadsheet program could run starts with an apostrophe.",
    ),
    ExportColumn("entry", "text", "a letter; empty: none is known", "Key entry that the line matches."),
    ExportColumn("credit", "number", "0 to 1; empty: open, or no line given", "Consensus of the marks for the answer."),
    ExportColumn(
        "earned",
        "number",
        "0 to 1; empty: open",
        "What the line adds to the score; a key entry, or a repeated answer, earns only once in a response. "
        "The lines of a response sum to correct.",
    ),
)
"""One row for each requested answer line, on each basis."""

_OF_RANKING = "0 to 1"
RANK_TABLE = (
    ExportColumn("respondent_number", "whole number", "from 1", "The respondent by number; 1 is the reference."),
    ExportColumn("respondent", "text", "", "In order of the mean preference."),
    ExportColumn("mean_preference", "number", _OF_RANKING, "How often preferred to the others, ties as a half."),
    ExportColumn("ci_low", "number", "", "Lower bound of the mean preference."),
    ExportColumn("ci_high", "number", "", "Upper bound of the mean preference."),
    ExportColumn("strength", "number", "they sum to 0; empty: not finite", "Log worth under Davidson's model."),
    ExportColumn("strength_se", "number", "empty: not finite", "Standard error of the strength, over clusters."),
    ExportColumn("quasi_se", "number", "empty: not finite", "For intervals that can be compared by eye."),
    ExportColumn("rank_low", "whole number", "from 1", "Best rank that the data allow, simultaneously for all."),
    ExportColumn("rank_high", "whole number", "from 1", "Worst rank that the data allow."),
    ExportColumn("nash", "number", _OF_RANKING, "Share of the mixture that nobody beats."),
    ExportColumn("nash_low", "number", _OF_RANKING, "Lower bound of that share."),
    ExportColumn("nash_high", "number", _OF_RANKING, "Upper bound of that share."),
)
"""One row for each ranked respondent."""
