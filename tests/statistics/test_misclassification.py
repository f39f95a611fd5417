"""How often settled marks are wrong: by hand, and against simulated truth."""

from __future__ import annotations

import numpy as np
import pytest

from samp_eval.statistics.reviewers.misclassification import misclassification

NONE = float("nan")

Pattern = tuple[float, float, float]


def table(rows: dict[Pattern, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Marks of two reviewers and rulings, each pattern as often as it says; questions of ten answers."""
    every = np.array([pattern for pattern, count in rows.items() for _ in range(count)], dtype=float)
    return every[:, :2], every[:, 2], np.arange(len(every)) // 10


def test_an_audit_of_reviewers_who_never_differ() -> None:
    """Of 80 credited 20 were audited and 4 found wrong: 16 in all. Of 20 refused 10, and 1 right: 2 in all."""
    rows: dict[Pattern, int] = {
        (1, 1, NONE): 60,
        (1, 1, 1): 16,
        (1, 1, 0): 4,
        (0, 0, NONE): 10,
        (0, 0, 0): 9,
        (0, 0, 1): 1,
    }
    found = misclassification(*table(rows))
    assert found.missed == pytest.approx(2 / (80 - 16 + 2))
    assert found.credited_wrongly == pytest.approx(16 / (20 + 16 - 2))


def expected_counts(audit: int) -> dict[Pattern, int]:
    """10,000 answers, 6,000 right; everybody misses 10 % and credits 20 % wrongly; audited ones of both kinds."""
    rows: dict[Pattern, int] = {(1, 1, NONE): 4860 + 160, (0, 0, NONE): 60 + 2560}
    for ann, bob in ((1, 0), (0, 1)):
        rows |= {(ann, bob, 1): 486 + 128, (ann, bob, 0): 54 + 512}
    if audit:
        rows |= {(1, 1, 1): (4374 + 32) // audit, (1, 1, 0): (486 + 128) // audit}
        rows |= {(0, 0, 1): (54 + 512) // audit, (0, 0, 0): (6 + 2048) // audit}
        rows[1, 1, NONE] -= rows[1, 1, 1] + rows[1, 1, 0]
        rows[0, 0, NONE] -= rows[0, 0, 1] + rows[0, 0, 0]
    return rows


@pytest.mark.parametrize("audit", [0, 2])
def test_counts_as_they_are_expected_give_the_rates_behind_them(audit: int) -> None:
    """By hand: both miss 1 %, one does 18 %, of which the third person misses a tenth; 4 %, 32 % and a fifth."""
    found = misclassification(*table(expected_counts(audit)))
    assert found.missed == pytest.approx(0.01 + 0.18 * 0.1, abs=1e-6)
    assert found.credited_wrongly == pytest.approx(0.04 + 0.32 * 0.2, abs=1e-6)


def test_the_jackknife_leaves_out_a_question() -> None:
    rows: dict[Pattern, int] = {
        (1, 1, NONE): 60,
        (0, 0, NONE): 30,
        (1, 0, 1): 4,
        (1, 0, 0): 2,
        (0, 1, 1): 3,
        (0, 1, 0): 1,
    }
    credits, ruling, _ = table(rows)
    question = np.random.default_rng(1).permutation(np.arange(100) // 10)
    found = misclassification(credits, ruling, question)
    left = [
        misclassification(credits[question != q], ruling[question != q], question[question != q]) for q in range(10)
    ]
    values = np.array([(one.missed, one.credited_wrongly) for one in left])
    assert found.covariance == pytest.approx(0.9 * 10 * np.cov(values.T, ddof=0))


def test_the_jackknife_leaves_out_groups_of_many_questions() -> None:
    """Of 500 questions the covariance is near that of fifty groups of ten."""
    generator = np.random.default_rng(2)
    right = generator.random(10_000) < 0.6
    own = [right ^ (generator.random(10_000) < 0.1) for _ in range(2)]
    ruling = np.where(own[0] == own[1], np.nan, right)
    credits, question = np.column_stack(own).astype(float), np.arange(10_000) // 20
    found = misclassification(credits, ruling, question)
    alone = misclassification(credits, ruling, question % 50)
    assert np.diag(found.covariance) == pytest.approx(np.diag(alone.covariance), rel=0.5)
    assert found.missed == alone.missed


def test_an_audit_that_finds_less_than_the_third_persons_own_errors_counts_against_others_that_find_more() -> None:
    """Nothing was marked otherwise, where the third person's own errors alone would give 10 and 20 %."""
    rows = expected_counts(2)
    rows |= {
        (1, 1, 1): rows[1, 1, 1] + rows[1, 1, 0],
        (1, 1, 0): 0,
        (0, 0, 0): rows[0, 0, 0] + rows[0, 0, 1],
        (0, 0, 1): 0,
    }
    found = misclassification(*table(rows))
    assert found.missed < 0
    assert found.credited_wrongly < 0


def test_answers_without_two_settled_marks_tell_nothing() -> None:
    credits = np.array([[1, 1], [0, 0], [1, NONE], [1, 0], [NONE, NONE]])
    found = misclassification(credits, [NONE] * 5, range(5))
    assert (found.missed, found.credited_wrongly) == (0.0, 0.0)


@pytest.mark.parametrize(("shared", "audit"), [(0.0, 0.0), (0.05, 0.3)])
def test_the_rates_of_simulated_marks_are_found(shared: float, audit: float) -> None:
    """150 studies of 900 answers: the mean within its Monte-Carlo error, the jackknife as wide as the rates vary."""
    generator = np.random.default_rng(5)
    found, true = [], []
    for _ in range(150):
        right = generator.random(900) < 0.7
        together = generator.random(900) < shared
        own = [right ^ together ^ (generator.random(900) < 0.06) for _ in range(2)]
        third = right ^ (generator.random(900) < 0.06)
        split = own[0] != own[1]
        ruling = np.where(split | (generator.random(900) < audit), third.astype(float), np.nan)
        settled = np.where(split, third, own[0])
        found.append(misclassification(np.column_stack(own).astype(float), ruling, np.arange(900) // 10))
        true.append(((~settled[right]).mean(), settled[~right].mean()))
    rates = np.array([(one.missed, one.credited_wrongly) for one in found])
    errors = (rates - true).std(axis=0, ddof=1) / np.sqrt(150)
    assert np.abs((rates - true).mean(axis=0) / errors).max() < 3
    assert errors.max() < 0.005
    spread = np.mean([np.diag(one.covariance) for one in found], axis=0)
    assert np.sqrt(spread) == pytest.approx(rates.std(axis=0, ddof=1), rel=0.25)
