"""A model's place among people, its favour and its errors: by hand, and recovered from simulated marks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.judging.agreement_gap import agreement_gap
from samp_eval.statistics.judging.error_rates import error_rates
from samp_eval.statistics.judging.order_effect import order_effect
from samp_eval.statistics.judging.question_errors import question_errors
from samp_eval.statistics.judging.self_preference import favour
from samp_eval.statistics.mean_scores import mean_score
from samp_eval.statistics.reviewers.agreement import agreement

EXACT = 1e-12


def known(value: float | None) -> float:
    """The number, which must be there."""
    assert value is not None
    return value


def marks_of(generator: np.random.Generator, true: np.ndarray, sensitivity: float, specificity: float) -> np.ndarray:
    """Marks with these shares of right ones."""
    right = generator.random(len(true)) < np.where(true == 1, sensitivity, specificity)
    return np.where(right, true, 1 - true).astype(float)


def simulated_ratings(seed: int, questions: int = 40, per_question: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A model and two physicians, of whom the model is the worst."""
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(questions), per_question)
    ease = generator.beta(2, 2, questions)
    true = (generator.random(len(cluster)) < ease[cluster]).astype(float)
    columns = [marks_of(generator, true, *quality) for quality in ((0.85, 0.8), (0.95, 0.95), (0.95, 0.95))]
    return np.column_stack(columns), cluster


@pytest.mark.parametrize("statistic", ["kappa", "ac1"])
def test_the_gap_is_that_of_the_pairs(statistic: str) -> None:
    ratings, cluster = simulated_ratings(1)
    of_pair = {
        (first, second): agreement(ratings[:, [first, second]], cluster) for first, second in ((0, 1), (0, 2), (1, 2))
    }
    values = {
        pair: known(found.cohen_kappa.value if statistic == "kappa" else found.gwet_ac1.value)
        for pair, found in of_pair.items()
    }
    gap = agreement_gap(ratings, cluster, statistic)  # type: ignore[arg-type]
    assert gap.with_people.value == pytest.approx((values[0, 1] + values[0, 2]) / 2, abs=EXACT)
    assert gap.among_people.value == pytest.approx(values[1, 2], abs=EXACT)
    assert gap.difference.value == pytest.approx(known(gap.with_people.value) - values[1, 2], abs=EXACT)
    assert gap.difference.ci_high is not None
    assert gap.difference.ci_high < 0  # the model is worse, and enough answers show it


def test_the_interval_of_the_gap_covers() -> None:
    """The true gap by a very large study; 95 % intervals of 200 studies of 40 questions."""
    ratings, cluster = simulated_ratings(0, questions=20_000)
    true = known(agreement_gap(ratings, cluster, "kappa").difference.value)
    covered = 0
    for seed in range(1, 201):
        found = agreement_gap(*simulated_ratings(seed), "kappa").difference
        covered += known(found.ci_low) <= true <= known(found.ci_high)
    assert 180 <= covered <= 200


def test_no_two_people_or_one_kind_of_mark_has_no_place() -> None:
    ratings, cluster = simulated_ratings(1)
    with pytest.raises(CannotEstimate, match="No two people"):
        agreement_gap(ratings[:, :2], cluster, "kappa")
    with pytest.raises(CannotEstimate, match="not defined"):
        agreement_gap(np.ones_like(ratings), cluster, "kappa")


def test_error_rates_by_hand() -> None:
    credited = np.array([1.0, 0, 1, 0, 1, 1])
    true = np.array([1.0, 1, 0, 0, 0, 1])
    found = error_rates(credited, true, np.array([0, 0, 1, 1, 2, 2]))
    assert (found.false_credit.n, found.false_refusal.n) == (3, 3)
    assert found.false_credit.percent.value == pytest.approx(200 / 3)
    assert found.false_refusal.percent.value == pytest.approx(100 / 3)
    assert found.bias.value == pytest.approx(100 / 6)
    assert found.bias.ci_low is None  # three questions are too few


