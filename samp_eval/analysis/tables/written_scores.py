"""Scores as they are written in a table from elsewhere, as numbers: percent signs, separators, decimals."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["ReadScores", "read_scores"]

_NO_SCORE = ("", "na", ".", "nan")
"""An empty cell, and what R, Stata and Python write for one."""

_NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
"""What ``float`` takes besides, such as ``1_000``, is no score that anybody writes."""

_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""1,235 and 1.235 are one and a bit, or more than a thousand."""

_LARGEST_PERCENT = 100.0
"""Where no score is above it, the scale is no scale of thousands."""

_NEAR = 0.01
"""Of the scale: levels of a marking scheme are not nearer to each other than this."""

_MANY_LEVELS = 30
"""With more, scores are measured and not levels of a scheme: near ones are no surprise, nor is 12.3 beside 12.34."""


@dataclass(frozen=True, slots=True)
class ReadScores:
    """The scores of a column.

    Attributes
    ----------
    scores : list of float
        NaN where there is none.
    faults : mapping of place to str
        What is wrong with cells that are no score.
    """

    scores: list[float]
    faults: dict[int, str]


def read_scores(written: Sequence[str], note: Callable[[str], None], *, of_levels: bool = True) -> ReadScores:
    """Read a column of scores on any scale.

    A percent sign is read where every score has one, and a comma as a decimal point. A score that was written with
    fewer decimals elsewhere (33.33 and 33.3333) is read as the more exact one.

    Parameters
    ----------
    written : sequence of str
    note : callable
        Is told which scores are read as one, which are suspiciously near each other, and what separators were taken
        for.
    of_levels : bool
        Whether the scores are levels of a scheme, so that near ones are one or are named.
    """
    given = [cell for cell in written if cell.lower() not in _NO_SCORE]
    signed = [cell.endswith("%") for cell in given]
    cells = [cell.removesuffix("%").rstrip() for cell in written] if signed and all(signed) else list(written)
    faults = {
        place: problem for place, cell in enumerate(cells) if (problem := _problem(cell, some_signed=any(signed)))
    }
    if not faults:
        faults = _ambiguous(cells, note)
    if faults:
        return ReadScores([], faults)
    scores = [math.nan if cell.lower() in _NO_SCORE else float(cell.replace(",", ".")) for cell in cells]
    exact = _exact_scores(cells, scores, note) if of_levels else {}
    return ReadScores([exact.get(score, score) for score in scores], {})


def _problem(cell: str, *, some_signed: bool) -> str:
    """Why a cell is no score; empty where it is one or is empty."""
    if cell.lower() in _NO_SCORE:
        return ""
    if some_signed and cell.endswith("%"):
        return f"found {cell[:40]!r}; other scores have no percent sign, so it is not known which scale this one is on"
    if _NUMBER.fullmatch(cell) is None or math.isinf(float(cell.replace(",", "."))):
        return f"found {cell[:40]!r}; a score is a number, and empty where there is none"
    return ""


def _ambiguous(cells: Sequence[str], note: Callable[[str], None]) -> dict[int, str]:
    """Cells that are another number if their comma or point separates thousands.

    A comma is a decimal one where another cell with a comma cannot be read in any other way, and on a scale up to 100.
    A point is always a decimal one, but beside decimal commas.
    """
    unclear = {place: cell for place, cell in enumerate(cells) if _THOUSANDS.fullmatch(cell)}
    plain = [cell for place, cell in enumerate(cells) if place not in unclear and cell.lower() not in _NO_SCORE]
    decimal_commas = any("," in cell for cell in plain)
    unclear = {place: cell for place, cell in unclear.items() if ("." if decimal_commas else ",") in cell}
    largest = max((abs(float(cell.replace(",", "."))) for cell in plain), default=math.inf)
    if not unclear:
        return {}
    if largest <= _LARGEST_PERCENT:
        example = next(iter(unclear.values()))
        note(f"note: {example} is read as {example.replace(',', '.')}; its separator is taken for a decimal one")
        return {}
    words = "{0!r} can be {1} or {2}; write it without a separator of thousands, and with a decimal point"
    return {
        place: words.format(cell, cell.replace(",", "."), re.sub("[.,]", "", cell)) for place, cell in unclear.items()
    }


def _exact_scores(cells: Sequence[str], scores: Sequence[float], note: Callable[[str], None]) -> dict[float, float]:
    """The exact score of each that was only rounded differently; others that are near are named."""
    decimals: dict[float, int] = {}
    for cell, score in zip(cells, scores, strict=True):
        decimals[score] = max(decimals.get(score, 0), len(cell.replace(",", ".").partition(".")[2]))
    levels = sorted(score for score in decimals if not math.isnan(score))
    apart = _NEAR * (levels[-1] - levels[0]) if levels else 0.0
    exact: dict[float, float] = {}
    for lower, upper in pairwise(levels):
        rough, fine = sorted((lower, upper), key=lambda score: decimals[score])
        if upper - lower >= apart or len(levels) > _MANY_LEVELS:
            continue
        if 0 < decimals[rough] < decimals[fine] and math.isclose(round(fine, decimals[rough]), rough, abs_tol=1e-12):
            exact[rough] = fine
            note(f"note: the scores {rough:g} and {fine:.9g} are read as one, {fine:.9g}: one is the other rounded")
        else:
            note(
                f"note: the scores {lower:.9g} and {upper:.9g} are nearer than a hundredth of the scale and count as "
                "two levels; give them one value if they are the same score"
            )
    for rough in sorted(exact, reverse=True):
        exact[rough] = exact.get(exact[rough], exact[rough])
    return exact
