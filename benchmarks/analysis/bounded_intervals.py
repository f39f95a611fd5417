"""Coverage of 95 % intervals for mean scores and their differences near the end of the scale.

Usage: python bounded_intervals.py [STUDIES]

Simulated studies of 20 and 77 questions of one to three lines, two respondents, five rounds; questions that differ as
those of a bank do, and questions of which a respondent gets nearly all rounds right or nearly all wrong. Each row: how
often the interval holds the truth and its mean width in percentage points; for the mean plus or minus t standard
errors, for the delta method on the logit, and for what samp-eval offers; then the same for the paired difference (t,
samp-eval).
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.special import stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.mean_scores import mean_score, paired_mean_difference

ROUNDS = 5
MIXED, ALL_OR_NONE = (1.1, 0.5, 0.5), (2.6, 1.4, 0.6)
"""Standard deviations on the logit: of a question, of a respondent on it, of one response."""
GRID = np.linspace(-6, 6, 2001)
WEIGHTS = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()


def expected(mean: float, spread: tuple[float, ...]) -> float:
    """Share right where the average line has this logit."""
    return float((WEIGHTS / (1 + np.exp(-(mean + np.linalg.norm(spread) * GRID)))).sum())


def logit_for(share: float, spread: tuple[float, ...]) -> float:
    """The logit that gives a share right, by bisection."""
    low, high = -3.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle, spread) < share else (low, middle)
    return middle


def scores(
    generator: np.random.Generator, questions: int, logits: tuple[float, float], spread: tuple[float, float, float]
) -> np.ndarray:
    """Score percentage of each respondent on each question in each round, shape (2, questions, rounds)."""
    of_question, own, luck = spread
    requested = generator.integers(1, 4, questions)[:, None]
    difficulty = generator.normal(0, of_question, questions)
    found = []
    for logit in logits:
        mean = logit + difficulty + generator.normal(0, own, questions)
        chance = 1 / (1 + np.exp(-(mean[:, None] + generator.normal(0, luck, (questions, ROUNDS)))))
        found.append(100 * generator.binomial(requested, chance) / requested)
    return np.array(found)


def intervals(given: np.ndarray) -> list[tuple[float, float]]:
    """Of the first mean: t, logit, samp-eval; of the second less the first: t, samp-eval."""
    questions = given.shape[1]
    place = np.repeat(np.arange(questions), ROUNDS)
    reach = float(stdtrit(questions - 1, 0.975))
    of_questions = given.mean(axis=2)
    mean, error = of_questions[0].mean(), of_questions[0].std(ddof=1) / np.sqrt(questions)
    ours = mean_score(given[0].ravel(), place)
    share = mean / 100
    ends = np.log(share / (1 - share)) + np.array([-1, 1]) * reach * error / 100 / (share * (1 - share))
    change = of_questions[1] - of_questions[0]
    spread = reach * change.std(ddof=1) / np.sqrt(questions)
    side = np.repeat([False, True], given[0].size)
    try:
        found = paired_mean_difference(given.ravel(), side, np.tile(place, 2))
        pair = (found.ci_low, found.ci_high)
    except CannotEstimate:  # every question shows the same difference
        pair = (np.nan, np.nan)
    return [
        (mean - reach * error, mean + reach * error),
        tuple(100 / (1 + np.exp(-ends))),
        (ours.ci_low, ours.ci_high),
        (change.mean() - spread, change.mean() + spread),
        pair,
    ]


def main(studies: int) -> None:
    generator = np.random.default_rng(1)
    print("questions right effect kind | mean: t, logit, samp-eval | difference: t, samp-eval   (coverage %/width)")
    for kind, spread in (("mixed", MIXED), ("all or none", ALL_OR_NONE)):
        for questions in (20, 77):
            for right in (0.75, 0.95, 0.98):
                for effect in (0.0, 0.5, 1.0):
                    logits = (logit_for(right, spread), logit_for(right, spread) + effect)
                    truth = [100 * expected(logit, spread) for logit in logits]
                    with np.errstate(divide="ignore", invalid="ignore"):
                        bounds = np.array(
                            [intervals(scores(generator, questions, logits, spread)) for _ in range(studies)]
                        )
                    targets = np.array([truth[0]] * 3 + [truth[1] - truth[0]] * 2)
                    held = (bounds[:, :, 0] <= targets + 1e-9) & (targets - 1e-9 <= bounds[:, :, 1])
                    known = ~np.isnan(bounds[:, :, 0]) & (bounds[:, :, 0] < bounds[:, :, 1])
                    widths = [
                        np.mean((b[:, 1] - b[:, 0])[k]) for b, k in zip(bounds.swapaxes(0, 1), known.T, strict=True)
                    ]
                    cover = [100 * np.mean(h[k]) for h, k in zip(held.T, known.T, strict=True)]
                    cells = [f"{share:.1f}/{width:.1f}" for share, width in zip(cover, widths, strict=True)]
                    print(
                        f"{questions:9d} {right:5.2f} {effect:6.1f} {kind:11} | {'  '.join(cells[:3])} | "
                        f"{'  '.join(cells[3:])}"
                    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
