"""Severity of reviewers: by hand for two, against conditional logistic regression of statsmodels for pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.reviewers.severity import reviewer_severity

NO_SLOPE = 1e-8
"""Of the log likelihood at its maximum; the search of statsmodels ends at some 1e-5 whatever it is asked."""


def test_two_reviewers_by_hand() -> None:
    """Of the 12 answers that they mark differently, A credits 9 and B 3: s_B - s_A is log 3, half of it each."""
    pairs = [(1, 0)] * 9 + [(0, 1)] * 3 + [(1, 1)] * 20 + [(0, 0)] * 8
    ratings = np.array(pairs, dtype=np.float64)
    found = reviewer_severity(ratings, np.arange(len(pairs)), ("A", "B"))
    assert found.severity == pytest.approx((-math.log(3) / 2, math.log(3) / 2))
    assert found.n_differing == 12
    # Every answer a cluster of its own: the variance of log(9/3) is 1/9 + 1/3, times n / (n - 1); t with n - 1
    error = math.sqrt((1 / 9 + 1 / 3) * len(pairs) / (len(pairs) - 1)) / 2
    assert found.ci_high[1] - found.severity[1] == pytest.approx(2.0227 * error, rel=1e-4)


def simulated(severity: list[float], each: int, answers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Marks of answers by ``each`` reviewers chosen by the answer's question."""
    generator = np.random.default_rng(seed)
    reviewers = len(severity)
    ratings = np.full((answers, reviewers), np.nan)
    question = np.arange(answers) // 5
    for number in range(question.max() + 1):
        chosen = generator.permutation(reviewers)[:each]
        for answer in np.flatnonzero(question == number):
            level = generator.normal(0.0, 1.5)
            chance = 1 / (1 + np.exp(-(level - np.array(severity)[chosen])))
            ratings[answer, chosen] = generator.random(each) < chance
    return ratings, question


def test_pairs_equal_conditional_logistic_regression() -> None:
    ratings, question = simulated([0.5, 0.0, -0.2, -0.3], each=2, answers=400, seed=4)
    found = reviewer_severity(ratings, question, ("A", "B", "C", "D"))
    answer, reviewer = np.nonzero(np.isfinite(ratings))
    design = np.eye(4)[reviewer][:, 1:]
    with pytest.warns(match="no within-group variance"):  # answers on which the two agree
        reference = ConditionalLogit(ratings[answer, reviewer], design, groups=answer)
    contrasts = found.severity[0] - np.array(found.severity[1:])
    assert np.abs(reference.score(contrasts)).max() < NO_SLOPE
    assert np.asarray(reference.fit(disp=False).params) == pytest.approx(contrasts, abs=1e-3)


def test_more_marks_of_an_answer_find_the_severity_that_was_put_in() -> None:
    true = [0.6, 0.0, -0.2, -0.4]
    ratings, question = simulated(true, each=4, answers=4000, seed=9)
    found = reviewer_severity(ratings, question, ("A", "B", "C", "D"))
    inside = [low <= value <= high for low, value, high in zip(found.ci_low, true, found.ci_high, strict=True)]
    assert sum(inside) >= 3
    assert found.severity == pytest.approx(true, abs=0.2)
    assert found.p_value < 1e-6


def test_alike_reviewers_are_called_alike() -> None:
    """Under no difference the p-value is uniform: of 200 studies about 10 are below 0.05, seldom more than 20."""
    below = 0
    for seed in range(200):
        ratings, question = simulated([0.0, 0.0, 0.0], each=2, answers=300, seed=seed)
        below += reviewer_severity(ratings, question, ("A", "B", "C")).p_value < 0.05
    assert 2 <= below <= 20


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(1, 1), (0, 0)], "answers of several questions that two reviewers marked differently"),
        ([(1, 0), (1, 0), (1, 1)], "A credited every answer on which the marks differ"),
        ([(1, 0), (0, 1), (0, 1)], None),
    ],
)
def test_what_has_no_finite_severity_is_refused(pairs: list[tuple[int, int]], reason: str | None) -> None:
    ratings, cluster = np.array(pairs, dtype=np.float64), np.arange(len(pairs))
    if reason is None:
        assert reviewer_severity(ratings, cluster, ("A", "B")).severity[0] == pytest.approx(math.log(2) / 2)
        return
    with pytest.raises(CannotEstimate, match=reason):
        reviewer_severity(ratings, cluster, ("A", "B"))


def test_a_reviewer_who_shares_no_answer_is_named() -> None:
    ratings = np.array([(1, 0, np.nan), (0, 1, np.nan), (np.nan, np.nan, 1)])
    with pytest.raises(CannotEstimate, match="C marked no answer differently from another reviewer"):
        reviewer_severity(ratings, np.arange(3), ("A", "B", "C"))
