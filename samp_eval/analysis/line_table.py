"""The line-level table: one row per requested answer line of each response, on each basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.frame import COLUMNS
from samp_eval.analysis.score import CountedLines, counted_lines, credits_of_lines
from samp_eval.analysis.study_table import agreed_marks
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.run.respondent import Response
from samp_eval.study import ReviewPlan

__all__ = ["LINE_COLUMNS", "line_table", "lines_scored"]

LINE_COLUMNS = (
    *COLUMNS[: COLUMNS.index("basis") + 1],
    "line",
    "given",
    "text",
    "entry",
    "credit",
    "earned",
)


def line_table(bank: Bank, responses: Sequence[Response], marks: Sequence[Mark], review: ReviewPlan) -> pd.DataFrame:
    """Every requested line of every stored response, as :func:`lines_scored` has it.

    Parameters
    ----------
    bank : Bank
    responses : sequence of Response
    marks : sequence of Mark
        The present ones.
    review : ReviewPlan
        Its consensus rule makes two reviewers' marks one.
    """
    lines = counted_lines(bank, responses)
    return lines_scored(lines, agreed_marks(lines, marks, review))


def lines_scored(lines: CountedLines, agreed: Mapping[MarkBasis, Sequence[ConsensusMark]]) -> pd.DataFrame:
    """Every requested line of every response, with what it adds to the score.

    Parameters
    ----------
    lines : CountedLines
    agreed : mapping of basis to sequence of ConsensusMark

    Returns
    -------
    DataFrame
        Columns :data:`LINE_COLUMNS`. ``credit`` is the consensus of the marks (0, 1 or a fraction, NaN while open);
        ``earned`` is what the line adds to the score, so that it sums to ``correct`` of the long table. A line that
        was asked for and not given has an empty text, no credit, and earns 0.
    """
    given = pd.DataFrame({"place": lines.response, "line": lines.number, "given": True, "text": list(lines.texts)})
    places = _places(lines)
    parts = []
    for basis, marks in agreed.items():
        credit, once, entries = credits_of_lines(lines, marks, basis)
        earned = _earned(lines.response, once, credit)
        scored = pd.concat([given.assign(entry=entries, credit=credit, earned=earned), _not_given(lines)])
        of_basis = pd.Categorical([basis] * len(scored), categories=get_args(MarkBasis))
        parts.append(scored.assign(basis=of_basis).sort_values(["place", "line"]))
    if not parts:
        return pd.DataFrame(columns=list(LINE_COLUMNS))
    table = pd.concat(parts, ignore_index=True)
    asked = places.iloc[table["place"].to_numpy()].reset_index(drop=True)
    return pd.concat([asked, table], axis=1)[list(LINE_COLUMNS)]


def _places(lines: CountedLines) -> pd.DataFrame:
    """What was asked, of whom and how, for every response."""
    rows = [
        (
            one.ask.question_id,
            case.id,
            one.ask.respondent,
            one.ask.round,
            one.ask.condition.label,
            one.ask.condition.prompted,
            one.ask.condition.regenerated,
            one.ask.condition.later,
        )
        for one, (case, _) in zip(lines.responses, lines.asked, strict=True)
    ]
    places = pd.DataFrame.from_records(rows, columns=list(LINE_COLUMNS[:8]))
    return places.astype({"respondent": "category", "condition": "category"})


def _not_given(lines: CountedLines) -> pd.DataFrame:
    """The lines that were asked for and not given: they earn nothing."""
    requested = np.array([question.requested for _, question in lines.asked], dtype=np.int64)
    last = np.zeros(len(requested), dtype=np.int64)
    np.maximum.at(last, lines.response, lines.number)
    missing = np.maximum(requested - last, 0)
    place = np.repeat(np.arange(len(requested)), missing)
    first = np.repeat(np.cumsum(missing) - missing, missing)
    number = last[place] + np.arange(len(place)) - first + 1
    return pd.DataFrame(
        {"place": place, "line": number, "given": False, "text": "", "entry": "", "credit": np.nan, "earned": 0.0}
    )


def _earned(response: NDArray[np.int64], once: NDArray[np.int64], credit: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each line adds to the score of :mod:`samp_eval.analysis.score`; NaN while it is open.

    A line whose key entry or answer has earned before in its response adds only what its credit is above the earlier
    one: nothing, unless the consensus rule is ``mean``.
    """
    earned = np.full(len(credit), np.nan)
    known = np.flatnonzero(~np.isnan(credit))
    if len(known):
        of_what = [response[known], once[known]]
        highest = pd.Series(credit[known]).groupby(of_what).cummax()
        earned[known] = highest - highest.groupby(of_what).shift(fill_value=0.0)
    return earned
