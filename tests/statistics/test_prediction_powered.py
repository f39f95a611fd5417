"""Corrected predictions are unbiased over all draws, whatever the predictor, and reduce to the marks."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.prediction_powered import PartialMarks, powered_exceedances

EXACT = 1e-12
"""An average over all orders; what is left is rounding."""


def small_study(seed: int, questions: int, n_drawn: int, n_levels: int, quality: float) -> PartialMarks:
    """Two respondents in two rounds; a predictor that is right with probability ``quality`` and silent at times."""
    generator = np.random.default_rng(seed)
    question = np.repeat(np.arange(questions), 4)
    kinds = generator.integers(0, 2, questions)
    allowed = np.ones((2, n_levels), dtype=bool)
    allowed[0, 1:-1] = False
    choices = [np.flatnonzero(row) for row in allowed]
    marked = np.array([generator.choice(choices[kinds[one]]) for one in question])
    guesses = np.array([generator.choice(choices[kinds[one]]) for one in question])
    predicted = np.where(generator.random(len(question)) < quality, marked, guesses)
    predicted[generator.random(len(question)) < 0.1] = -1
    return PartialMarks(question, np.arange(questions), n_drawn, marked, predicted, kinds[question], allowed)


def bias_over_all_orders(marks: PartialMarks, folds: int) -> float:
    """Largest difference between the average over every order and the true indicator."""
    n_levels = marks.allowed.shape[1]
    true = (marks.marked[:, None] > np.arange(n_levels - 1)).astype(float)
    orders = list(permutations(range(len(marks.position))))
    total = np.zeros_like(true)
    for order in orders:
        total += powered_exceedances(replace(marks, position=np.array(order)), folds=folds).corrected
    return float(np.abs(total / len(orders) - true).max())


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    questions=st.integers(4, 5),
    undrawn=st.integers(1, 2),
    n_levels=st.integers(2, 4),
    quality=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_unbiased_over_all_orders(seed: int, questions: int, undrawn: int, n_levels: int, quality: float) -> None:
    marks = small_study(seed, questions, questions - undrawn, n_levels, quality)
    assert bias_over_all_orders(marks, folds=2) < EXACT


def test_unbiased_over_all_orders_of_six_questions() -> None:
    assert bias_over_all_orders(small_study(5, 6, 3, 3, 0.6), folds=3) < EXACT


def test_all_drawn_is_the_marks_themselves() -> None:
    marks = small_study(1, 20, 20, 4, 0.5)
    true = (marks.marked[:, None] > np.arange(3)).astype(float)
    np.testing.assert_array_equal(powered_exceedances(marks).corrected, true)


def test_one_question_by_hand() -> None:
    """Two folds of two questions, one level above zero, no prior worth mentioning: sums on paper."""
    marks = PartialMarks(
        question=np.array([0, 1, 2, 3]),
        position=np.array([0, 1, 2, 3]),  # folds 0, 1, 0, 1; drawn: questions 0 and 1
        n_drawn=2,
        marked=np.array([1, 0, 0, 0]),
        predicted=np.array([1, 1, 1, 1]),
        kind=np.zeros(4, dtype=np.int64),
        allowed=np.ones((1, 2), dtype=bool),
    )
    found = powered_exceedances(marks, folds=2)
    # Prior of predicted level 1: 0.9 for level 1. Fold 0 is calibrated on question 1 (level 0): (0 + 2 x 0.9) / 3.
    # Fold 1 is calibrated on question 0 (level 1): (1 + 2 x 0.9) / 3. Half of each fold is drawn: weight 2.
    np.testing.assert_allclose(found.calibrated[:, 0], [1.8 / 3, 2.8 / 3, 1.8 / 3, 2.8 / 3], rtol=1e-14)
    np.testing.assert_allclose(found.corrected[:, 0], [0.6 + 2 * 0.4, 2.8 / 3 - 2 * 2.8 / 3, 0.6, 2.8 / 3], rtol=1e-13)


def test_calibration_stays_within_what_a_question_allows() -> None:
    marks = small_study(2, 30, 10, 4, 0.3)
    calibrated = powered_exceedances(marks).calibrated
    one_line = marks.kind == 0  # allows the lowest and the highest level only: the same chance above every cut
    np.testing.assert_allclose(calibrated[one_line], np.repeat(calibrated[one_line][:, :1], 3, axis=1), rtol=1e-13)
    assert ((calibrated > 0) & (calibrated < 1)).all()


def test_open_marks_and_small_draws_are_refused() -> None:
    marks = small_study(2, 30, 10, 4, 0.3)
    with pytest.raises(CannotEstimate, match="3 of 30 questions are drawn"):
        powered_exceedances(replace(marks, n_drawn=3))
    opened = marks.marked.copy()
    opened[marks.drawn.argmax()] = -1
    with pytest.raises(CannotEstimate, match="1 responses to drawn questions have no settled marks"):
        powered_exceedances(replace(marks, marked=opened))