def favoured_study(seed: int, favoured: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Three respondents of different quality; the model credits wrong answers of the third more often."""
    generator = np.random.default_rng(seed)
    questions, each = 60, 5
    cluster = np.repeat(np.arange(questions), 3 * each)
    respondent = np.tile(np.repeat(np.arange(3), each), questions)
    ease = generator.normal(0, 1, questions)[cluster] + np.array([0.0, 0.8, -0.8])[respondent]
    true = (generator.random(len(cluster)) < 1 / (1 + np.exp(-ease))).astype(float)
    hard = generator.beta(2, 8, questions)[cluster]
    chance = np.where(true == 1, 1 - hard, hard)
    chance = np.clip(chance + favoured * (respondent == 2), 0, 1)
    return (generator.random(len(cluster)) < chance).astype(float), true, respondent, cluster


@pytest.mark.parametrize("favoured", [0.0, 0.15])
def test_favour_is_found_given_the_physicians_marks(favoured: float) -> None:
    """In 100 studies the interval of the third respondent holds the favour that was put in, its quality apart."""
    held, values = 0, []
    for seed in range(100):
        found = favour(*favoured_study(seed, favoured), own=[2])
        assert found.own == found.by_respondent[2]
        estimate = found.by_respondent[2]
        values.append(known(estimate.value))
        held += known(estimate.ci_low) <= 100 * favoured <= known(estimate.ci_high)
    assert np.mean(values) == pytest.approx(100 * favoured, abs=1.5)  # clipping at 1 takes off less than a point
    assert held >= 88


def test_favour_of_two_respondents_is_the_regression_with_a_dummy_for_each_question() -> None:
    credited, true, respondent, cluster = favoured_study(3, 0.1)
    kept = respondent < 2
    credited, true, respondent, cluster = credited[kept], true[kept], respondent[kept], cluster[kept]
    dummies = (cluster[:, None] == np.arange(60)).astype(float)
    design = np.column_stack([respondent, true, dummies])
    expected = np.linalg.lstsq(design, 100 * (credited - true), rcond=None)[0][0]
    found = favour(credited, true, respondent, cluster)
    assert found.by_respondent[1].value == pytest.approx(expected, abs=1e-9)
    assert found.by_respondent[0].value == pytest.approx(-expected, abs=1e-9)
    assert found.own is None


def test_favour_needs_two_respondents_and_ten_questions() -> None:
    credited, true, respondent, cluster = favoured_study(3, 0.1)
    with pytest.raises(CannotEstimate, match="two respondents"):
        favour(credited, true, np.zeros_like(respondent), cluster)
    few = cluster < 9
    with pytest.raises(CannotEstimate, match="10 questions"):
        favour(credited[few], true[few], respondent[few], cluster[few])
    with pytest.raises(CannotEstimate, match="Too few questions"):
        favour(credited, true, cluster % 2, cluster)


def test_question_errors_are_drawn_to_the_mean_and_calibrated() -> None:
    """Simulated from a beta-binomial: posterior means beat raw shares, and stated probabilities come true."""
    generator = np.random.default_rng(4)
    total = generator.integers(2, 20, 400)
    rates = generator.beta(2, 8, 400)
    wrong = generator.binomial(total, rates)
    found = question_errors(wrong, total, 0.3)
    assert found.mean == pytest.approx(0.2, abs=0.03)
    assert ((found.rates - rates) ** 2).mean() < 0.6 * ((wrong / total - rates) ** 2).mean()
    assert found.above.sum() == pytest.approx((rates > 0.3).sum(), rel=0.2)
    assert ((found.rates > 0) & (found.rates < 1)).all()


def test_one_question_by_numerical_integration() -> None:
    """One question with 3 of 4 wrong: the posterior by brute force over a far finer grid with scipy's own law."""
    means, correlations = np.meshgrid((np.arange(300) + 0.5) / 300, (np.arange(300) + 0.5) / 300)
    strength = (1 - correlations) / correlations
    likelihood = betabinom.pmf(3, 4, means * strength, (1 - means) * strength)
    expected = (likelihood * (means * strength + 3) / (strength + 4)).sum() / likelihood.sum()
    assert question_errors(np.array([3]), np.array([4]), 0.5).rates[0] == pytest.approx(expected, abs=2e-3)


def test_no_question_has_no_errors() -> None:
    with pytest.raises(CannotEstimate, match="No question"):
        question_errors(np.array([], dtype=np.int64), np.array([], dtype=np.int64), 0.3)


def test_the_order_effect_is_the_share_shown_first_less_one_in_k_by_hand() -> None:
    """Keys of two and four entries, and one of one entry, which says nothing; the interval is that of the mean."""
    place = np.array([0, 0, 1, 3, 0, 0] * 6)
    entries = np.array([2, 4, 2, 4, 1, 2] * 6)
    found = order_effect(place, entries, np.repeat(np.arange(12), 3))
    assert found.n == 30
    assert found.first.value == pytest.approx(100 * 18 / 30)
    assert found.by_chance == pytest.approx(100 * (3 / 2 + 2 / 4) / 5)
    assert found.excess.value == pytest.approx(60 - 40)
    several = entries > 1
    points = 100 * ((place == 0) - 1 / entries)[several]
    by_mean = mean_score(points, np.repeat(np.arange(12), 3)[several], lowest=-100.0)
    assert (found.excess.ci_low, found.excess.ci_high) == (by_mean.ci_low, by_mean.ci_high)


def test_an_even_marker_has_no_order_effect_and_intervals_cover() -> None:
    """400 simulated markers that do not look at the order: 95% intervals hold nought in 93 to 97% of them."""
    generator, held = np.random.default_rng(8), 0
    for _ in range(400):
        entries = generator.integers(2, 7, 40)
        each = np.repeat(entries, 5)
        found = order_effect(generator.integers(0, each), each, np.repeat(np.arange(40), 5)).excess
        assert found.ci_low is not None
        assert found.ci_high is not None
        held += found.ci_low <= 0 <= found.ci_high
    assert 0.93 <= held / 400 <= 0.97


def test_without_a_credit_there_is_no_order_effect() -> None:
    with pytest.raises(CannotEstimate, match="No mark credits"):
        order_effect(np.array([0]), np.array([1]), np.array([0]))
