"""Errors that are foreseen of other draws: against what other draws have, and by hand at the ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_prediction_powered import small_study

from samp_eval.statistics.drawn.draw_precision import DrawPrecision, draw_precision
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, powered_exceedances
from samp_eval.statistics.gee.exceedances import cluster_contributions, fit_exceedances

DESIGN = pd.DataFrame({"other": np.tile([0.0, 1.0, 0.0, 1.0], 60)})


def precision_of(marks: PartialMarks) -> DrawPrecision:
    return draw_precision(marks, powered_exceedances(marks), DESIGN)


def error_of(marks: PartialMarks) -> float:
    return fit_exceedances(powered_exceedances(marks).corrected, DESIGN, marks.question).terms[0].standard_error


def in_order(marks: PartialMarks, seed: int, n_drawn: int) -> PartialMarks:
    order = np.random.default_rng(seed).permutation(len(marks.position))
    return replace(marks, position=order, n_drawn=n_drawn)


def test_with_every_question_drawn_the_error_is_that_of_the_fit() -> None:
    marks = small_study(3, 60, 60, 4, 0.7)
    found = precision_of(marks)
    assert found.terms == ("other",)
    assert found.full_errors[0] == pytest.approx(error_of(marks), rel=1e-10)
    assert found.errors(60, 60)[0] == pytest.approx(found.full_errors[0])
    assert found.errors(240, 240)[0] == pytest.approx(found.full_errors[0] / 2)


@pytest.mark.parametrize("quality", [0.2, 0.6, 0.9])
def test_from_any_draw_the_errors_of_other_draws_are_foreseen(quality: float) -> None:
    marks = small_study(4, 60, 60, 4, quality)
    full = precision_of(marks)
    third = [in_order(marks, seed, 20) for seed in range(40)]
    assert np.mean([error_of(draw) for draw in third]) == pytest.approx(full.errors(20, 60)[0], rel=0.15)
    assert np.mean([precision_of(draw).full_errors[0] for draw in third]) == pytest.approx(full.full_errors[0], rel=0.1)


def test_a_better_predictor_leaves_less_unpredicted_and_none_leaves_all() -> None:
    shares = [precision_of(small_study(5, 60, 60, 4, quality)).unpredicted[0] for quality in (0.0, 0.6, 0.95)]
    assert shares[0] > shares[1] > shares[2] > 0
    silent = small_study(5, 60, 60, 4, 0.0)
    silent.predicted[:] = -1
    assert precision_of(silent).unpredicted[0] == pytest.approx(1.0, abs=0.1)


def test_predictions_that_miss_by_more_than_marks_vary_do_not_make_what_is_foreseen_worse() -> None:
    """The sum of predictions and corrections is negative for some draws; then the error of the drawn is scaled."""
    marks = small_study(7, 60, 60, 4, 0.0)
    full = precision_of(marks).full_errors[0]
    foreseen = [precision_of(in_order(marks, seed, 8)).full_errors[0] for seed in range(150)]
    assert min(foreseen) > full / 4
    assert np.mean(foreseen) == pytest.approx(full, rel=0.15)


def test_contributions_are_linear_in_the_exceedances_and_give_the_covariance() -> None:
    marks = small_study(6, 60, 60, 4, 0.5)
    above = powered_exceedances(marks).corrected
    own, shifted = cluster_contributions(above, (above, above + 0.1), DESIGN, marks.question)
    twice = cluster_contributions(above, (above + 0.2,), DESIGN, marks.question)[0]
    np.testing.assert_allclose(twice - own, 2 * (shifted - own), atol=1e-12)
    fit = fit_exceedances(above, DESIGN, marks.question)
    np.testing.assert_allclose(own.T @ own, fit.covariance_matrix, rtol=1e-10)
