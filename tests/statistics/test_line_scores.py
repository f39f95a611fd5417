"""Power near the ceiling: against whole studies that are simulated line by line."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from samp_eval.statistics.line_scores import shape_for_lines, simulate_line_scores

BRUTE_FORCE = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "analysis" / "power_by_brute_force.py"))

FORETOLD = 0.05
"""How far the foretold power was off in five designs of 600 studies each: by 0.03 to 0.05."""


@pytest.mark.parametrize("right", [0.6, 0.736, 0.9])
def test_lines_are_right_as_often_as_asked(right: float) -> None:
    scores, other, _ = simulate_line_scores(right, 0.0, 20_000, 2, np.random.default_rng(1))
    assert scores[other == 0].mean() == pytest.approx(100 * right, abs=0.7)
    assert set(scores.round(3)) == {0, 25, 33.333, 50, 66.667, 75, 100}
    shape = shape_for_lines(right)
    above = 1 / (1 + np.exp(-np.array(shape.thresholds)))
    levels = np.array([0, 25, 100 / 3, 50, 200 / 3, 75, 100])
    assert float(above @ np.diff(levels)) == pytest.approx(100 * right, abs=1.0)
    assert 0 < shape.question_share + shape.response_share + shape.case_share < 1


@pytest.mark.parametrize("design", [(0.75, 1.6, 77, 3), (0.9, 1.8, 60, 3)])
def test_power_is_that_of_brute_force(design: tuple[float, float, int, int]) -> None:
    """The published design's levels foretold 0.67 for 0.37 at 90 % right."""
    _, share, error, power = BRUTE_FORCE["compared"](design, 250)
    assert power == pytest.approx(share, abs=2 * error + FORETOLD)
