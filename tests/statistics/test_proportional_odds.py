"""Cut-point-wise fits and the Wald test, against a stacked logistic GEE in R."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset, reference
from scipy.stats import chi2, f

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck, WaldTest, check_proportional_odds
from samp_eval.statistics.simulation import StudyShape, simulate_study

R_TOLERANCE = 1e-7
"""geepack iterates to 1e-12; the Wald statistic is compared relative to itself."""


def overall(check: ProportionalOddsCheck) -> WaldTest:
    assert check.overall is not None
    return check.overall


@pytest.mark.parametrize("name", ["balanced", "three_respondents", "koch"])
def test_check_agrees_with_geepack(name: str) -> None:
    expected = reference("comparisons").query("dataset == @name").set_index("what")["value"]
    check = check_proportional_odds(*dataset(name), covariance="robust")
    for place, cut in enumerate(check.cut_points, start=1):
        for term in cut.terms:
            assert term.log_odds_ratio == pytest.approx(expected[f"slope:{term.term}:{place}"], abs=R_TOLERANCE)
            assert term.standard_error == pytest.approx(expected[f"se:{term.term}:{place}"], abs=R_TOLERANCE)
    for test in (overall(check), *check.by_term):
        assert test.statistic == pytest.approx(expected[f"wald:{test.tested}"], rel=1e-5)


def test_true_proportional_odds_are_seldom_rejected_and_false_ones_are() -> None:
    rng = np.random.default_rng(8)
    design, cluster = pd.DataFrame({"x": np.tile([0, 1], 1000)}), np.arange(2000) // 10
    latent = rng.logistic(size=2000)
    proportional = np.digitize(latent + 0.8 * design["x"], [-1.0, 0.5])
    crossing = np.digitize(latent * np.where(design["x"] == 1, 2.5, 1.0), [-1.0, 0.5])
    assert overall(check_proportional_odds(proportional, design, cluster)).p_value > 0.05
    assert overall(check_proportional_odds(crossing, design, cluster)).p_value < 0.001


def test_the_level_holds_with_the_studys_terms_and_few_clusters() -> None:
    """Referred to chi-squared, the same statistics reject nearly half of the time where proportional odds are true."""
    studies = simulate_study(StudyShape(), replicates=60, seed=3)
    rounds = np.arange(len(studies.design)) % 5
    design = studies.design.assign(prompted=rounds % 4 < 2, regenerated=rounds % 2, later=rounds == 4).astype(float)
    found = []
    for scores in studies.outcome:
        test = overall(check_proportional_odds(scores, design, studies.case))
        assert test.denominator == 20 - test.degrees_of_freedom
        found.append((test.p_value < 0.05, chi2.sf(test.statistic, test.degrees_of_freedom) < 0.05))
    by_f, by_chi_squared = np.mean(found, axis=0)
    assert by_f < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)
    assert by_chi_squared > 0.3


def test_all_terms_are_tested_together_only_where_both_sides_have_enough_clusters() -> None:
    """Simulated: proportional odds hold, and low scores are rare; at every cut point together the test rejects 15 %."""
    shape = StudyShape(thresholds=(3.5, 2.2, 0.85))
    studies = simulate_study(shape, replicates=100, seed=4)
    rounds = np.arange(len(studies.design)) % 5
    design = studies.design.assign(prompted=rounds % 4 < 2, regenerated=rounds % 2, later=rounds == 4).astype(float)
    found = [check_proportional_odds(scores, design, studies.question) for scores in studies.outcome]
    fewer = [one for one in found if "at 2 of 3 cut points" in " ".join(one.warnings)]
    assert len(fewer) > 60
    assert {one.overall.degrees_of_freedom for one in fewer if one.overall} == {4}
    rejected = np.mean([one.overall.p_value < 0.05 for one in found if one.overall])
    assert rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_p_value_by_hand() -> None:
    test = check_proportional_odds(*dataset("balanced")).by_term[0]
    assert (test.degrees_of_freedom, test.denominator) == (2, 75)
    assert test.p_value == pytest.approx(f.sf(test.statistic * 75 / (2 * 76), 2, 75))


def test_degrees_of_freedom() -> None:
    check = check_proportional_odds(*dataset("three_respondents"))
    assert overall(check).degrees_of_freedom == 6
    assert [test.degrees_of_freedom for test in check.by_term] == [3, 3]
    assert [cut.above for cut in check.cut_points] == [0, 25, 50, 75]


def test_a_separated_cut_point_is_left_out_and_said() -> None:
    outcome, design, cluster = dataset("balanced")
    check = check_proportional_odds(outcome.mask((design["gpt4"] == 1) & (outcome == 0), 100.0), design, cluster)
    assert [cut.above for cut in check.cut_points] == [33.33, 66.67]
    assert check.warnings == ("The cut point above 0 is left out: too few responses on one side of it.",)


def test_a_level_of_one_question_makes_no_cut_point_of_its_own() -> None:
    """As if that question's rare level were the next one."""
    outcome, design, cluster = dataset("balanced")
    rare = outcome.mask((outcome == 33.33) & (cluster == cluster.iloc[0]), 25.0)
    assert (rare == 25.0).any()
    check, expected = (check_proportional_odds(one, design, cluster) for one in (rare, outcome))
    assert check.warnings == ("The cut point above 25 is left out: only 1 cluster has a score above 0 and up to 25.",)
    assert overall(check).statistic == pytest.approx(overall(expected).statistic, rel=1e-9)
    assert [cut.above for cut in check.cut_points] == [cut.above for cut in expected.cut_points]


def test_two_levels_hold_by_definition() -> None:
    with pytest.raises(CannotEstimate, match="by definition"):
        check_proportional_odds(*dataset("binary"))


def test_too_many_slopes_for_the_clusters() -> None:
    outcome, design, cluster = dataset("ten_levels")
    with pytest.raises(
        CannotEstimate, match="10 of 10 cut points have estimates of their own, and there are 15 clusters"
    ):
        check_proportional_odds(outcome, design, cluster % 15)


@pytest.mark.parametrize("covariance", ["robust", "bias_reduced"])
def test_few_different_clusters_are_refused_and_never_divided_by(covariance: Literal["robust", "bias_reduced"]) -> None:
    """Simulated clusters of which many are copies: errors of zero, and covariances of less than full rank."""
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]], dtype=float)
    design = pd.DataFrame(np.tile(places, (40, 1)), columns=list("abc"))
    told = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        kinds = rng.integers(0, 4, (int(rng.integers(4, 8)), 6))
        outcome = kinds[np.r_[np.arange(len(kinds)), rng.integers(0, len(kinds), 40 - len(kinds))]].ravel()
        try:
            found = check_proportional_odds(outcome, design, np.repeat(np.arange(40), 6), covariance=covariance)
        except CannotEstimate as error:
            told.append(str(error))
        else:
            tests = [*found.by_term, *filter(None, [found.overall])]
            assert all(0 <= test.p_value <= 1 for test in tests)
    assert sum("too few different patterns" in one for one in told) > 20
