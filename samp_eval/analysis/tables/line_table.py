"""The line-level table: one row per requested answer line of each response, on each basis."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.score import LineCredits
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import COLUMNS, columns_of
from samp_eval.literals import MarkBasis
from samp_eval.study import Condition

__all__ = ["LINE_COLUMNS", "line_table"]

_OF_LINES = ("line", "given", "text", "entry", "credit", "earned")
LINE_COLUMNS = (*COLUMNS[: COLUMNS.index("basis") + 1], *_OF_LINES)
"""And ``pictures``, where the long table has it."""


def line_table(study: ScoredStudy) -> pd.DataFrame:
    """Every requested line of every response, with what it adds to the score.

    Returns
    -------
    DataFrame
        Columns :data:`LINE_COLUMNS`. ``credit`` is the consensus of the marks (0, 1 or a fraction, NaN while open);
        ``earned`` is what the line adds to the score, so that it sums to ``correct`` of the long table. A line that
        was asked for and not given has an empty text, no credit, and earns 0.
    """
    lines = study.lines
    of_study = columns_of(response.ask.condition for response in lines.responses)
    columns = [*of_study[: of_study.index("basis") + 1], *_OF_LINES]
    given = pd.DataFrame({"place": lines.response, "line": lines.number, "given": True, "text": list(lines.texts)})
    parts = []
    for basis, credits in study.credits.items():
        earned = _earned(lines, credits)
        of_lines = given.assign(entry=list(credits.entries), credit=credits.credit, earned=earned)
        scored = pd.concat([of_lines, _not_given(lines)])
        of_basis = pd.Categorical([basis] * len(scored), categories=get_args(MarkBasis))
        parts.append(scored.assign(basis=of_basis).sort_values(["place", "line"]))
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    asked = _asked(lines).iloc[table["place"].to_numpy()].reset_index(drop=True)
    return pd.concat([asked, table], axis=1)[columns]


_ASKED = columns_of([Condition(pictures=False)])[:9]


def _asked(lines: CountedLines) -> pd.DataFrame:
    """What was asked, of whom and how, for every response."""
    rows = []
    for response, (case, _) in zip(lines.responses, lines.asked, strict=True):
        ask, condition = response.ask, response.ask.condition
        how = (condition.label, condition.prompted, condition.regenerated, condition.later, condition.pictures)
        rows.append((ask.question_id, case.id, ask.respondent, ask.round, *how))
    table = pd.DataFrame.from_records(rows, columns=_ASKED)
    return table.astype({"respondent": "category", "condition": "category"})


def _not_given(lines: CountedLines) -> pd.DataFrame:
    """The lines that were asked for and not given: they earn nothing, unless a person must say what was given."""
    requested = lines.requested
    last = np.zeros(len(requested), dtype=np.int64)
    np.maximum.at(last, lines.response, lines.number)
    missing = np.maximum(requested - last, 0)
    place = np.repeat(np.arange(len(requested)), missing)
    first = np.repeat(np.cumsum(missing) - missing, missing)
    number = last[place] + np.arange(len(place)) - first + 1
    earned = np.where(lines.undecided[place], np.nan, 0.0)
    return pd.DataFrame(
        {"place": place, "line": number, "given": False, "text": "", "entry": "", "credit": np.nan, "earned": earned}
    )


def _earned(lines: CountedLines, credits: LineCredits) -> NDArray[np.float64]:
    """What each line adds to the score of :mod:`samp_eval.analysis.score`; NaN while it is open.

    A line whose key entry or answer has earned before in its response adds only what its credit is above the earlier
    one: nothing, unless the consensus rule is ``mean``.
    """
    earned = np.full(len(credits.credit), np.nan)
    known = np.flatnonzero(~np.isnan(credits.credit))
    if len(known):
        of_what = [lines.response[known], credits.once[known]]
        highest = pd.Series(credits.credit[known]).groupby(of_what).cummax()
        earned[known] = highest - highest.groupby(of_what).shift(fill_value=0.0)
    return earned
