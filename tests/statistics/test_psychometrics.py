"""Content validity, pass marks and item analysis: published values, values by hand, and other software's formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import linregress
from statsmodels.stats.proportion import proportion_confint

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.psychometrics.angoff import angoff
from samp_eval.statistics.psychometrics.candidate_standards import (
    borderline_group,
    borderline_regression,
    cohen,
    hofstee,
)
from samp_eval.statistics.psychometrics.content_validity import item_validity, scale_validity
from samp_eval.statistics.psychometrics.item_analysis import cronbach_alpha, item_rest_correlations

SIX_BY_FIVE = np.array(
    [
        [100, 67, 50, 100, 33],
        [100, 100, 50, 67, 67],
        [50, 33, 0, 67, 33],
        [100, 67, 100, 100, 67],
        [0, 33, 50, 33, 0],
        [50, 67, 50, 100, 33],
    ]
)
"""Made by hand; its alpha and correlations were computed outside this project, to six places."""


@pytest.mark.parametrize(
    ("n", "favourable", "i_cvi", "chance", "kappa", "accepted"),
    [
        (6, 5, 0.8333, 0.0938, 0.8161, True),
        (5, 4, 0.8, 0.1562, 0.7630, False),
        (9, 7, 0.7778, 0.0703, 0.7610, True),
        (10, 8, 0.8, 0.0439, 0.7908, True),
        (3, 3, 1.0, 0.125, 1.0, True),
        (8, 6, 0.75, 0.1094, 0.7193, False),
    ],
)
def test_content_validity_of_polit_beck_and_owen(
    n: int, favourable: int, i_cvi: float, chance: float, kappa: float, *, accepted: bool
) -> None:
    """Table 4 of Polit, Beck and Owen (2007), to four places; the cuts of Lynn (1986)."""
    found = item_validity([4] * favourable + [2] * (n - favourable))
    assert (found.i_cvi, found.chance, found.kappa) == pytest.approx((i_cvi, chance, kappa), abs=6e-5)
    assert found.reaches_cut is accepted
    assert (found.ci_low, found.ci_high) == pytest.approx(proportion_confint(favourable, n, method="wilson"))


def test_content_validity_of_a_bank_by_hand() -> None:
    ratings = np.array([[4, 4, 3], [4, 2, 3], [1, 3, np.nan], [2, 2, 4]])
    found = scale_validity(ratings)
    assert found.n_items == 3  # the third question has two ratings
    assert found.average == pytest.approx((1 + 2 / 3 + 1 / 3) / 3)
    assert found.universal == pytest.approx(1 / 3)
    # AC1: pairs agree in 1, 1/3 and 1/3; favourable on average 2/3, so chance is 2 * 2/3 * 1/3.
    assert found.ac1.value == pytest.approx(((1 + 1 / 3 + 1 / 3) / 3 - 4 / 9) / (1 - 4 / 9))


@pytest.mark.parametrize("ratings", [[4, 4], [4, 4, 5], [4, 4, 2.5]])
def test_content_validity_refuses(ratings: list[float]) -> None:
    with pytest.raises(CannotEstimate):
        item_validity(ratings)


def test_angoff_by_hand() -> None:
    """Three experts, two questions of two lines and one of one, so that everything can be followed on paper."""
    found = angoff([[1.0, 1.0, 0.8], [1.2, 0.8, 0.6], [1.4, 1.2, 1.0]], [2, 2, 1])
    shares = np.array([[50, 50, 80], [60, 40, 60], [70, 60, 100]])
    assert found.cut == pytest.approx(shares.mean()) == pytest.approx(570 / 9)
    assert found.expert_means == pytest.approx((60, 160 / 3, 230 / 3))
    # Sums of squares: total 2,600, experts 866.67, questions 1,400: residual 333.33 on 4 degrees of freedom.
    residual = 1000 / 3 / 4
    assert found.variance_residual == pytest.approx(residual)
    assert found.variance_experts == pytest.approx((2600 / 3 / 2 - residual) / 3)
    assert found.variance_questions == pytest.approx((1400 / 2 - residual) / 3)
    assert found.error_of_experts**2 == pytest.approx(2600 / 3 / 2 / 9)
    assert found.standard_error**2 == pytest.approx(2600 / 3 / 2 / 9 + (1400 / 2 - residual) / 9)


def test_angoff_with_equal_experts_has_the_error_of_the_questions_alone() -> None:
    found = angoff([[1, 2, 3]] * 4, [2, 2, 4])
    assert found.error_of_experts == pytest.approx(0, abs=1e-9)
    assert found.standard_error == pytest.approx(np.std([50, 100, 75], ddof=1) / math.sqrt(3))


def test_angoff_errors_are_those_of_repeated_panels() -> None:
    """Panels and questions drawn from a simulated population: the mean squared error is what is stated."""
    chance = np.random.default_rng(18)
    marks, squared = [], []
    for _ in range(2000):
        shares = 50 + 5 * chance.normal(size=(5, 1)) + 8 * chance.normal(size=(1, 20)) + 6 * chance.normal(size=(5, 20))
        found = angoff(np.clip(shares, 0, 100) / 100 * 4, np.full(20, 4))
        marks.append(found.cut)
        squared.append(found.standard_error**2)
    assert np.var(marks) == pytest.approx(np.mean(squared), rel=0.08)  # 2,000 samples know a variance to 3 %


def test_angoff_notices_experts_who_stand_apart() -> None:
    base = np.array([1.0, 1.4, 0.6, 1.8, 1.2])
    panel = [base, base + 0.1, base - 0.1, base + 0.05, 2 - base, np.full(5, 1.2)]
    noticed = dict(angoff(panel, np.full(5, 2)).noticed)
    assert set(noticed) == {4, 5}
    assert "correlation" in noticed[4]
    assert "same share" in noticed[5]


@pytest.mark.parametrize(
    "expected",
    [[[1, 1], [1, 1]], [[1], [1], [1]], [[1, 3], [1, 1], [1, 1]], [[1, np.nan], [1, 1], [1, 1]]],
)
def test_angoff_refuses(expected: list[list[float]]) -> None:
    with pytest.raises(CannotEstimate):
        angoff(expected, [2] * len(expected[0]))


def test_hofstee_by_hand() -> None:
    """Scores of 1 to 100: between 53 and 54, 53 of 100 fail; the line 60 - 2 (k - 50) is at 53 where k is 53.5."""
    found = hofstee(np.arange(1, 101), [[50, 80, 0, 60]] * 3, seed=1)
    assert found.cut == pytest.approx(53.5, abs=1e-9)
    assert found.remark == ""
    assert found.standard_error > 0


def test_hofstee_says_where_line_and_curve_do_not_meet() -> None:
    scores = np.linspace(20, 40, 40)
    found = hofstee(scores, [[50, 60, 5, 20]] * 3, seed=1)
    assert found.cut == 50
    assert "do not meet" in found.remark


def test_borderline_regression_is_the_line_of_scipy() -> None:
    chance = np.random.default_rng(3)
    ratings = chance.integers(1, 6, 40)
    scores = np.clip(30 + 10 * ratings + chance.normal(0, 5, 40), 0, 100)
    line = linregress(ratings, scores)
    found = borderline_regression(scores, ratings, 2)
    assert found.cut == pytest.approx(line.intercept + 2 * line.slope)
    away = 2 - ratings.mean()
    spread = ((ratings - ratings.mean()) ** 2).sum()
    residual = line.stderr**2 * spread
    assert found.standard_error == pytest.approx(math.sqrt(residual * (1 / 40 + away**2 / spread)))


def test_borderline_group_and_cohen_by_hand() -> None:
    scores = np.array([50, 52, 54, 56, 58] + [80] * 25)
    found = borderline_group(scores, np.array([2] * 5 + [4] * 25), 2)
    assert (found.cut, found.standard_error) == pytest.approx((54, math.sqrt(10 / 5)))
    even = np.arange(0, 101)
    assert cohen(even, seed=1).cut == pytest.approx(57)
    assert cohen(even, seed=1, guessed=20).cut == pytest.approx(20 + 0.6 * 75)
    with pytest.raises(CannotEstimate, match="30 human candidates"):
        cohen(np.arange(29), seed=1)


def test_alpha_and_item_rest_correlations() -> None:
    found = cronbach_alpha(SIX_BY_FIVE)
    assert found.alpha == pytest.approx(0.858586, abs=1e-6)
    assert item_rest_correlations(SIX_BY_FIVE) == pytest.approx(
        [0.844843, 0.742696, 0.456214, 0.637348, 0.823002], abs=1e-6
    )
    # F with 5 and 20 degrees of freedom: 3.2891 and 0.1580 at 97.5 % and 2.5 % (tables).
    assert (found.ci_low, found.ci_high) == pytest.approx((1 - 0.141414 * 3.2891, 1 - 0.141414 * 0.1580), abs=2e-4)
