"""Agreement statistics against R on stored tables, and by hand where a collapse makes that possible."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from samp_eval.statistics.reviewers.agreement import (
    NO_INTERVAL,
    Agreement,
    IntervalEstimate,
    agreement,
    intraclass_correlation,
    kappa_paradox,
)

REFERENCE = Path(__file__).parent.parent / "reference" / "agreement"

SAME_FORMULA = 1e-9
"""Both sides compute the same closed formula in double precision; R's values are stored with 12 digits."""


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def stored_marks(table: str) -> tuple[np.ndarray, np.ndarray]:
    found = [row for row in rows("marks.csv") if row["table"] == table]
    ratings = np.array([[float(row[name]) if row[name] else np.nan for name in ("r1", "r2", "r3")] for row in found])
    ratings = ratings[:, np.isfinite(ratings).any(axis=0)]
    return ratings, np.array([int(row["question"]) for row in found])


@pytest.mark.parametrize("expected", rows("expected.csv"), ids=lambda row: f"{row['table']}-{row['statistic']}")
def test_values_equal_those_of_r(expected: dict[str, str]) -> None:
    if expected["table"] == "scores":
        scores = rows("scores.csv")
        percent = np.array([[float(row["r1"]), float(row["r2"])] for row in scores])
        found = intraclass_correlation(percent, np.array([int(row["question"]) for row in scores]))
    else:
        found = getattr(agreement(*stored_marks(expected["table"])), expected["statistic"])
    assert found.value == pytest.approx(float(expected["value"]), abs=SAME_FORMULA)
    low, high = bounds(found)
    assert found.value is not None
    assert -1 <= low < found.value < high <= 100
    width = float(expected["ci_high"]) - float(expected["ci_low"])  # R's is that of a bootstrap over questions
    assert high - low == pytest.approx(width, rel=0.6)


def bounds(found: IntervalEstimate) -> tuple[float, float]:
    assert found.ci_low is not None
    assert found.ci_high is not None
    return found.ci_low, found.ci_high


