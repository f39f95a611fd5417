"""Respondents whose marking has hardly begun: the few responses whose words were known say nothing about them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.literals import MarkBasis

__all__ = ["Waiting", "waiting_respondents", "waiting_sentences"]

Waiting = Mapping[str, tuple[int, int]]
"""By respondent, how many of its responses are marked, and how many there are."""

FEWEST_MARKED = 0.5
"""Share of the responses that must be marked, relative to the respondent with most: answers in words that others gave
too are marked already when a respondent joins, and most of these are right."""


def waiting_respondents(lines: CountedLines, correct: NDArray[np.float64]) -> Waiting:
    """Tell who is to have no figures yet.

    Parameters
    ----------
    lines : CountedLines
    correct : array (n,)
        See :func:`samp_eval.analysis.score.count_correct`.
    """
    marked: dict[str, int] = {}
    total: dict[str, int] = {}
    for response, is_marked, undecided in zip(lines.responses, np.isfinite(correct), lines.undecided, strict=True):
        if not undecided:
            name = response.ask.respondent
            total[name] = total.get(name, 0) + 1
            marked[name] = marked.get(name, 0) + int(is_marked)
    most = max((marked[name] / total[name] for name in total), default=0.0)
    return {
        name: (marked[name], total[name])
        for name in total
        if marked[name] and marked[name] < FEWEST_MARKED * most * total[name]
    }


def waiting_sentences(by_basis: Mapping[MarkBasis, Waiting]) -> list[str]:
    """Who has no figures yet on which basis, and why; said once where it is the same on both."""
    reasons: dict[tuple[str, int, int], list[MarkBasis]] = {}
    for basis, waiting in by_basis.items():
        for name, (marked, total) in waiting.items():
            reasons.setdefault((name, marked, total), []).append(basis)
    return [
        f"{name} has no figures on {'either basis' if len(bases) > 1 else f'the {bases[0]} basis'} yet: {marked:,} of "
        f"its {total:,} responses are marked, less than half of the share that others have, and these are responses in "
        "words that others gave too."
        for (name, marked, total), bases in reasons.items()
    ]
