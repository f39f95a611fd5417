"""Coverage of strengths and of rank intervals, beside what arena rankings would give; and how often circles are found.

Usage: python rankings.py [STUDIES [ROW ...]]; rows are 0 to 6

Simulated studies of 77 questions of one to three lines in five rounds, with 3, 8 and 20 respondents whose abilities are
equal or 0.15 logits apart, and with three that run in a circle (each good at another third of the questions). The truth
is a study of 30,000 questions.

strength: share of 95 % intervals of log worths that hold the truth; Davidson with errors over questions (ours), and
Bradley and Terry with half ties and the sandwich that takes battles as independent (arena).
false order: share of studies in which any respondent is called better than one that is not; ours by rank intervals,
arena by 95 % intervals that do not overlap.
settled: mean width of the rank intervals, in ranks.
circle: share of studies in which the test of transitivity has p below 0.05, and in which a circle has.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from samp_eval.statistics.ranking.comparisons import (
    Comparisons,
    comparisons_from_scores,
    mean_preferences,
    pair_preferences,
)
from samp_eval.statistics.ranking.davidson import fit_strengths
from samp_eval.statistics.ranking.rank_intervals import rank_intervals
from samp_eval.statistics.ranking.transitivity import strongest_cycle, transitivity_test

QUESTIONS, ROUNDS, DRAWS, STEP = 77, 5, 500, 0.15
OF_QUESTION, OWN, LUCK, MEAN = 1.1, 0.5, 0.5, 1.1
"""Standard deviations on the logit of a question, of a respondent on it and of one response, and the average line."""
CIRCLE = 2.5 * np.array([[1, 0, -1], [-1, 1, 0], [0, -1, 1]])
"""Ability of each of three respondents in each third of the questions."""


def scores(generator: np.random.Generator, abilities: np.ndarray, questions: int) -> np.ndarray:
    """Scores of shape (questions, respondents, rounds); abilities have one column for each third of the questions."""
    requested = generator.integers(1, 4, questions)[:, None, None]
    logits = MEAN + generator.normal(0, OF_QUESTION, (questions, 1)) + abilities[:, np.arange(questions) % 3].T
    logits = logits + generator.normal(0, OWN, logits.shape)
    logits = logits[:, :, None] + generator.normal(0, LUCK, (*logits.shape, ROUNDS))
    return generator.binomial(requested, 1 / (1 + np.exp(-logits))) / requested


@dataclass
class Arena:
    """Bradley and Terry's strengths with the errors of independent battles: round against the same round."""

    strength: np.ndarray
    error: np.ndarray


def halves(comparisons: Comparisons) -> Comparisons:
    return Comparisons(comparisons.halved, np.zeros_like(comparisons.ties))


def arena(given: np.ndarray) -> Arena:
    battles = [comparisons_from_scores(given[:, :, [number]]) for number in range(given.shape[2])]
    wins, ties = (np.concatenate([getattr(part, name) for part in battles]) for name in ("wins", "ties"))
    every = halves(Comparisons(wins, ties))
    strength = fit_strengths(every).estimate.values
    first, second = np.triu_indices(len(strength), 1)
    chance = 1 / (1 + np.exp(strength[second] - strength[first]))
    contrast = np.eye(len(strength))[first] - np.eye(len(strength))[second]
    information = contrast.T @ ((len(every.wins) * chance * (1 - chance))[:, None] * contrast)
    squares = ((every.wins[:, first, second] - chance) ** 2).sum(axis=0)
    inverse = np.linalg.pinv(information)
    covariance = inverse @ (contrast.T @ (squares[:, None] * contrast)) @ inverse
    return Arena(strength, np.sqrt(np.diag(covariance)))


def truth_of(abilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean preferences, Davidson's and Bradley and Terry's strengths in the population."""
    parts = [comparisons_from_scores(scores(np.random.default_rng(99 + part), abilities, 3000)) for part in range(10)]
    mean = np.mean([[part.wins.mean(axis=0), part.ties.mean(axis=0)] for part in parts], axis=0)
    every = Comparisons(mean[0][None], mean[1][None])
    of_davidson, of_arena = (fit_strengths(each).estimate.values for each in (every, halves(every)))
    if not np.ptp(abilities):
        of_davidson, of_arena = np.zeros_like(of_davidson), np.zeros_like(of_arena)
    return mean_preferences(every).values, of_davidson, of_arena


def false_order(above: np.ndarray, ability: np.ndarray) -> bool:
    return bool((above & (ability[:, None] <= ability[None, :])).any())


def study(generator: np.random.Generator, abilities: np.ndarray, truth: tuple[np.ndarray, ...]) -> list[float]:
    given = scores(generator, abilities, QUESTIONS)
    comparisons, size = comparisons_from_scores(given), len(abilities)
    estimate, theirs = fit_strengths(comparisons).estimate, arena(given)
    low, high = estimate.intervals(0.95)
    ours_hold = ((low <= truth[1]) & (truth[1] <= high)).mean()
    arena_hold = (np.abs(theirs.strength - truth[2]) <= 1.96 * theirs.error).mean()
    mean = mean_preferences(comparisons)
    best, worst = rank_intervals(mean, draws=DRAWS, seed=int(generator.integers(1 << 30)))
    ability = abilities.mean(axis=1)
    # the best true rank of a respondent counts those truly above it, the worst those truly below
    true_best = 1 + (ability[None, :] > ability[:, None] + 1e-12).sum(axis=1)
    true_worst = size - (ability[None, :] < ability[:, None] - 1e-12).sum(axis=1)
    missed = bool(((best > true_best) | (worst < true_worst)).any())
    bounds = theirs.strength - 1.96 * theirs.error, theirs.strength + 1.96 * theirs.error
    arena_wrong = false_order(bounds[0][:, None] > bounds[1][None, :], ability)
    preferences = pair_preferences(comparisons)
    transitive = transitivity_test(preferences, size, draws=DRAWS, seed=int(generator.integers(1 << 30)))
    cycle = strongest_cycle(preferences, size)
    return [
        ours_hold,
        arena_hold,
        missed,
        arena_wrong,
        float((worst - best + 1).mean()),
        transitive.p_value < 0.05,
        cycle is not None and cycle.p_value < 0.05,
    ]


def main(studies: int = 1000, *rows: int) -> None:
    print("respondents abilities | strength: ours arena | false order: ours arena | width | transitivity circle")
    cases = [(size, "equal", np.zeros((size, 3))) for size in (3, 8, 20)]
    cases += [(size, "apart", STEP * np.arange(size)[:, None] * np.ones(3)) for size in (3, 8, 20)]
    cases.append((3, "circle", CIRCLE))
    for row in rows or range(len(cases)):
        size, words, abilities = cases[row]
        generator = np.random.default_rng(row)
        truth = truth_of(abilities)
        found = 100 * np.mean([study(generator, abilities, truth) for _ in range(studies)], axis=0)
        print(
            f"{size:11d} {words:9} | {found[0]:14.1f} {found[1]:5.1f} | {found[2]:17.1f} {found[3]:5.1f} | "
            f"{found[4] / 100:5.1f} | {found[5]:12.1f} {found[6]:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
