"""Corrected predictions are unbiased over all draws, whatever the predictor, and reduce to the marks."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.drawn.calibration import calibrated_chances
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, powered_exceedances

SEVERAL = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "analysis" / "several_predictors.py"))

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


def with_second_predictor(marks: PartialMarks, seed: int, quality: float) -> PartialMarks:
    """The same with a second predictor, which shares some of the errors of the first."""
    generator = np.random.default_rng(seed)
    second = np.where(generator.random(len(marks.marked)) < quality, marks.marked, marks.predicted)
    return replace(marks, predicted=np.column_stack([marks.predicted, second]))


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


@pytest.mark.parametrize("quality", [0.2, 0.9])
def test_unbiased_over_all_orders_with_two_predictors(quality: float) -> None:
    marks = with_second_predictor(small_study(7, 6, 4, 3, 0.4), 8, quality)
    assert bias_over_all_orders(marks, folds=2) < EXACT


def test_one_predictor_is_the_same_as_a_column_of_it() -> None:
    marks = small_study(3, 30, 12, 4, 0.6)
    in_column = powered_exceedances(replace(marks, predicted=marks.predicted[:, None]))
    np.testing.assert_array_equal(powered_exceedances(marks).corrected, in_column.corrected)


def test_a_predictor_that_knows_outweighs_one_that_guesses() -> None:
    """The pool of both is nearly as close to the truth as the good one alone, and closer than their plain mean."""
    guessing = small_study(4, 200, 200, 4, 0.0)
    guessing = replace(guessing, n_drawn=60)
    knowing = replace(guessing, predicted=with_second_predictor(guessing, 5, 0.95).predicted[:, 1])
    both = replace(guessing, predicted=np.column_stack([guessing.predicted, knowing.predicted]))
    true = (guessing.marked[:, None] > np.arange(3)).astype(float)
    errors = [
        float(((calibrated - true) ** 2).mean())
        for calibrated in (
            powered_exceedances(both).calibrated,
            powered_exceedances(knowing).calibrated,
            (powered_exceedances(knowing).calibrated + powered_exceedances(guessing).calibrated) / 2,
        )
    ]
    assert errors[0] < 1.05 * errors[1]
    assert errors[0] < errors[2]


def test_weights_of_the_pool_by_hand() -> None:
    """Two levels, no level predicted by the second: its weight stays at the prior 1/2, and the pool is of the first."""
    marks = small_study(9, 40, 20, 2, 0.7)
    silent = np.full(len(marks.marked), -1)
    alone = calibrated_chances(marks.predicted[:, None], marks.marked, marks.kind, marks.allowed, marks.drawn)
    without = calibrated_chances(silent[:, None], marks.marked, marks.kind, marks.allowed, marks.drawn)
    columns = np.column_stack([marks.predicted, silent])
    pooled = calibrated_chances(columns, marks.marked, marks.kind, marks.allowed, marks.drawn)
    # log odds of the pool: base + w (alone - base), with one w for all responses
    logits = [np.log(chances[:, 1] / chances[:, 0]) for chances in (pooled, alone, without)]
    moved = np.abs(logits[1] - logits[2]) > EXACT
    weight = ((logits[0] - logits[2]) / np.where(moved, logits[1] - logits[2], 1.0))[moved]
    np.testing.assert_allclose(weight, weight[0], rtol=1e-9)
    score = (((marks.marked == 1) - pooled[:, 1]) * (logits[1] - logits[2]))[marks.drawn].sum()
    assert score == pytest.approx(2 * (weight[0] - 0.5), abs=1e-8)  # the prior's pull on the weight


def orders_over_cases(sizes: tuple[int, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every order that is spread over cases of these sizes: the place and the stratum of each question."""
    first = np.cumsum((0, *sizes[:-1]))
    within = [[first[case] + np.array(order) for order in permutations(range(size))] for case, size in enumerate(sizes)]
    for cases in permutations(range(len(sizes))):
        for own in product(*within):
            turns = [own[case][turn] for turn in range(max(sizes)) for case in cases if turn < sizes[case]]
            position, stratum = np.empty(len(turns), dtype=int), np.empty(len(turns), dtype=int)
            position[turns] = np.arange(len(turns))
            for place, case in enumerate(cases):
                stratum[own[case]] = place
            yield position, stratum


@pytest.mark.parametrize(("sizes", "n_drawn"), [((2, 2, 1, 2), 4), ((2, 2, 1, 2), 5), ((3, 1, 2), 4), ((3, 1, 2), 5)])
def test_unbiased_over_all_orders_that_are_spread_over_cases(sizes: tuple[int, ...], n_drawn: int) -> None:
    marks = small_study(7, sum(sizes), n_drawn, 3, 0.5)
    true = (marks.marked[:, None] > np.arange(2)).astype(float)
    found = [
        powered_exceedances(replace(marks, position=position, stratum=stratum), folds=2).corrected
        for position, stratum in orders_over_cases(sizes)
    ]
    assert np.ptp(found, axis=0).max() > 0.1, "the draw matters"
    assert np.abs(np.mean(found, axis=0) - true).max() < EXACT


def test_a_case_without_a_drawn_question_is_refused() -> None:
    marks = small_study(7, 12, 5, 3, 0.5)
    with pytest.raises(CannotEstimate, match=r"over 6 cases, and 1 of them have no drawn question"):
        powered_exceedances(replace(marks, stratum=np.arange(12) % 6))
    few = replace(marks, stratum=np.arange(12) % 3)
    with pytest.raises(CannotEstimate, match="over 3 cases; calibration needs at least 5"):
        powered_exceedances(few)


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


@pytest.mark.slow
def test_two_predictors_cover_the_truth_and_narrow_the_interval() -> None:
    """60 simulated studies of 77 questions, 23 drawn: at least 53 of the 95 % intervals hold it (P(fewer) is 2 %)."""
    cell = SEVERAL["CELLS"][1]
    runs = np.array([SEVERAL["one_study"](seed, cell) for seed in range(60)])
    estimates, errors = runs[:, 2].T
    truth = SEVERAL["truth"](cell[2])
    reach = stdtrit(round(cell[1] * cell[0]) - 1, 0.975)
    assert (np.abs(estimates - truth) <= reach * errors).sum() >= 53
    assert errors.mean() < 0.9 * runs[:, 0, 1].mean()  # than with the first predictor alone
