"""The regularised Nash equilibrium: closed forms, a slow independent iteration, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samp_eval.statistics import nash_equilibrium
from samp_eval.statistics.ranking.nash import nash_equilibria
from samp_eval.statistics.ranking.nash_averaging import nash_average

PRINTED = 5e-7
"""Values are given to six decimals."""


def table_of(first_second: float, first_third: float, second_third: float) -> np.ndarray:
    upper = np.zeros((3, 3))
    upper[np.triu_indices(3, 1)] = first_second, first_third, second_third
    return upper + np.tril(1 - upper.T, -1) + np.eye(3) / 2


TRANSITIVE, CYCLE = table_of(0.65, 0.8, 0.7), table_of(0.9, 0.2, 0.8)


@pytest.mark.parametrize("tau", [0.05, 0.1, 1.0])
def test_two_respondents_have_a_closed_form(tau: float) -> None:
    found = nash_equilibrium([[0.5, 0.7], [0.3, 0.5]], tau=tau)
    assert np.log(found.probabilities[0] / found.probabilities[1]) == pytest.approx(0.2 / tau, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "tau", "expected"),
    [
        (TRANSITIVE, 0.1, [0.785735, 0.178486, 0.035780]),
        (TRANSITIVE, 1.0, [0.384418, 0.335537, 0.280046]),
        (CYCLE, 1.0, [0.342894, 0.321507, 0.335598]),
        (CYCLE, 0.1, [0.330242, 0.284624, 0.385134]),
        (CYCLE, 0.03, [0.309273, 0.292409, 0.398318]),
        (CYCLE, 0.01, [0.302965, 0.297226, 0.399809]),
    ],
)
def test_three_respondents(table: np.ndarray, tau: float, expected: list[float]) -> None:
    found = nash_equilibrium(table, tau=tau)
    np.testing.assert_allclose(found.probabilities, expected, rtol=0, atol=PRINTED)
    assert found.residual < 1e-12


def test_a_small_tau_gives_the_equilibrium_of_the_cycle() -> None:
    found = nash_equilibrium(CYCLE, tau=1e-3)
    np.testing.assert_allclose(found.probabilities, [0.3, 0.3, 0.4], rtol=0, atol=4e-4)
    assert found.exploitability < 2e-4


def test_a_slow_damped_iteration_ends_at_the_same_mixture() -> None:
    weights = np.array([0.2, 0.5, 0.3])
    found = nash_equilibrium(CYCLE, tau=0.2, reference=weights)
    mixture = weights.copy()
    for _ in range(20_000):
        response = weights * np.exp(CYCLE @ mixture / 0.2)
        mixture = 0.99 * mixture + 0.01 * response / response.sum()
    np.testing.assert_allclose(found.probabilities, mixture, rtol=0, atol=1e-12)


def test_who_beats_all_others_always_takes_the_mixture() -> None:
    found = nash_equilibrium(table_of(1, 1, 0.5), tau=0.01)
    assert found.probabilities[0] == pytest.approx(1, abs=1e-12)
    assert found.exploitability == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10_000), st.sampled_from([0.001, 0.01, 0.1, 1.0]), st.booleans())
def test_any_table_has_an_equilibrium_whatever_the_order(size: int, seed: int, tau: float, uneven: bool) -> None:
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.random((size, size)), 1)
    table = upper + np.tril(1 - upper.T, -1) + np.eye(size) / 2
    weights = generator.random(size) + 0.05 if uneven else np.ones(size)
    found, order = nash_equilibrium(table, tau=tau, reference=weights), generator.permutation(size)
    again = nash_equilibrium(table[np.ix_(order, order)], tau=tau, reference=weights[order])
    assert found.residual < 1e-12
    np.testing.assert_allclose(again.probabilities, found.probabilities[order], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("table", "tau", "reference", "words"),
    [
        ([[0.5, 0.7]], 0.1, None, "square table"),
        ([[0.5, 0.7], [0.4, 0.5]], 0.1, None, "add to 1"),
        ([[0.6, 0.7], [0.3, 0.4]], 0.1, None, "even"),
        ([[0.5, 1.2], [-0.2, 0.5]], 0.1, None, "between 0 and 1"),
        ([[0.5, np.nan], [0.3, 0.5]], 0.1, None, "between 0 and 1"),
        ([[0.5, 0.7], [0.3, 0.5]], 0.0, None, "tau is 0"),
        ([[0.5, 0.7], [0.3, 0.5]], -1.0, None, "above 0"),
        ([[0.5, 0.7], [0.3, 0.5]], np.nan, None, "above 0"),
        ([[0.5, 0.7], [0.3, 0.5]], 0.1, [1.0, 0.0], "weights above 0"),
        ([[0.5, 0.7], [0.3, 0.5]], 0.1, [1.0], "2 weights"),
    ],
)
def test_what_is_no_game_is_refused(table: object, tau: float, reference: list[float] | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nash_equilibrium(table, tau=tau, reference=reference)  # type: ignore[arg-type]  # wrong on purpose


def tables(count: int, size: int) -> np.ndarray:
    """Random preferences near each other."""
    generator = np.random.default_rng(2)
    upper = np.triu(generator.random((size, size)) + 0.1 * generator.normal(size=(count, size, size)), 1).clip(0, 1)
    return np.asarray(upper + np.tril(1 - upper.transpose(0, 2, 1), -1) + np.eye(size) / 2)


@pytest.mark.parametrize("tau", [0.02, 0.1])
def test_many_tables_at_once_have_the_equilibria_of_each(tau: float) -> None:
    near, weights = tables(50, 6), np.arange(1.0, 7.0)
    found = nash_equilibria(
        near, tau=tau, near=nash_equilibrium(near[0], tau=tau, reference=weights), reference=weights
    )
    for table, probabilities in zip(near, found, strict=True):
        each = nash_equilibrium(table, tau=tau, reference=weights)
        np.testing.assert_allclose(probabilities, each.probabilities, rtol=0, atol=1e-12)


def test_nash_averaging_of_a_cycle_and_of_a_line() -> None:
    cycle, line = (nash_average(table, n_questions=77) for table in (CYCLE, TRANSITIVE))
    np.testing.assert_allclose(cycle.probabilities, [0.278943, 0.278943, 0.442114], rtol=0, atol=PRINTED)
    np.testing.assert_allclose(cycle.skills, 0, atol=1e-9)
    np.testing.assert_allclose(line.probabilities, [1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(line.skills, [0, -0.619039, -1.386294], rtol=0, atol=PRINTED)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10_000), st.integers(1, 3))
def test_copies_change_no_skill_and_share_their_part(size: int, seed: int, copies: int) -> None:
    upper = np.triu(np.random.default_rng(seed).random((size, size)), 1)
    table = upper + np.tril(1 - upper.T, -1) + np.eye(size) / 2
    places = [*range(size), *[0] * copies]
    alone, together = (nash_average(part, n_questions=77) for part in (table, table[np.ix_(places, places)]))
    np.testing.assert_allclose(together.skills[:size], alone.skills, atol=1e-6)
    of_copies = together.probabilities[[0, *range(size, size + copies)]]
    assert of_copies.sum() == pytest.approx(alone.probabilities[0], abs=1e-6)
    np.testing.assert_allclose(of_copies, alone.probabilities[0] / (copies + 1), atol=1e-5)


def test_preferences_of_0_and_1_are_kept_half_a_question_away() -> None:
    found = nash_average([[0.5, 1.0], [0.0, 0.5]], n_questions=50)
    assert found.skills.tolist() == pytest.approx([0, -np.log(99)])
