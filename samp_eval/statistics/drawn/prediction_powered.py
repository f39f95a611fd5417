"""Marks of a random part of the questions, and predictions of all: exceedances that are unbiased for every response.

Questions stand in a random order, and the first of them are drawn: every response to a drawn question is marked. A
predictor, or several, score every response. The predictions are calibrated together on the drawn questions and then
corrected by them; what results goes to :func:`samp_eval.statistics.gee.exceedances.fit_exceedances`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.drawn.calibration import calibrated_chances

__all__ = ["FEWEST_DRAWN", "FOLDS", "PartialMarks", "PoweredExceedances", "powered_exceedances"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FOLDS = 5
"""Parts of the order between which calibration is crossed; more leave more questions to calibrate on."""

FEWEST_DRAWN = 15
"""Below this number of drawn questions no estimate is given; see ``benchmarks/analysis/prediction_powered.py``."""


@dataclass(frozen=True, slots=True)
class PartialMarks:
    """Responses with predictions, of which those to drawn questions have marks.

    Attributes
    ----------
    question : ndarray of int, shape (n,)
        Question of each response, 0 to K - 1.
    position : ndarray of int, shape (K,)
        Place of each question in the random order, a permutation of 0 to K - 1.
    n_drawn : int
        Questions drawn: those at the first ``n_drawn`` places.
    marked : ndarray of int, shape (n,)
        Level of each response by its marks, 0 to k - 1; read for drawn questions only.
    predicted : ndarray of int, shape (n,) or (n, p)
        Level of each response by the predictor, or by each of several, 0 to k - 1; -1 where it has none.
    kind : ndarray of int, shape (n,)
        Kinds of questions that are calibrated apart, such as the number of requested answers; 0 to m - 1.
    allowed : ndarray of bool, shape (m, k)
        Which levels a question of each kind allows.
    stratum : ndarray of int, shape (K,), optional
        Where the order was spread over strata, such as cases: the stratum of each question, 0 to H - 1 in the order of
        their first questions. Within a stratum the order is random, and every stratum has a drawn question.
    """

    question: Integers
    position: Integers
    n_drawn: int
    marked: Integers
    predicted: Integers
    kind: Integers
    allowed: NDArray[np.bool_]
    stratum: Integers | None = None

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Whether each response answers a drawn question, shape (n,)."""
        return np.asarray(self.position[self.question] < self.n_drawn)


@dataclass(frozen=True, slots=True)
class PoweredExceedances:
    """What the responses are estimated to exceed.

    Attributes
    ----------
    calibrated : ndarray, shape (n, k - 1)
        Probability that a response is above each level but the highest, by the predictor alone.
    corrected : ndarray, shape (n, k - 1)
        The same, corrected by the drawn questions: unbiased for every response, though not within [0, 1].
    weight : ndarray, shape (K,)
        Inverse of the chance with which each question was drawn, by which a drawn one's correction is multiplied.
    """

    calibrated: Floats
    corrected: Floats
    weight: Floats


def powered_exceedances(marks: PartialMarks, *, folds: int = FOLDS) -> PoweredExceedances:
    """Calibrate predictions on the drawn questions, and correct them by these.

    Parameters
    ----------
    marks : PartialMarks
    folds : int
        Parts of the order between which calibration is crossed.

    Returns
    -------
    PoweredExceedances
        With every question drawn, ``corrected`` is the indicator itself.

    Raises
    ------
    CannotEstimate
        Fewer drawn questions than folds, or a drawn response without a level.

    Notes
    -----
    A question belongs to the fold (its place in the order) modulo ``folds``, and its predictions are calibrated on the
    drawn questions of the other folds. Given the other folds, each of the K_f questions of a fold is drawn with
    probability n_f / K_f, whichever they are; z_hat + (drawn / (n_f / K_f)) (z - z_hat) then has the expectation z,
    however bad the predictor. With folds that are fixed before the draw and the overall share n / K it would not: how
    many of the other folds are drawn, and with it z_hat, depends on whether the question itself is.

    With strata, whole strata belong to a fold, in turn, and a question of a stratum of which d_h of m_h are drawn is
    drawn with probability d_h / m_h, whatever is drawn of other strata.

    References
    ----------
    Sarndal CE, Swensson B, Wretman J. Model assisted survey sampling. Springer 1992, chapter 6.
    Zrnic T, Candes EJ. Cross-prediction-powered inference. PNAS 2024;121:e2322083121.
    """
    if not folds <= marks.n_drawn <= len(marks.position):
        raise CannotEstimate(
            f"{marks.n_drawn} of {len(marks.position)} questions are drawn; calibration needs at least {folds}. "
            "Draw more questions."
        )
    drawn, n_levels = marks.drawn, marks.allowed.shape[1]
    predicted = marks.predicted.reshape(len(marks.question), -1)
    if (marks.marked[drawn] < 0).any():
        raise CannotEstimate(
            f"{int((marks.marked[drawn] < 0).sum())} responses to drawn questions have no settled marks. Finish their "
            "marking and adjudication first."
        )
    fold, question_weight = _folds_and_weights(marks, folds)
    weight = question_weight[marks.question]
    chances = np.empty((len(marks.question), n_levels))
    for part in range(folds):
        held_out = fold[marks.question] == part
        others = drawn & ~held_out
        chances[held_out] = calibrated_chances(predicted, marks.marked, marks.kind, marks.allowed, others)[held_out]
    calibrated = _exceedances(chances)
    true = (marks.marked[:, None] > np.arange(n_levels - 1)).astype(float)
    correction = np.where(drawn[:, None], weight[:, None] * (true - calibrated), 0.0)
    corrected = np.where((drawn & (weight == 1))[:, None], true, calibrated + correction)
    return PoweredExceedances(calibrated, corrected, question_weight)


def _folds_and_weights(marks: PartialMarks, folds: int) -> tuple[Integers, Floats]:
    """Fold of each question, and the inverse of the chance with which it is drawn, both of shape (K,)."""
    is_drawn = marks.position < marks.n_drawn
    fold = marks.position % folds
    group = fold if marks.stratum is None else marks.stratum
    drawn = np.bincount(group[is_drawn], minlength=int(group.max()) + 1)
    if not drawn.all():
        raise CannotEstimate(
            f"The draw is spread over {len(drawn)} cases, and {int((drawn == 0).sum())} of them have no drawn question "
            "with all its marks. Finish the marking, or draw more questions."
        )
    weights = (np.bincount(group) / drawn)[group]
    if marks.stratum is None:
        return fold, weights
    if len(drawn) < folds:
        raise CannotEstimate(f"The draw is spread over {len(drawn)} cases; calibration needs at least {folds}.")
    return marks.stratum % folds, weights


def _exceedances(chances: Floats) -> Floats:
    """P(level > c) for each level c but the highest, shape (n, k - 1)."""
    return np.asarray(chances[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:])
