"""Simpler statistics, against R and by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset, reference
from scipy import stats

from samp_eval.analysis.description import consistency_over_rounds
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.exact_tests import cochran_q, exact_mcnemar
from samp_eval.statistics.mean_scores import (
    clustered_mean_difference,
    group_levels,
    mean_score,
    paired_mean_difference,
)

R_TOLERANCE = 1e-9
"""Closed formulas on both sides; the CSV holds 12 digits."""


@pytest.mark.parametrize("name", ["balanced", "missing_rounds", "ceiling", "one_line"])
def test_mean_differences_agree_with_r(name: str) -> None:
    expected = reference("comparisons").query("dataset == @name").set_index("what")["value"]
    outcome, design, cluster = dataset(name)
    clustered = clustered_mean_difference(outcome, design["gpt4"] == 1, cluster)
    assert clustered.difference == pytest.approx(expected["mean_difference"], rel=R_TOLERANCE)
    assert clustered.standard_error == pytest.approx(expected["mean_difference_cr1_se"], rel=R_TOLERANCE)
    paired = paired_mean_difference(outcome, design["gpt4"] == 1, cluster)
    assert paired.difference == pytest.approx(expected["paired_difference"])
    assert paired.p_value == pytest.approx(expected["paired_p"])
    half = stats.t.ppf(0.975, paired.degrees_of_freedom) * paired.standard_error
    assert paired.difference - half == pytest.approx(expected["paired_low"])
    assert paired.ci_low < expected["paired_low"] + half
    assert expected["paired_high"] - half < paired.ci_high


def test_an_interval_of_a_difference_by_independent_code() -> None:
    """Means of questions 95 and 82 over 20 questions of 2 rounds; Korn-Graubard for each, then MOVER."""
    generator = np.random.default_rng(3)
    first = generator.binomial(2, 0.95, (20, 2)) / 2
    second = np.minimum(first, generator.binomial(2, 0.85, (20, 2)) / 2)
    scores = 100 * np.concatenate([first.ravel(), second.ravel()])
    found = paired_mean_difference(scores, np.repeat([True, False], 40), np.tile(np.repeat(np.arange(20), 2), 2))
    means = [side.mean(axis=1) for side in (first, second)]
    (low_1, high_1), (low_2, high_2) = (korn_graubard(m, 40) for m in means)
    p_1, p_2 = (m.mean() for m in means)
    r = np.corrcoef(*means)[0, 1]
    a, b, c, d = p_1 - low_1, high_2 - p_2, high_1 - p_1, p_2 - low_2
    assert found.difference == pytest.approx(100 * (p_1 - p_2))
    assert found.ci_low == pytest.approx(100 * (p_1 - p_2 - np.sqrt(a**2 - 2 * r * a * b + b**2)))
    assert found.ci_high == pytest.approx(100 * (p_1 - p_2 + np.sqrt(c**2 - 2 * r * c * d + d**2)))


def korn_graubard(means: np.ndarray, observations: int) -> tuple[float, float]:
    """``survey::svyciprop(method = "beta")`` with Satterthwaite's degrees of freedom, by scipy.stats."""
    share, g = means.mean(), len(means)
    error = means.std(ddof=1) / np.sqrt(g)
    plain, thin = (
        share * (1 - share) / error**2 * (stats.t.ppf(0.975, observations - 1) / stats.t.ppf(0.975, df)) ** 2
        for df in (g - 1, min(2 * g / (stats.kurtosis(means, fisher=False) - 1), g - 1))
    )
    size = max(thin, min(plain, g))
    right, wrong = share * size, (1 - share) * size
    return float(stats.beta.ppf(0.025, right, wrong + 1)), float(stats.beta.ppf(0.975, right + 1, wrong))


def test_paired_and_clustered_are_one_where_the_design_is_balanced() -> None:
    outcome, design, cluster = dataset("balanced")
    sides = design["gpt4"] == 1
    paired, clustered = (f(outcome, sides, cluster) for f in (paired_mean_difference, clustered_mean_difference))
    assert clustered.standard_error == pytest.approx(paired.standard_error)
    assert clustered.degrees_of_freedom == paired.degrees_of_freedom == 76


def test_exact_tests_agree_with_r() -> None:
    expected = reference("comparisons").query("dataset == 'one_line'").set_index("what")["value"]
    right = dataset("one_line")[0].to_numpy().reshape(-1, 10) == 100
    assert exact_mcnemar(right[:, 0], right[:, 5]).p_value == pytest.approx(expected["mcnemar_p"])
    test = cochran_q(right)
    assert test.statistic == pytest.approx(expected["cochran_q"])
    assert test.p_value == pytest.approx(expected["cochran_p"])
    assert test.degrees_of_freedom == 9


