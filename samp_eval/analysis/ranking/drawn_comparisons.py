"""Comparisons of respondents where a random draw of the questions is marked and predictors score all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.model.partly_marked import DrawnQuestions, partial_marks, settled_draw
from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.scored_comparisons import (
    DrawnPart,
    RankedComparisons,
    ReplicateTable,
    chosen_rows,
    tolerance_of,
)
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.drawn.corrected_comparisons import comparisons_from_chances, corrected_comparisons
from samp_eval.statistics.drawn.prediction_powered import FEWEST_DRAWN, powered_exceedances
from samp_eval.statistics.ranking.comparisons import comparisons_from_scores

__all__ = ["drawn_comparisons"]

Floats = NDArray[np.float64]

_OTHERWISE = "or rank by the drawn questions alone: samp-eval rank --drawn-only."


def drawn_comparisons(drawn: DrawnQuestions, respondents: Sequence[str], choices: RankingChoices) -> RankedComparisons:
    """Compare respondents on all questions, by predictions that the marks of the drawn ones correct.

    Parameters
    ----------
    drawn : DrawnQuestions
        Of which some question has no marks.
    respondents : sequence of str
        In order.
    choices : RankingChoices
        As for :func:`samp_eval.analysis.ranking.scored_comparisons.scored_comparisons`.

    Raises
    ------
    StudyConflict
        A respondent to leave out is none.
    CannotEstimate
        Fewer than two respondents, clusters other than questions, open marks within the draw, or too few drawn
        questions.
    """
    if choices.cluster == "case":
        raise CannotEstimate(
            "A part of the questions was drawn, so questions are the clusters; the cluster case does not go with a "
            f"draw. Choose --cluster question, {_OTHERWISE}"
        )
    of_basis = drawn.rows("judgement" if choices.basis == "judgement" else "key")
    chosen = chosen_rows(of_basis.assign(score_percent=0.0), respondents, choices, having="answers to")
    rows, layout = of_basis.loc[chosen.rows.index], ReplicateTable.of(chosen)
    settled = settled_draw(rows, drawn)
    marks, _, _ = partial_marks(rows, settled)
    if marks.n_drawn < FEWEST_DRAWN:
        raise CannotEstimate(
            f"{marks.n_drawn} of {len(marks.position)} questions are drawn and marked; a ranking on the whole study "
            f"needs at least {FEWEST_DRAWN}. Draw more with samp-eval review plan --more N, {_OTHERWISE}"
        )
    powered = powered_exceedances(marks)
    position = np.empty(len(layout.question_ids), dtype=np.int64)
    position[layout.places[0]] = marks.question
    in_draw = position < marks.n_drawn
    scores = layout.filled(rows["score_percent"].to_numpy(dtype=float))[in_draw]
    alone = comparisons_from_scores(scores, tolerance=tolerance_of(scores))
    predicted = comparisons_from_chances(layout.filled(_chances(powered.calibrated)))
    corrected = corrected_comparisons(predicted, alone, in_draw, powered.weight[position])
    part = DrawnPart(marks.n_drawn, drawn.n_drawn - settled.n_drawn, drawn.predictor, alone)
    return chosen.compared(layout.question_ids, corrected, part)


def _chances(exceedances: Floats) -> Floats:
    """Chance of each level from those of exceeding it: shape (n, k - 1) to (n, k)."""
    return -np.diff(exceedances, axis=1, prepend=1.0, append=0.0)
