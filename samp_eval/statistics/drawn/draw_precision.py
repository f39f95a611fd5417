"""How exact a study is with every question marked, and how much of that marking a part of them costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, PoweredExceedances
from samp_eval.statistics.gee.exceedances import cluster_contributions

__all__ = ["DrawPrecision", "draw_precision"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DrawPrecision:
    """Standard errors of log odds ratios, by how many questions are drawn.

    Attributes
    ----------
    terms : tuple of str
    full_errors : ndarray, shape (p,)
        With all ``n_questions`` marked.
    unpredicted : ndarray, shape (p,)
        What the predictor misses: the variance of the corrections over that of full marking. 0 for a perfect
        predictor, about 1 for none.
    n_questions : int
    """

    terms: tuple[str, ...]
    full_errors: Floats
    unpredicted: Floats
    n_questions: int

    def errors(self, n_drawn: int, n_questions: int) -> Floats:
        """Expected standard errors of a study of so many questions of which so many are drawn, shape (p,)."""
        full = self.full_errors * np.sqrt(self.n_questions / n_questions)
        return np.asarray(full * np.sqrt(1 + (n_questions / n_drawn - 1) * self.unpredicted))


def draw_precision(marks: PartialMarks, exceedances: PoweredExceedances, design: pd.DataFrame) -> DrawPrecision:
    """Foresee the errors of other draws from one.

    Parameters
    ----------
    marks : PartialMarks
        Of a study of which a part, or all, is drawn.
    exceedances : PoweredExceedances
        Of these marks.
    design : DataFrame, shape (n, p)

    Raises
    ------
    CannotEstimate
        Where the odds ratios cannot be estimated, or the marks of the drawn questions do not vary.

    Notes
    -----
    A question contributes a_k by its predictions and e_k by what its marks differ from these. Marking every question
    has the variance sum (a_k + e_k)^2, and drawing a share pi of them at random adds (1 / pi - 1) sum e_k^2 (Sarndal,
    Swensson and Wretman 1992, chapter 6). All a_k are known; sums with e_k are estimated from the drawn questions. With
    a good predictor that is much more exact than to scale the error of the drawn questions alone; with one that misses
    by more than the marks vary it is less exact, and that error is scaled.
    """
    drawn = marks.drawn
    true = (marks.marked[:, None] > np.arange(marks.allowed.shape[1] - 1)).astype(float)
    settled = np.where(drawn[:, None], true, exceedances.calibrated)
    of_marks, predicted = cluster_contributions(
        exceedances.corrected, (settled, exceedances.calibrated), design, marks.question
    )
    is_drawn = marks.position[pd.unique(marks.question)] < marks.n_drawn
    missed = (of_marks - predicted)[is_drawn]
    weight = len(is_drawn) / is_drawn.sum()
    corrections = weight * ((missed - missed.mean(axis=0)) ** 2).sum(axis=0)
    full = (predicted**2).sum(axis=0) + weight * (2 * predicted[is_drawn] * missed + missed**2).sum(axis=0)
    marked_squares, missed_squares = (of_marks[is_drawn] ** 2).sum(axis=0), (missed**2).sum(axis=0)
    # Predictions that miss by more than the marks vary make this sum worse than that of the drawn alone, or negative
    full = np.where((missed_squares < marked_squares) & (full > 0), full, weight * marked_squares)
    if (full <= 0).any():
        raise CannotEstimate(
            "the marks of the drawn questions do not vary, so the error of marking every question cannot be foreseen"
        )
    return DrawPrecision(tuple(map(str, design.columns)), np.sqrt(full), corrections / full, len(is_drawn))
