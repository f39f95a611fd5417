"""A long table from outside: scores of another study, on any scale, as rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from samp_eval.analysis.scored_study import Scores, in_planned_order
from samp_eval.analysis.tables.long_table import columns_of
from samp_eval.analysis.tables.written_scores import read_scores
from samp_eval.errors import CannotEstimate, Fault, FaultySheet
from samp_eval.literals import MarkBasis
from samp_eval.study import Condition, Study

__all__ = ["OUTSIDE_COLUMNS", "outside_scores"]

OUTSIDE_COLUMNS = ("question_id", "respondent", "round", "score")
"""What a table must have; ``score_percent`` stands for ``score`` too. ``case_id``, ``condition`` and ``basis`` may be
added."""

_LONGEST_ROUND = 9
"""Digits: pandas keeps larger numbers as objects, and Python refuses those of thousands of digits."""

_SHOWN_LEVELS = 12


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
        Is told which levels the scores have, which of them are read as one or are suspiciously near each other, and
        which names differ in capitals only.

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
        own scale, see :func:`samp_eval.analysis.tables.written_scores.read_scores`; NaN where the cell is empty,
        ``NA`` or a point. ``requested`` is 1 where only two scores occur, else 0: no number of lines is known.

    Raises
    ------
    FaultySheet
        With every fault.
    """
    header = _header(rows, file)
    records, faults = _records(header, rows[1:], file, basis)
    if not records and not faults:
        faults = [Fault(file, "", "there is no row below the header")]
    numbers = [record.pop("number") for record in records]
    read = read_scores([record.pop("written") for record in records], note)
    faults += [Fault(file, f"row {numbers[place]}, column score", words) for place, words in read.faults.items()]
    if faults:
        raise FaultySheet(faults, "nothing was computed")
    table = pd.DataFrame(records).assign(score_percent=read.scores)
    _check_cases(table, file)
    for column in ("respondent", "question_id", "case_id"):
        if column in header:
            _note_alike(table[column], column, note)
    if "score_percent" in header:
        note("note: the column score is used, and score_percent is passed over")
    levels = sorted(table["score_percent"].dropna().unique().tolist())
    if levels:
        note(f"note: {_levels_in_words(levels)}")
    return table.assign(requested=int(len(levels) == 2), correct=float("nan"))[
        columns_of(map(Condition.from_label, table["condition"].unique()))
    ]


def _header(rows: Sequence[Sequence[str]], file: str) -> list[str]:
    """Names of the columns, with ``score`` for ``score_percent``, and without a ``case_id`` that names no case."""
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    header = ["score" if cell == "score_percent" and "score" not in header else cell for cell in header]
    missing = [column for column in OUTSIDE_COLUMNS if column not in header]
    if missing:
        found = ", ".join(cell for cell in header if cell) or "nothing"
        raise FaultySheet([Fault(file, "row 1", f"the columns {', '.join(missing)} are missing; found {found}")])
    known = (*OUTSIDE_COLUMNS, "case_id", "condition", "basis")
    twice = [column for column in known if header.count(column) > 1]
    if twice:
        raise FaultySheet([Fault(file, "row 1", f"there is more than one column {column}") for column in twice])
    if "case_id" in header and not any(cell.strip() for row in rows[1:] for cell in row[header.index("case_id") :][:1]):
        header[header.index("case_id")] = ""
    return header


def _check_cases(table: pd.DataFrame, file: str) -> None:
    """A question belongs to one case."""
    cases = table.groupby("question_id", sort=False)["case_id"].unique()
    faults = [
        Fault(file, "column case_id", f"the question {question} belongs to {', '.join(sorted(own)[:3])}")
        for question, own in cases.items()
        if len(own) > 1
    ]
    if faults:
        raise FaultySheet(faults, "a question belongs to one case, in every row")


def _note_alike(names: Iterable[str], column: str, note: Callable[[str], None]) -> None:
    """Name those that only capitals and spaces tell apart, as two ways to write one name do."""
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        alike.setdefault("".join(name.casefold().split()), []).append(name)
    for found in alike.values():
        if len(found) > 1:
            listed = " and ".join(map(repr, found))
            note(f"note: {listed} in the column {column} differ in capitals or spaces only, and count as different")


def _levels_in_words(levels: Sequence[float]) -> str:
    if len(levels) == 1:
        return f"every score is {levels[0]:.6g}"
    if len(levels) > _SHOWN_LEVELS:
        return f"the scores have {len(levels)} levels, from {levels[0]:.6g} to {levels[-1]:.6g}"
    *others, last = (f"{level:.6g}" for level in levels)
    return f"the scores have {len(levels)} levels: {', '.join(others)} and {last}"


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
            if any(cell.strip() for cell in cells[len(header) :]):
                raise _UnusableError(header[-1], _too_long(cells, header))
            record = _record({name: cell.strip() for name, cell in zip(header, cells, strict=False)}, basis)
            place = tuple(record[name] for name in ("question_id", "respondent", "round", "basis"))
            if seen.setdefault(place, number) != number:
                raise _UnusableError(
                    "round", f"row {seen[place]} holds the score of this question, respondent and round"
                )
        except _UnusableError as error:
            faults.append(Fault(file, f"row {number}, column {error.column}", str(error)))
        else:
            records.append({**record, "number": number})
    return records, faults


def _too_long(cells: Sequence[str], header: Sequence[str]) -> str:
    return (
        f"the row has {len(cells)} cells, and the header {len(header)}; a comma within a cell, as in 33,3, needs "
        "quotation marks around the cell, or another separator of columns"
    )


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
        "case_id": row["case_id"] if row.get("case_id") else _own_case(row),
        "respondent": row["respondent"],
        "round": int(written.removesuffix(".0")),
        "condition": condition.label,
        "prompted": condition.prompted,
        "regenerated": condition.regenerated,
        "later": condition.later,
        "pictures": condition.pictures,
        "basis": named,
        "written": row.get("score", ""),
    }


def _own_case(row: Mapping[str, str]) -> str:
    """Without a column of cases, each question is its own."""
    if "case_id" in row:
        raise _UnusableError("case_id", "is empty; name the case in every row, or leave the column out")
    return row["question_id"]


def _condition(written: str) -> Condition:
    try:
        return Condition.from_label(written) if written else Condition()
    except ValueError as error:
        raise _UnusableError("condition", str(error)) from error
