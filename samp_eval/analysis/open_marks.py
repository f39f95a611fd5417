"""What open marks could change: the scores if every one of them were wrong, and if every one were right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from samp_eval.analysis.score import count_correct, score_percents
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis

__all__ = ["OpenBounds", "open_bounds", "open_marks_as"]


@dataclass(frozen=True, slots=True)
class OpenBounds:
    """Lines correct of a respondent, whatever its open marks come to.

    Attributes
    ----------
    open, responses : int
        Its responses without a score, and all of them.
    as_wrong, as_right : float
        Percent of requested lines, 0 to 100, with every open line wrong, and with every one right.
    """

    basis: MarkBasis
    respondent: str
    open: int
    responses: int
    as_wrong: float
    as_right: float


def open_marks_as(study: ScoredStudy, basis: MarkBasis, credit: float) -> pd.DataFrame:
    """The rows of one basis of the long table with every open line given this credit (0 or 1)."""
    found, lines = study.credits[basis], study.lines
    correct = count_correct(lines, replace(found, credit=np.where(np.isnan(found.credit), credit, found.credit)))
    correct = np.where(np.isnan(correct), credit * lines.requested, np.minimum(correct, lines.requested))
    table = study.table[study.table["basis"] == basis]
    return table.assign(correct=correct, score_percent=score_percents(lines, correct))


def open_bounds(study: ScoredStudy) -> tuple[OpenBounds, ...]:
    """Of every respondent with open marks, on every basis on which anything was marked."""
    found = []
    for basis in study.bases:
        wrong, right = (open_marks_as(study, basis, credit) for credit in (0.0, 1.0))
        is_open = study.table.loc[study.table["basis"] == basis, "score_percent"].isna()
        for name in study.respondents:
            own = wrong["respondent"] == name
            if (own & is_open).any():
                asked = wrong.loc[own, "requested"].sum()
                shares = (100 * part.loc[own, "correct"].sum() / asked for part in (wrong, right))
                found.append(OpenBounds(basis, name, int((own & is_open).sum()), int(own.sum()), *map(float, shares)))
    return tuple(found)
