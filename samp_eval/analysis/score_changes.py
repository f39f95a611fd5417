"""How many scores are other ones after a change of the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis

__all__ = ["ScoreChanges", "score_changes"]

_ASK = ["question_id", "respondent", "round"]


@dataclass(frozen=True, slots=True)
class ScoreChanges:
    """Responses on one basis: with another score, with none until marks are given, and with one that had none."""

    changed: int
    opened: int
    closed: int


def score_changes(before: ScoredStudy, after: ScoredStudy) -> dict[MarkBasis, ScoreChanges]:
    """Compare the scores of the responses that two states of a study have in common."""
    found: dict[MarkBasis, ScoreChanges] = {}
    for basis in get_args(MarkBasis):
        was, now = (
            study.table[study.table["basis"] == basis].astype({"respondent": str}).set_index(_ASK)["correct"]
            for study in (before, after)
        )
        shared = was.index.intersection(now.index)
        first, second = was.loc[shared].to_numpy(dtype=float), now.loc[shared].to_numpy(dtype=float)
        both = ~np.isnan(first) & ~np.isnan(second)
        found[basis] = ScoreChanges(
            int((both & (np.abs(first - second) > 1e-9)).sum()),
            int((~np.isnan(first) & np.isnan(second)).sum()),
            int((np.isnan(first) & ~np.isnan(second)).sum()),
        )
    return found
