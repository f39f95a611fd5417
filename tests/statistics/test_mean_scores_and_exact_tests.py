"""Simpler statistics, against R and by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset, reference

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
    ours = [paired.difference, paired.ci_low, paired.ci_high, paired.p_value]
    assert ours == pytest.approx(expected[["paired_difference", "paired_low", "paired_high", "paired_p"]].tolist())


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
    assert found.ci_high == pytest.approx(70 + 4.302653 * 10 / np.sqrt(3))
    assert found.p_above == pytest.approx(0.112702, abs=1e-5)


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
