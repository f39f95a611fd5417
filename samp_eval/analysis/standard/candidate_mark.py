"""Pass marks from the scores of human candidates, in files that people hand in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.tables.outside_rows import outside_rows
from samp_eval.analysis.tables.written_scores import read_scores
from samp_eval.errors import CannotEstimate, Fault, FaultySheet
from samp_eval.literals import StandardMethod
from samp_eval.statistics.psychometrics.candidate_standards import (
    CandidateMark,
    borderline_group,
    borderline_regression,
    cohen,
    hofstee,
)

__all__ = ["LIMIT_COLUMNS", "CandidateChoices", "candidate_pass_mark"]

LIMIT_COLUMNS = ("lowest_mark", "highest_mark", "lowest_fail_rate", "highest_fail_rate")


@dataclass(frozen=True, slots=True)
class CandidateChoices:
    """Where the numbers are, and what a method needs beside them.

    Attributes
    ----------
    candidates : Path or None
        A table with ``score``, percent, and for the borderline methods ``rating``; one row for each human candidate.
    limits : Path or None
        For Hofstee: a table with :data:`LIMIT_COLUMNS`, percent; one row for each expert.
    borderline : float or None
        The rating that means borderline.
    guessed : float
        For Cohen: score by guessing, percent.
    seed : int
        For the bootstrap.
    """

    candidates: Path | None
    limits: Path | None = None
    borderline: float | None = None
    guessed: float = 0.0
    seed: int = 0


def candidate_pass_mark(
    method: StandardMethod, choices: CandidateChoices, now: datetime, notify: Callable[[str], None]
) -> PassMark:
    """The mark by a method that needs human candidates.

    Raises
    ------
    CannotEstimate
        Fewer than 30 candidates, or something that the method needs is missing.
    FaultySheet
        Where a table cannot be read.
    """
    if choices.candidates is None:
        raise CannotEstimate(
            f"{method} rests on the scores of at least 30 human candidates: --candidates FILE. Models and their rounds "
            "are no candidates; samp-eval standard --method angoff needs experts only"
        )
    rated = method.startswith("borderline")
    if rated and choices.borderline is None:
        raise CannotEstimate(f"{method} needs the rating that means borderline: --borderline RATING")
    table = _numbers(choices.candidates, ("score", "rating") if rated else ("score",), notify)
    scores = [row[0] for row in table]
    found = _mark(method, scores, table, choices, notify)
    return PassMark(
        method, found.cut, found.standard_error, n_candidates=found.candidates, remark=found.remark, set_at=now
    )


def _mark(
    method: StandardMethod,
    scores: Sequence[float],
    table: Sequence[Sequence[float]],
    choices: CandidateChoices,
    notify: Callable[[str], None],
) -> CandidateMark:
    if method == "cohen":
        return cohen(scores, choices.seed, guessed=choices.guessed)
    if method == "hofstee":
        if choices.limits is None:
            raise CannotEstimate(f"hofstee needs the experts' limits: --limits FILE with {', '.join(LIMIT_COLUMNS)}")
        return hofstee(scores, _numbers(choices.limits, LIMIT_COLUMNS, notify), choices.seed)
    ratings, borderline = [row[1] for row in table], choices.borderline or 0.0
    if method == "borderline-group":
        return borderline_group(scores, ratings, borderline)
    return borderline_regression(scores, ratings, borderline)


def _numbers(file: Path, columns: Sequence[str], notify: Callable[[str], None]) -> list[list[float]]:
    """The columns of a table as numbers; empty rows are passed over."""
    table = outside_rows(file, notify, columns)
    names = [cell.strip().casefold().replace(" ", "_") for cell in table[0]] if table else []
    wrong = [column for column in columns if names.count(column) != 1]
    if wrong:
        has = "has no column" if wrong[0] not in names else "has more than one column"
        raise FaultySheet([Fault(str(file), "row 1", f"{has} {', '.join(wrong)}")])
    rows = [(number, cells) for number, cells in enumerate(table[1:], start=2) if any(map(str.strip, cells))]
    faults = [
        Fault(str(file), f"row {number}", f"has {len(cells)} cells, and the header {len(names)}")
        for number, cells in rows
        if any(map(str.strip, cells[len(names) :]))
    ]
    found = []
    for column in columns:
        written = [[*cells, *[""] * len(names)][names.index(column)].strip() for _, cells in rows]
        read = read_scores(written, notify, of_levels=False)
        missing = {place: "is empty" for place, number in enumerate(read.scores) if math.isnan(number)}
        faults += [
            Fault(str(file), f"row {rows[place][0]}, column {column}", words)
            for place, words in (read.faults | missing).items()
        ]
        found.append(read.scores)
    if faults:
        raise FaultySheet(faults)
    if columns[0] == "score" and 0 < max(found[0], default=0.0) <= 1:
        raise CannotEstimate(f"{file}: scores are percentages, and the highest is {max(found[0]):g}; write 93 for 0.93")
    return [list(row) for row in zip(*found, strict=True)]
