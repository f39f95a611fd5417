"""Coverage of 95 % intervals for mean scores and their differences near the end of the scale.

Usage: python bounded_intervals.py [STUDIES]

Simulated studies of 20 and 77 questions of one to three lines, two respondents, five rounds. Each row: how often the
interval holds the truth and its mean width in percentage points; for the mean plus or minus t standard errors, for the
delta method on the logit, and for what samp-eval offers; then the same for the paired difference (t, samp-eval).
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.special import stdtrit

from samp_eval.statistics.bounded_intervals import difference_interval, share_interval

ROUNDS = 5
DIFFICULTY, LUCK, OWN = 1.1, 0.5, 0.5
GRID = np.linspace(-6, 6, 2001)
WEIGHTS = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
TOTAL = np.sqrt(DIFFICULTY**2 + LUCK**2 + OWN**2)


def expected(mean: float) -> float:
    """Share right where the average line has this logit."""
    return float((WEIGHTS / (1 + np.exp(-(mean + TOTAL * GRID)))).sum())


def logit_for(share: float) -> float:
    """The logit that gives a share right, by bisection."""
    low, high = -3.0, 9.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < share else (low, middle)
    return middle


def question_means(generator: np.random.Generator, questions: int, logits: tuple[float, float]) -> np.ndarray:
    """Mean score of each respondent on each question over the rounds, shape (2, questions)."""
    requested = generator.integers(1, 4, questions)
    difficulty = generator.normal(0, DIFFICULTY, questions)
    found = []
    for logit in logits:
        own = logit + difficulty + generator.normal(0, OWN, questions)
        chance = 1 / (1 + np.exp(-(own + generator.normal(0, LUCK, (ROUNDS, questions)))))
        found.append((generator.binomial(requested, chance) / requested).mean(axis=0))
    return np.array(found)


def main(studies: int) -> None:
    generator = np.random.default_rng(1)
    print("questions right effect | mean: t, logit, samp-eval | difference: t, samp-eval   (coverage %/width)")
    for questions in (20, 77):
        reach = float(stdtrit(questions - 1, 0.975))
        for right in (0.75, 0.95, 0.98):
            for effect in (0.0, 0.5):
                logits = (logit_for(right), logit_for(right) + effect)
                truth = [expected(logit) for logit in logits]
                rows = []
                for _ in range(studies):
                    means = question_means(generator, questions, logits)
                    shares, variances = means.mean(axis=1), means.var(axis=1, ddof=1) / questions
                    intervals = [
                        share_interval(share, variance, ROUNDS * questions, questions)
                        for share, variance in zip(shares.tolist(), variances.tolist(), strict=True)
                    ]
                    error = np.sqrt(variances[0])
                    with np.errstate(divide="ignore", invalid="ignore"):
                        middle = np.log(shares[0] / (1 - shares[0]))
                        ends = middle + np.array([-1, 1]) * reach * error / (shares[0] * (1 - shares[0]))
                    correlation = 0.0
                    if (variances > 0).all():
                        correlation = float(np.corrcoef(means)[0, 1])
                    change = means[1] - means[0]
                    spread = reach * change.std(ddof=1) / np.sqrt(questions)
                    pair = difference_interval(
                        (float(shares[1]), float(shares[0])), (intervals[1], intervals[0]), correlation
                    )
                    difference = change.mean()
                    rows.append(
                        [
                            (shares[0] - reach * error, shares[0] + reach * error),
                            tuple(1 / (1 + np.exp(-ends))),
                            intervals[0],
                            (difference - spread, difference + spread),
                            pair,
                        ]
                    )
                bounds, targets = np.array(rows), np.array([truth[0]] * 3 + [truth[1] - truth[0]] * 2)
                held = (bounds[:, :, 0] <= targets + 1e-12) & (targets - 1e-12 <= bounds[:, :, 1])
                widths = np.nanmean(bounds[:, :, 1] - bounds[:, :, 0], axis=0)
                cells = [
                    f"{100 * one:.1f}/{100 * width:.1f}" for one, width in zip(held.mean(axis=0), widths, strict=True)
                ]
                print(f"{questions:9d} {right:5.2f} {effect:6.1f} | {'  '.join(cells[:3])} | {'  '.join(cells[3:])}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
