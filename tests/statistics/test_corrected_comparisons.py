"""Preferences of all questions from the marks of some: checked by hand, and over every draw of small studies."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.drawn.corrected_comparisons import comparisons_from_chances, corrected_comparisons
from samp_eval.statistics.ranking.comparisons import (
    Comparisons,
    comparisons_from_scores,
    mean_preferences,
    pair_preferences,
)
from samp_eval.statistics.ranking.davidson import fit_strengths
from samp_eval.statistics.ranking.transitivity import transitivity_test


def two(*wins_of_first: float) -> Comparisons:
    """Comparisons of two respondents without ties."""
    wins = np.zeros((len(wins_of_first), 2, 2))
    wins[:, 0, 1], wins[:, 1, 0] = wins_of_first, 1 - np.array(wins_of_first)
    return Comparisons(wins, np.zeros_like(wins))


def test_four_questions_by_hand() -> None:
    # predicted 0.6, 0.4, 0.8, 0.2 of which the first and the third are drawn and marked 1 and 0.5: the mean prediction
    # is 0.5, the mean difference (0.4 - 0.3) / 2 = 0.05
    drawn = np.array([True, False, True, False])
    found = corrected_comparisons(two(0.6, 0.4, 0.8, 0.2), two(1.0, 0.5), drawn, np.full(4, 2.0))
    pairs = pair_preferences(found)
    assert pairs.values == pytest.approx([0.55])
    corrected = np.array([0.6 + 2 * 0.4, 0.4, 0.8 - 2 * 0.3, 0.2])
    assert pairs.standard_errors == pytest.approx([np.std(corrected, ddof=1) / 2])
    assert (pairs.n_drawn, pairs.degrees_of_freedom) == (2, 1.0)
    mean = mean_preferences(found)
    assert mean.values == pytest.approx([0.55, 0.45])
    assert mean.differences().degrees_of_freedom == mean.combined(np.eye(2)).degrees_of_freedom == 1.0
    assert fit_strengths(found).estimate.degrees_of_freedom == 1.0


def test_chances_of_wins_and_ties_by_hand() -> None:
    # levels 0, 1, 2; one condition, one replicate
    chances = np.array([[0.2, 0.3, 0.5], [0.6, 0.1, 0.3]])[None, :, None, None, :]
    found = comparisons_from_chances(chances)
    assert found.wins[0, 0, 1] == pytest.approx(0.3 * 0.6 + 0.5 * 0.7)
    assert found.wins[0, 1, 0] == pytest.approx(0.1 * 0.2 + 0.3 * 0.5)
    assert found.ties[0, 0, 1] == pytest.approx(0.2 * 0.6 + 0.3 * 0.1 + 0.5 * 0.3)
    assert (found.wins[0].diagonal() == 0).all()
    assert found.halved[0, 0, 1] + found.halved[0, 1, 0] == pytest.approx(1)


def test_sure_predictions_compare_as_scores_do() -> None:
    generator = np.random.default_rng(3)
    levels = generator.integers(0, 3, (6, 4, 2, 3)).astype(float)
    levels[0, 1, 1] = np.nan  # no condition in common with the others on the first question
    levels[2, 0, 0, 2] = np.nan
    chances = np.where(np.isnan(levels)[..., None], np.nan, levels[..., None] == np.arange(3))
    by_scores, by_chances = comparisons_from_scores(levels), comparisons_from_chances(chances)
    np.testing.assert_allclose(by_chances.wins, by_scores.wins, atol=1e-12)
    np.testing.assert_allclose(by_chances.ties, by_scores.ties * (1 - np.eye(4)), atol=1e-12)


def test_the_mean_over_every_draw_is_that_of_all_marks() -> None:
    generator = np.random.default_rng(5)
    full = comparisons_from_scores(generator.integers(0, 3, (6, 3, 2)).astype(float))
    wrong = comparisons_from_scores(generator.integers(0, 3, (6, 3, 2)).astype(float))
    found = []
    for chosen in combinations(range(6), 3):
        drawn = np.isin(np.arange(6), chosen)
        marked = Comparisons(full.wins[drawn], full.ties[drawn])
        found.append(mean_preferences(corrected_comparisons(wrong, marked, drawn, np.full(6, 2.0))).values)
    np.testing.assert_allclose(np.mean(found, axis=0), mean_preferences(full).values, atol=1e-12)


def test_with_every_question_drawn_the_marks_are_what_counts() -> None:
    generator = np.random.default_rng(7)
    full = comparisons_from_scores(generator.integers(0, 3, (30, 3, 2)).astype(float))
    wrong = comparisons_from_scores(generator.integers(0, 3, (30, 3, 2)).astype(float))
    found = corrected_comparisons(wrong, full, np.full(30, True), np.ones(30))
    np.testing.assert_array_equal(found.wins, full.wins)
    np.testing.assert_array_equal(found.ties, full.ties)
    np.testing.assert_array_equal(mean_preferences(found).influence, mean_preferences(full).influence)
    strengths = fit_strengths(found).estimate
    np.testing.assert_array_equal(strengths.values, fit_strengths(full).estimate.values)
    test = transitivity_test(pair_preferences(found), 3)
    assert test == transitivity_test(pair_preferences(full), 3)


def test_shares_below_0_have_no_strengths() -> None:
    drawn = np.array([True, False])
    found = corrected_comparisons(two(1.0, 0.9), two(0.0), drawn, np.array([3.0, 1.5]))
    assert pair_preferences(found).values == pytest.approx([(-2.0 + 0.9) / 2])
    with pytest.raises(CannotEstimate, match="below 0"):
        fit_strengths(found)
