"""A long table from outside: scores of another study, on any scale, as rows of text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from samp_eval.analysis.scored_study import Scores, in_planned_order
from samp_eval.analysis.tables.long_table import columns_of
from samp_eval.errors import CannotEstimate, Fault, FaultySheet
from samp_eval.literals import MarkBasis
from samp_eval.study import Condition, Study

__all__ = ["OUTSIDE_COLUMNS", "outside_scores"]

OUTSIDE_COLUMNS = ("question_id", "respondent", "round", "score")
"""What a table must have; ``score_percent`` stands for ``score`` too. ``case_id``, ``condition`` and ``basis`` may be
added."""

_LONGEST_ROUND = 9
"""Digits: pandas keeps larger numbers as objects, and Python refuses those of thousands of digits."""

_NO_SCORE = ("", "NA", ".")
"""An empty cell, and what R and Stata write for one."""


_NEAR = 0.01
"""Of the scale: levels of a marking scheme are not nearer to each other than this."""

_MANY_LEVELS = 30
"""With more, scores are measured and not levels of a scheme: near ones are no surprise."""


class _UnusableError(ValueError):
    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


def outside_scores(
    rows: Sequence[Sequence[str]],
    file: str,
    basis: MarkBasis,
    plan: Study,
    note: Callable[[str], None] = lambda words: None,
) -> Scores:
    """Read the scores of a long table that was made elsewhere.

    Parameters
    ----------
    rows, file, basis
        As for :func:`_outside_table`.
    plan : Study
        Whose reference is followed where it names one.
    note : callable
        Is told which scores are read as one, and which are suspiciously near each other.

    Raises
    ------
    FaultySheet
        With every fault.
    CannotEstimate
        No row has a score.
    """
    table = _outside_table(rows, file, basis, note)
    empty = table["score_percent"].isna()
    if empty.all():
        raise CannotEstimate(f"no row of {file} has a score")
    respondents = in_planned_order(list(dict.fromkeys(table["respondent"])), plan)
    return Scores(plan=plan, respondents=respondents, table=table[~empty], failed=table[empty])


def _outside_table(
    rows: Sequence[Sequence[str]], file: str, basis: MarkBasis, note: Callable[[str], None]
) -> pd.DataFrame:
    """Read a long table that was made elsewhere.

    Parameters
    ----------
    rows : sequence
        Cells in the order of the file, the first row the header; other columns do not matter.
    file : str
        What messages call it.
    basis : MarkBasis
        Of rows that do not name one.

    Returns
    -------
    DataFrame
        The columns of :mod:`samp_eval.analysis.tables.long_table`. ``score_percent`` is the score in the unit of its
        own scale, NaN where the cell is empty, ``NA`` or a point; a score that was written with fewer decimals
        elsewhere (33.33 and 33.3333) is read as the more exact one. ``requested`` is 1 where only two scores occur,
        else 0: no number of lines is known.

    Raises
    ------
    FaultySheet
        With every fault.
    """
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    header = ["score" if cell == "score_percent" and "score" not in header else cell for cell in header]
    missing = [column for column in OUTSIDE_COLUMNS if column not in header]
    if missing:
        found = ", ".join(cell for cell in header if cell) or "nothing"
        raise FaultySheet([Fault(file, "row 1", f"the columns {', '.join(missing)} are missing; found {found}")])
    records, faults = _records(header, rows[1:], file, basis)
    if not records and not faults:
        faults = [Fault(file, "", "there is no row below the header")]
    if faults:
        raise FaultySheet(faults, "nothing was computed")
    table = pd.DataFrame(records)
    table = table.assign(score_percent=_one_score_for_each(table.pop("written"), table["score_percent"], note))
    two_scores = table["score_percent"].nunique() == 2
    return table.assign(requested=int(two_scores), correct=float("nan"))[
        columns_of(map(Condition.from_label, table["condition"].unique()))
    ]


def _records(
    header: list[str], rows: Sequence[Sequence[str]], file: str, basis: MarkBasis
) -> tuple[list[dict[str, Any]], list[Fault]]:
    records: list[dict[str, Any]] = []
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            record = _record({name: cell.strip() for name, cell in zip(header, cells, strict=False)}, basis)
            place = tuple(record[name] for name in ("question_id", "respondent", "round", "basis"))
            if seen.setdefault(place, number) != number:
                raise _UnusableError(
                    "round", f"row {seen[place]} holds the score of this question, respondent and round"
                )
        except _UnusableError as error:
            faults.append(Fault(file, f"row {number}, column {error.column}", str(error)))
        else:
            records.append(record)
    return records, faults


def _record(row: Mapping[str, str], basis: MarkBasis) -> dict[str, Any]:
    for column in ("question_id", "respondent"):
        if not row.get(column):
            raise _UnusableError(column, "is empty")
    written = row.get("round", "")
    if not written.removesuffix(".0").isdecimal() or len(written) > _LONGEST_ROUND:
        raise _UnusableError("round", f"found {written[:40]!r}; a round is a whole number")
    named = row.get("basis") or basis
    if named not in ("key", "judgement"):
        raise _UnusableError("basis", f"found {named[:40]!r}; a basis is key or judgement")
    condition = _condition(row.get("condition", ""))
    return {
        "question_id": row["question_id"],
        "case_id": row.get("case_id") or row["question_id"],
        "respondent": row["respondent"],
        "round": int(written.removesuffix(".0")),
        "condition": condition.label,
        "prompted": condition.prompted,
        "regenerated": condition.regenerated,
        "later": condition.later,
        "pictures": condition.pictures,
        "basis": named,
        "written": row.get("score", ""),
        "score_percent": _score(row.get("score", "")),
    }


def _one_score_for_each(written: pd.Series, scores: pd.Series, note: Callable[[str], None]) -> pd.Series:
    """The scores, with one value for those that were only rounded differently; others that are near are named."""
    decimals: dict[float, int] = {}
    for text, score in zip(written.map(_with_point), scores, strict=True):
        decimals[score] = max(decimals.get(score, 0), len(text.partition(".")[2]))
    levels = sorted(score for score in decimals if not math.isnan(score))
    apart = _NEAR * (levels[-1] - levels[0]) if levels else 0.0
    exact: dict[float, float] = {}
    for lower, upper in pairwise(levels):
        rough, fine = sorted((lower, upper), key=lambda score: decimals[score])
        if upper - lower >= apart:
            continue
        if 0 < decimals[rough] < decimals[fine] and math.isclose(round(fine, decimals[rough]), rough, abs_tol=1e-12):
            exact[rough] = fine
            note(f"note: the scores {rough:g} and {fine:.9g} are read as one, {fine:.9g}: one is the other rounded")
        elif len(levels) <= _MANY_LEVELS:
            note(
                f"note: the scores {lower:.9g} and {upper:.9g} are nearer than a hundredth of the scale and count as "
                "two levels; give them one value if they are the same score"
            )
    for rough in sorted(exact, reverse=True):
        exact[rough] = exact.get(exact[rough], exact[rough])
    return scores.replace(exact)


def _with_point(written: str) -> str:
    """A number with a decimal comma as with a point."""
    return written.replace(",", ".") if written.count(",") == 1 and "." not in written else written


def _condition(written: str) -> Condition:
    try:
        return Condition.from_label(written) if written else Condition()
    except ValueError as error:
        raise _UnusableError("condition", str(error)) from error


def _score(written: str) -> float:
    try:
        score = math.nan if written in _NO_SCORE else float(_with_point(written))
    except ValueError:
        score = math.inf
    if math.isinf(score):
        raise _UnusableError("score", f"found {written[:40]!r}; a score is a number, and empty where there is none")
    return score
