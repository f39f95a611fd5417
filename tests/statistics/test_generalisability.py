"""Components of a difference: by hand, by simulation, and the error that they give for the study's own size."""

from __future__ import annotations

import numpy as np
import pytest

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.generalisability import Components, difference_components


def test_two_rounds_by_hand() -> None:
    """Ten questions, of which five have differences 0 and 2 and five 10 and 12 in two rounds.

    Rounds have means 5 and 7; with that taken out every question has twice the same: its mean, 1 or 11, so the round
    component is 0 and the mean square of questions is 2 x 250 / 9 = 55.56; half of it is of the questions.
    """
    data = np.array([[[0.0], [2.0]]] * 5 + [[[10.0], [12.0]]] * 5)
    found = difference_components(data)
    assert found.round == pytest.approx(0.0)
    assert found.question == pytest.approx(250 / 9)
    assert found.standard_error(10, 2) == pytest.approx(np.sqrt(250 / 90))


def test_the_error_for_the_own_size_is_that_of_the_questions() -> None:
    """With one consensus, components at the study's own size give the usual error of the mean over questions."""
    data = np.random.default_rng(1).normal(size=(40, 5, 1)) + np.random.default_rng(2).normal(size=(40, 1, 1))
    found = difference_components(data)
    of_questions = data.mean(axis=(1, 2))
    assert found.standard_error(40, 5) == pytest.approx(of_questions.std(ddof=1) / np.sqrt(40))


def test_components_are_recovered() -> None:
    """Simulated: the mean over 400 studies is within four Monte-Carlo errors of what was put in."""
    chance = np.random.default_rng(3)
    truth = {"question": 400.0, "round": 200.0, "reviewer": 9.0, "question_by_reviewer": 100.0, "residual": 50.0}
    found: dict[str, list[float]] = {name: [] for name in truth}
    for _ in range(400):
        data = (
            chance.normal(0, 20, (30, 1, 1))
            + chance.normal(0, np.sqrt(200), (30, 4, 1))
            + chance.normal(0, 3, (1, 1, 3))
            + chance.normal(0, 10, (30, 1, 3))
            + chance.normal(0, np.sqrt(50), (30, 4, 3))
            + np.arange(4)[None, :, None]  # an effect of rounds on all questions
        )
        estimate = difference_components(data)
        for name, values in found.items():
            values.append(getattr(estimate, name))
    for name, value in truth.items():
        error = np.std(found[name], ddof=1) / np.sqrt(400)
        assert np.mean(found[name]) == pytest.approx(value, abs=4 * error), name


def test_the_error_of_another_size_by_hand() -> None:
    """100 / 20 + 50 / 40 + 4 / 2 + 30 / 40 + 20 / 80 = 9.25; estimates below 0 count as none."""
    components = Components(100.0, 50.0, 4.0, 30.0, 20.0, 77, 5, 2)
    assert components.standard_error(20, 2, 2) == pytest.approx(np.sqrt(9.25))
    below = Components(100.0, -5.0, -1.0, 0.0, 0.0, 77, 5, 2)
    assert below.standard_error(25, 1, 1) == pytest.approx(2.0)


@pytest.mark.parametrize("shape", [(9, 5, 1), (30, 1, 1)])
def test_too_little_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(CannotEstimate, match="too few to tell what the error is made of"):
        difference_components(np.zeros(shape))
