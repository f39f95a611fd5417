"""Agreement statistics against R on stored tables, and by hand where a collapse makes that possible."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from samp_eval.statistics.agreement import (
    Agreement,
    IntervalEstimate,
    agreement,
    bootstrap_multiplicities,
    intraclass_correlation,
    kappa_paradox,
)

REFERENCE = Path(__file__).parent.parent / "reference" / "agreement"

SAME_FORMULA = 1e-9
"""Both sides compute the same closed formula in double precision; R's values are stored with 12 digits."""


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def drawn() -> np.ndarray:
    return np.array([[float(value) for value in row.values()] for row in rows("drawn.csv")])


def stored_marks(table: str) -> tuple[np.ndarray, np.ndarray]:
    found = [row for row in rows("marks.csv") if row["table"] == table]
    ratings = np.array([[float(row[name]) if row[name] else np.nan for name in ("r1", "r2", "r3")] for row in found])
    ratings = ratings[:, np.isfinite(ratings).any(axis=0)]
    return ratings, np.array([int(row["question"]) for row in found])


@pytest.mark.parametrize("expected", rows("expected.csv"), ids=lambda row: f"{row['table']}-{row['statistic']}")
def test_values_and_intervals_equal_those_of_r(expected: dict[str, str]) -> None:
    if expected["table"] == "scores":
        scores = rows("scores.csv")
        percent = np.array([[float(row["r1"]), float(row["r2"])] for row in scores])
        found = intraclass_correlation(percent, np.array([int(row["question"]) for row in scores]), drawn())
    else:
        found = getattr(agreement(*stored_marks(expected["table"]), drawn()), expected["statistic"])
    assert found.value == pytest.approx(float(expected["value"]), abs=SAME_FORMULA)
    assert found.ci_low == pytest.approx(float(expected["ci_low"]), abs=SAME_FORMULA)
    assert found.ci_high == pytest.approx(float(expected["ci_high"]), abs=SAME_FORMULA)


def two_by_two(both: int, first: int, second: int, neither: int) -> Agreement:
    """Reviewers' 2 x 2 table as answers, one question each."""
    ratings = np.repeat([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [both, first, second, neither], axis=0)
    n = len(ratings)
    return agreement(ratings, np.arange(n), bootstrap_multiplicities(n, 500, 1))


def test_a_table_by_hand() -> None:
    found = two_by_two(20, 5, 10, 15)
    assert found.n == 50
    assert found.percent.value == pytest.approx(70)
    assert found.cohen_kappa.value == pytest.approx((0.7 - 0.5) / 0.5)  # 0.5 * 0.6 + 0.5 * 0.4 by chance
    assert found.gwet_ac1.value == pytest.approx((0.7 - 2 * 0.55 * 0.45) / (1 - 2 * 0.55 * 0.45))
    assert found.krippendorff_alpha.value == pytest.approx(1 - 99 * 15 * 2 / (2 * 55 * 45))


def test_whole_agreement_is_one() -> None:
    found = two_by_two(30, 0, 0, 20)
    assert found.percent == IntervalEstimate(100.0, 100.0, 100.0)
    assert (found.cohen_kappa.value, found.gwet_ac1.value, found.krippendorff_alpha.value) == (1.0, 1.0, 1.0)


def test_a_single_kind_of_mark_leaves_kappa_undefined_and_says_so() -> None:
    found = two_by_two(50, 0, 0, 0)
    assert found.cohen_kappa == found.krippendorff_alpha == IntervalEstimate(None, None, None)
    assert found.gwet_ac1.value == 1.0
    assert "kappa is not defined" in (kappa_paradox(found) or "")


def test_a_rare_credit_leaves_kappa_without_an_interval() -> None:
    rare, common = two_by_two(1, 0, 0, 29), two_by_two(15, 1, 1, 15)
    assert rare.cohen_kappa == IntervalEstimate(1.0, None, None)
    assert rare.lacks_interval
    assert not common.lacks_interval


def test_the_kappa_paradox_is_explained_where_it_occurs_and_only_there() -> None:
    skewed = two_by_two(90, 5, 4, 1)
    assert skewed.cohen_kappa.value is not None
    assert skewed.cohen_kappa.value < 0.2
    assert "the kappa paradox" in (kappa_paradox(skewed) or "")
    assert kappa_paradox(two_by_two(45, 5, 4, 46)) is None
    assert kappa_paradox(two_by_two(20, 15, 15, 20)) is None


def test_marks_of_one_reviewer_alone_are_no_agreement() -> None:
    ratings = np.array([[1.0, np.nan], [0.0, np.nan]])
    found = agreement(ratings, np.array([0, 1]), bootstrap_multiplicities(2, 100, 1))
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
    by_question = agreement(ratings, np.repeat(np.arange(40), 10), bootstrap_multiplicities(40, 1000, 1)).percent
    by_answer = agreement(ratings, np.arange(400), bootstrap_multiplicities(400, 1000, 1)).percent
    assert by_question.ci_high - by_question.ci_low > 2.5 * (by_answer.ci_high - by_answer.ci_low)  # type: ignore[operator]  # both are given


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = two_by_two(20, 5, 10, 15), two_by_two(20, 5, 10, 15)
    assert first == second