def two_by_two(both: int, first: int, second: int, neither: int) -> Agreement:
    """Reviewers' 2 x 2 table as answers, one question each."""
    ratings = np.repeat([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [both, first, second, neither], axis=0)
    n = len(ratings)
    return agreement(ratings, np.arange(n))


def test_a_table_by_hand() -> None:
    found = two_by_two(20, 5, 10, 15)
    assert found.n == 50
    assert found.percent.value == pytest.approx(70)
    assert found.cohen_kappa.value == pytest.approx((0.7 - 0.5) / 0.5)  # 0.5 * 0.6 + 0.5 * 0.4 by chance
    assert found.gwet_ac1.value == pytest.approx((0.7 - 2 * 0.55 * 0.45) / (1 - 2 * 0.55 * 0.45))
    assert found.krippendorff_alpha.value == pytest.approx(1 - 99 * 15 * 2 / (2 * 55 * 45))


def test_whole_agreement_is_one() -> None:
    found = two_by_two(30, 0, 0, 20)
    assert found.percent.value == 100
    assert bounds(found.percent) == pytest.approx((100 * 0.025 ** (1 / 50), 100))
    for one in (found.cohen_kappa, found.gwet_ac1, found.krippendorff_alpha):
        low, high = bounds(one)
        assert 0.8 < low < high == 1.0
    assert (found.cohen_kappa.value, found.gwet_ac1.value, found.krippendorff_alpha.value) == (1.0, 1.0, 1.0)


def test_a_single_kind_of_mark_leaves_kappa_undefined_and_says_so() -> None:
    found = two_by_two(50, 0, 0, 0)
    assert found.cohen_kappa == found.krippendorff_alpha == IntervalEstimate(None, None, None)
    assert found.gwet_ac1.value == 1.0
    assert "kappa is not defined" in (kappa_paradox(found) or "")


def test_a_rare_credit_leaves_kappa_next_to_unknown() -> None:
    rare = two_by_two(1, 0, 0, 29)
    assert rare.cohen_kappa == IntervalEstimate(1.0, -1.0, 1.0)
    assert rare.gwet_ac1.ci_low is not None
    assert rare.gwet_ac1.ci_low > 0.8


def test_six_answers_that_all_agree_have_no_interval_and_the_reason_is_said() -> None:
    ratings = np.column_stack([[1, 1, 0, 1, 1, 0]] * 2).astype(float)
    found = agreement(ratings, np.array([0, 0, 1, 1, 2, 2]))
    assert found.percent == IntervalEstimate(100.0, None, None)
    assert found.cohen_kappa == IntervalEstimate(1.0, None, None)
    assert found.lacks_interval
    assert NO_INTERVAL == "A figure without an interval rests on the marks of fewer than 10 questions, too few for one."
    many = agreement(np.repeat(ratings, 4, axis=0), np.arange(24) // 2)
    assert many.percent.ci_low == pytest.approx(100 * 0.025 ** (1 / 12))
    assert not many.lacks_interval


def test_intervals_by_independent_code() -> None:
    """Percent: Korn and Graubard, Satterthwaite's degrees. Kappa: one less the ratio, MOVER with jackknife parts."""
    generator = np.random.default_rng(8)
    first = generator.random(240) < 0.7
    second = np.where(generator.random(240) < np.repeat(generator.random(40) * 0.3, 6), ~first, first)
    cluster = np.repeat(np.arange(40), 6)
    found = agreement(np.column_stack([first, second]).astype(float), cluster)

    def parts(kept: np.ndarray) -> tuple[float, float]:
        a, b = first[kept].mean(), second[kept].mean()
        return float((first[kept] != second[kept]).mean()), float(a * (1 - b) + b * (1 - a))

    whole = np.array(parts(np.ones(240, dtype=bool)))
    without = np.array([parts(cluster != number) for number in range(40)])
    influence = (without.mean(axis=0) - without) * 39 / 40
    limits = []
    for share, of_clusters in zip(whole, influence.T, strict=True):
        variance = (of_clusters**2).sum() * 40 / 39
        degrees = np.clip(80 / (40 * (of_clusters**4).sum() / (of_clusters**2).sum() ** 2 - 1), 1, 39)
        plain, thin = (
            share * (1 - share) / variance * (stats.t.ppf(0.025, 239) / stats.t.ppf(0.025, df)) ** 2
            for df in (39, degrees)
        )
        size = max(thin, min(plain, 40))
        right, wrong = share * size, (1 - share) * size
        limits.append((stats.beta.ppf(0.025, right, wrong + 1), stats.beta.ppf(0.975, right + 1, wrong)))
    assert found.percent.ci_low == pytest.approx(100 * (1 - limits[0][1]), rel=1e-6)
    (a, b), ((_, u1), (l2, _)) = whole, limits
    r = np.corrcoef(influence.T)[0, 1]
    middle = a * b - r * (u1 - a) * (b - l2)
    high = (middle + np.sqrt(middle**2 - u1 * (2 * a - u1) * l2 * (2 * b - l2))) / (l2 * (2 * b - l2))
    assert found.cohen_kappa.ci_low == pytest.approx(1 - high, rel=1e-6)


def test_the_kappa_paradox_is_explained_where_it_occurs_and_only_there() -> None:
    skewed = two_by_two(90, 5, 4, 1)
    assert skewed.cohen_kappa.value is not None
    assert skewed.cohen_kappa.value < 0.2
    assert "the kappa paradox" in (kappa_paradox(skewed) or "")
    assert kappa_paradox(two_by_two(45, 5, 4, 46)) is None
    assert kappa_paradox(two_by_two(20, 15, 15, 20)) is None


def test_marks_of_one_reviewer_alone_are_no_agreement() -> None:
    ratings = np.array([[1.0, np.nan], [0.0, np.nan]])
    found = agreement(ratings, np.array([0, 1]))
    assert (found.n, found.percent, found.cohen_kappa) == (
        0,
        IntervalEstimate(None, None, None),
        IntervalEstimate(None, None, None),
    )


def test_clustered_answers_widen_the_interval() -> None:
    """Ten answers of a question that all agree or all differ carry the information of one."""
    generator = np.random.default_rng(5)
    differ = np.repeat(generator.random(40) < 0.3, 10)
    ratings = np.column_stack([np.ones(400), np.where(differ, 0.0, 1.0)])
    by_question = agreement(ratings, np.repeat(np.arange(40), 10)).percent
    by_answer = agreement(ratings, np.arange(400)).percent
    assert by_question.ci_high - by_question.ci_low > 2.5 * (by_answer.ci_high - by_answer.ci_low)  # type: ignore[operator]  # both are given


def test_reviewers_who_share_no_answer_have_no_figure() -> None:
    """AC1 expects a disagreement by chance without any pair of marks: it was 0 there."""
    found = agreement(np.array([[1, np.nan]] * 20 + [[np.nan, 0]] * 20), np.arange(40) // 2)
    nothing = (None, None, None)
    for estimate in (found.percent, found.cohen_kappa, found.gwet_ac1, found.krippendorff_alpha):
        assert (estimate.value, estimate.ci_low, estimate.ci_high) == nothing
    assert found.n == 0


def test_scores_that_are_turned_round_have_a_correlation_within_its_interval() -> None:
    """R: psych::ICC(cbind(s, 100 - s), lmer = FALSE), ICC2; it can be below -1, and its interval ended there."""
    scores = np.array([0, 50, 100, 100, 50, 0, 100, 0, 50, 0], dtype=float)
    found = intraclass_correlation(np.column_stack([scores, 100 - scores]), np.arange(10))
    assert found.value == pytest.approx(-1.21052631579)
    low, value, high = (float(bound) for bound in (found.ci_low, found.value, found.ci_high) if bound is not None)
    assert low <= value <= high
