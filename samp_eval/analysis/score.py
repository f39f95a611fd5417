"""Marks become scores: how many of the N requested answers of each response are right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import ConsensusMark

__all__ = ["LineCredits", "count_correct", "credit_lines", "score_percents"]


@dataclass(frozen=True, slots=True)
class LineCredits:
    """What the consensus says of every counted line on one basis.

    Attributes
    ----------
    credit : float array (lines,)
        0, 1 or a fraction under the consensus rule ``mean``; NaN while a mark is open.
    once : int array (lines,)
        The number of what earns once in a response: the entry of the key, else the answer itself.
    entries : tuple of str, length lines
        The entry that each line matches; empty where none is known.
    """

    credit: NDArray[np.float64]
    once: NDArray[np.int64]
    entries: tuple[str, ...]

    def without(self, lines: CountedLines, respondents: Collection[str]) -> LineCredits:
        """The same with the lines of some respondents open."""
        if not respondents:
            return self
        open_responses = np.isnan(lines.without(respondents, np.zeros(len(lines.responses))))
        return replace(self, credit=np.where(open_responses[lines.response], np.nan, self.credit))


def credit_lines(lines: CountedLines, marks: Sequence[ConsensusMark], basis: MarkBasis) -> LineCredits:
    """Give every counted line what its answer's mark says; a line's own mark goes before its answer's.

    Parameters
    ----------
    lines : CountedLines
    marks : sequence of ConsensusMark
        By answer id or line id.
    basis : MarkBasis
    """
    of_basis = {mark.answer_id: mark for mark in marks if mark.basis == basis}
    entries: dict[str, int] = {}
    distinct = len(lines.answer_ids)
    credits = np.full(distinct, np.nan)
    onces = np.arange(distinct)
    for place, identifier in enumerate(lines.answer_ids):
        mark = of_basis.get(identifier)
        if mark is not None:
            credits[place], onces[place] = _credit_and_once(mark, place, distinct, entries)
    credit, once = credits[lines.answer], onces[lines.answer]
    for line, identifier in enumerate(lines.line_ids if lines.marked_by_themselves(of_basis) else ()):
        if identifier in of_basis:
            answer = int(lines.answer[line])
            credit[line], once[line] = _credit_and_once(of_basis[identifier], answer, distinct, entries)
    names = ["", *entries]
    matched = np.where(once >= distinct, once - distinct + 1, 0)
    return LineCredits(credit, once, tuple(names[place] for place in matched.tolist()))


def count_correct(lines: CountedLines, credits: LineCredits) -> NDArray[np.float64]:
    """Count the right answers of every response.

    Returns
    -------
    array (n,)
        0 to N; a fraction only under the consensus rule ``mean``; NaN while a counted line is unmarked, its
        reviewers' disagreement is unresolved, or a person must say what the answer is.

    Notes
    -----
    A key entry earns once in a response, and so does an answer that is given twice. A response with fewer lines than
    N is still scored over N; lines beyond N are not scored.
    """
    correct = _earned(lines.response, credits.once, credits.credit, len(lines.responses))
    correct[lines.response[np.isnan(credits.credit)]] = np.nan
    correct[lines.undecided] = np.nan
    return correct


def score_percents(lines: CountedLines, correct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score percentages, 0 to 100; the ordinal outcome.

    Notes
    -----
    Where the candidate was not told how many options are right, a wrong one that is chosen counts as well: the right
    ones chosen in percent of all that are right or chosen (the Hamming score of Labrak et al. 2022).

    References
    ----------
    .. [1] Labrak Y, Bazoge A, Dufour R, et al. FrenchMedMCQA: A French multiple-choice question answering dataset for
       medical domain. LOUHI 2022:41-46.
    """
    right_or_chosen = lines.requested + lines.given - correct
    return np.asarray(100.0 * correct / np.where(lines.any_number, right_or_chosen, lines.requested))


def _credit_and_once(mark: ConsensusMark, answer: int, distinct: int, entries: dict[str, int]) -> tuple[float, int]:
    """Credit (NaN while open), and the number of what earns once: the entry, else the answer itself."""
    once = distinct + entries.setdefault(mark.entry, len(entries)) if mark.entry else answer
    return np.nan if mark.credit is None else mark.credit, once


def _earned(
    response: NDArray[np.int64], once: NDArray[np.int64], credit: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Sum over each response of the highest credit of what earns once in it."""
    if not len(credit):
        return np.zeros(count)
    order = np.lexsort((once, response))
    starts = np.flatnonzero(np.r_[True, (np.diff(response[order]) != 0) | (np.diff(once[order]) != 0)])
    highest = np.maximum.reduceat(np.nan_to_num(credit[order]), starts)
    return np.bincount(response[order][starts], weights=highest, minlength=count).astype(np.float64)
