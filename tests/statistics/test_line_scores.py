"""Studies that are simulated line by line: their scores, their odds ratio, and the power that is foretold from them."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.line_scores import LineStudyShape, score_log_odds, simulate_line_scores

BRUTE_FORCE = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "analysis" / "power_by_brute_force.py"))


@pytest.mark.parametrize("right", [0.6, 0.736, 0.9])
def test_lines_are_right_as_often_as_asked(right: float) -> None:
    scores, other, _ = simulate_line_scores(right, 0.0, 20_000, 2, np.random.default_rng(1))
    assert scores[other == 0].mean() == pytest.approx(100 * right, abs=0.7)
    assert set(scores.round(3)) == {0, 25, 33.333, 50, 66.667, 75, 100}


@pytest.mark.parametrize(("right", "odds"), [(0.75, 1.6), (0.95, 2.2), (0.5, 0.4)])
def test_the_odds_ratio_of_scores_is_that_of_a_large_study(right: float, odds: float) -> None:
    scores, other, question = simulate_line_scores(right, float(np.log(odds)), 40_000, 1, np.random.default_rng(4))
    design = pd.DataFrame({"other": other.astype(float)})
    (term,) = fit_ordinal_gee(scores.round(6), design, question, engine="vectorised").terms
    expected = score_log_odds(right, float(np.log(odds)))
    assert term.log_odds_ratio == pytest.approx(expected, abs=3 * term.standard_error)


def test_one_line_a_question_has_the_odds_ratio_of_scores() -> None:
    """Not exactly that of a line here, where most questions ask for more; and no difference makes none."""
    assert score_log_odds(0.75, 0.0) == pytest.approx(0, abs=1e-9)
    assert 0.47 < score_log_odds(0.75, 0.47) < 0.55
    assert score_log_odds(0.75, -0.47) < -0.47


def test_studies_keep_their_seed_and_the_cases_of_their_questions() -> None:
    shape = LineStudyShape(0.8, n_questions=10, n_rounds=2)
    first, again = (shape.simulated(replicates=3, seed=5) for _ in range(2))
    assert (first.outcome == again.outcome).all()
    assert first.outcome.shape == (3, 40)
    assert first.case.tolist() == [place // 16 for place in range(40)]
    assert len(set(first.question_respondent)) == 20


@pytest.mark.slow
@pytest.mark.parametrize("design", [(0.75, 1.6, 77, 3), (0.9, 1.8, 60, 3)])
def test_power_is_that_of_brute_force(design: tuple[float, float, int, int]) -> None:
    """Whole studies, each fitted alone; 3 standard errors of 300 of them."""
    _, share, error, power = BRUTE_FORCE["compared"](design, 300)
    assert power == pytest.approx(share, abs=3 * error)