def test_mcnemar_by_hand() -> None:
    first, second = np.array([1, 1, 1, 1, 1, 0, 1]), np.array([0, 0, 0, 0, 0, 1, 1])
    test = exact_mcnemar(first, second)
    assert (test.statistic, test.n_discordant, test.n_questions) == (5, 6, 7)
    assert test.p_value == pytest.approx(2 * (1 + 6) / 2**6)
    assert exact_mcnemar(first, first).p_value == 1


def test_cochran_of_two_is_mcnemar_without_correction() -> None:
    right = np.array([[1, 0]] * 9 + [[0, 1]] * 3 + [[1, 1]] * 5)
    assert cochran_q(right).statistic == pytest.approx((9 - 3) ** 2 / (9 + 3))


def test_consistency_by_hand() -> None:
    rounds = [[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]]
    rows = [
        (f"q{question}", "one", number, "key", 100.0 * right)
        for question, answers in enumerate(rounds)
        for number, right in enumerate(answers)
    ]
    rows += [("q9", "one", 0, "key", 100.0), ("q0", "other", 0, "key", 100.0)]
    table = pd.DataFrame(rows, columns=["question_id", "respondent", "round", "basis", "score_percent"])
    (found,) = consistency_over_rounds(table, basis="key", respondents=["one", "other"])
    assert (found.rounds, found.questions) == (5, 4)
    assert (found.all_full, found.majority_full, found.all_equal) == (1, 2, 2)
    halved = table[table["round"] < 2]
    (two,) = consistency_over_rounds(halved, basis="key", respondents=["one"])
    assert (two.all_full, two.majority_full) == (2, 2)


def test_pass_mark_by_hand() -> None:
    found = mean_score([60, 80, 50, 70, 90, 70], [1, 1, 2, 2, 3, 3], threshold=60)
    assert found.mean == 70
    # Cluster means 70, 60, 80: standard deviation 10 over the root of 3.
    assert found.standard_error == pytest.approx(10 / np.sqrt(3))
    assert (found.ci_low / 100, found.ci_high / 100) == pytest.approx(korn_graubard(np.array([0.7, 0.6, 0.8]), 6))


def test_the_pass_marks_p_and_the_interval_say_the_same() -> None:
    scores, questions = [100.0] * 37 + [50.0] * 3, np.repeat(np.arange(20), 2)
    low = mean_score(scores, questions).ci_low
    assert mean_score(scores, questions, threshold=low).p_above == pytest.approx(0.025)
    binary = [100.0] * 18 + [0.0] * 2
    of_independent = mean_score(binary, np.arange(20), threshold=60).p_above
    # Each question by itself: the variance with 20 - 1 for 20 makes 19 observations of 20.
    assert of_independent == pytest.approx(stats.beta.cdf(0.6, 0.9 * 19, 0.1 * 19 + 1))


def test_near_the_ceiling_nothing_leaves_the_scale() -> None:
    """39 of 40 right; the t interval was 92.27 to 102.73 for 97.5 within 95 %."""
    found = mean_score([100.0] * 39 + [0.0], np.arange(40))
    size = 39.0  # 40 observations, with 39 degrees of freedom of their variance
    assert found.ci_low == pytest.approx(100 * stats.beta.ppf(0.025, 0.975 * size, 0.025 * size + 1))
    assert found.ci_high == pytest.approx(100 * stats.beta.ppf(0.975, 0.975 * size + 1, 0.025 * size))
    assert 86 < found.ci_low < found.mean < found.ci_high < 100
    all_right = mean_score([100.0] * 80, np.repeat(np.arange(40), 2), threshold=90)
    assert (all_right.mean, all_right.ci_high) == (100, 100)
    assert all_right.ci_low == pytest.approx(100 * 0.025 ** (1 / 40))
    assert all_right.p_above == pytest.approx(0.9**40)
    on_six_points = mean_score([6.0] * 39 + [1.0], np.arange(40), lowest=1, highest=6)
    assert on_six_points.ci_low == pytest.approx(1 + 5 * found.ci_low / 100)


def test_levels_grouped() -> None:
    assert group_levels([0, 0.1, 50, 99.9, 100]).tolist() == [0, 1, 1, 1, 2]
    assert group_levels([1, 2, 5, 6], lowest=1, highest=6).tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clustered_mean_difference([1, 2], [True, True], [1, 2]), "One side"),
        (lambda: clustered_mean_difference([1, 2], [True, False], [1, 1]), "one cluster"),
        (lambda: clustered_mean_difference([1, np.nan], [True, False], [1, 2]), "1 of 2 responses have no score"),
        (lambda: paired_mean_difference([1, 2, 3], [True, False, True], [1, 1, 2]), "Fewer than two questions"),
        (lambda: paired_mean_difference([1, 2, 3, 4], [False, True] * 2, [1, 1, 2, 2]), "same difference"),
        (lambda: cochran_q([[1, 1], [0, 0]]), "no question on which they differ"),
        (lambda: mean_score([50, 60], [1, 1]), "one cluster"),
        (lambda: mean_score([50, 50], [1, 2]), "no interval"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(CannotEstimate, match=message):
        call()
