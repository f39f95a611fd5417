"""What corrected predictions reduce to: the difference estimator by hand, and full marking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from test_prediction_powered import small_study

from samp_eval.statistics.drawn.prediction_powered import FOLDS, PartialMarks, powered_exceedances
from samp_eval.statistics.gee.exceedances import fit_exceedances

GROUP = np.tile([0.0, 1.0, 0.0, 1.0], 60)
DESIGN = pd.DataFrame({"other": GROUP})


def drawn_study(n_levels: int, quality: float) -> PartialMarks:
    """60 questions in a random order, of which 25 are drawn."""
    marks = small_study(8, 60, 60, n_levels, quality)
    return replace(marks, position=np.random.default_rng(2).permutation(60), n_drawn=25)


def difference_estimates(marks: PartialMarks, calibrated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of responses above the lowest level in each group, and what each question adds to its deviation.

    The difference estimator of survey sampling in its textbook form: the mean of the predictions, plus the mean of the
    errors of the drawn questions, each over its chance of being drawn. A loop, with no code of the project.
    """
    shares, parts = np.zeros(2), np.zeros((60, 2))
    for group in (0, 1):
        rows = np.flatnonzero(group == GROUP)
        values = []
        for row in rows:
            place = marks.position[marks.question[row]]
            fold = [other for other in range(60) if other % FOLDS == place % FOLDS]
            chance = sum(other < marks.n_drawn for other in fold) / len(fold)
            error = (marks.marked[row] > 0) - calibrated[row]
            values.append(calibrated[row] + (error / chance if place < marks.n_drawn else 0.0))
        shares[group] = np.mean(values)
        for row, value in zip(rows, values, strict=True):
            parts[marks.question[row], group] += (value - shares[group]) / len(rows)
    return shares, parts


@pytest.mark.parametrize("quality", [0.0, 0.7, 1.0])
def test_two_levels_are_the_difference_estimator_by_hand(quality: float) -> None:
    marks = drawn_study(2, quality)
    exceedances = powered_exceedances(marks)
    shares, parts = difference_estimates(marks, exceedances.calibrated[:, 0])
    fit = fit_exceedances(exceedances.corrected, DESIGN, marks.question)
    assert fit.terms[0].log_odds_ratio == pytest.approx(logit(shares[1]) - logit(shares[0]), abs=1e-9)
    slopes = parts / (shares * (1 - shares))  # the delta method: of a logit by its share
    error = np.sqrt(((slopes[:, 1] - slopes[:, 0]) ** 2).sum())
    assert fit.terms[0].standard_error == pytest.approx(error, abs=1e-9)


def test_all_drawn_is_the_ordinary_fit() -> None:
    marks = replace(drawn_study(4, 0.5), n_drawn=60)
    true = (marks.marked[:, None] > np.arange(3)).astype(float)
    found = fit_exceedances(powered_exceedances(marks).corrected, DESIGN, marks.question)
    expected = fit_exceedances(true, DESIGN, marks.question)
    np.testing.assert_array_equal(found.parameter_covariance, expected.parameter_covariance)
    assert found.terms == expected.terms


def test_a_perfect_predictor_gives_nearly_what_full_marking_gives() -> None:
    marks = drawn_study(4, 1.0)
    marks = replace(marks, predicted=marks.marked)
    true = (marks.marked[:, None] > np.arange(3)).astype(float)
    found = fit_exceedances(powered_exceedances(marks).corrected, DESIGN, marks.question).terms[0]
    expected = fit_exceedances(true, DESIGN, marks.question).terms[0]
    # Shrinking predictions toward the other levels by two responses leaves a small correction.
    assert found.log_odds_ratio == pytest.approx(expected.log_odds_ratio, abs=0.1 * expected.standard_error)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=0.02)
