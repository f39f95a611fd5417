"""Does a severe reviewer bias a comparison of respondents? Whole questions to pairs, against unequal shares.

Run: python benchmarks/review/severe_reviewer.py [studies]

Two respondents answer 60 questions with four lines each. One of four reviewers is severer by 0.5 on the logit scale.
Two reviewers mark each answer; a third person, of mean severity, settles where they differ. The plan gives whole
questions to pairs. Beside it stands what a study without a plan may do: the severe reviewer marks more of the second
respondent, as where reviewers take over a late respondent's answers. Each study is marked once with the severe reviewer
and once, by the same random numbers, with all four alike: the mean of the difference is the bias.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from samp_eval.review.assignment.balance import Block, group_blocks

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

QUESTIONS, LINES, REVIEWERS, SEVERER = 60, 4, 4, 0.5
SKILL = np.array([0.0, 0.45])
"""Of the respondents, on the logit scale of a line."""


def planned(generator: np.random.Generator) -> Integers:
    """Pairs by question, as ``samp-eval review plan`` makes them, for both respondents; shape (2, questions, 2)."""
    names = [str(number) for number in range(REVIEWERS)]
    blocks = [Block(str(number), 60.0 + 7.0 * generator.integers(2, 9)) for number in range(QUESTIONS)]
    groups = group_blocks(blocks, names, each=2, common=0, seed=int(generator.integers(1 << 30))).groups
    pairs = np.array([[int(name) for name in groups[block.id]] for block in blocks])
    return np.stack([pairs, pairs])


def by_respondent(generator: np.random.Generator) -> Integers:
    """The severe reviewer (0) marks three quarters of the second respondent's questions, a quarter of the first's."""
    pairs = np.array([[generator.permutation(np.arange(1, REVIEWERS))[:2] for _ in range(QUESTIONS)] for _ in SKILL])
    severe = generator.random((len(SKILL), QUESTIONS)) < np.array([[0.25], [0.75]])
    pairs[..., 0] = np.where(severe, 0, pairs[..., 0])
    return pairs


def contrasts(pairs: Integers, severity: Floats, skill: Floats, seed: int) -> tuple[float, float]:
    """Difference of the means, in percentage points, and log odds ratio of a line, by the settled marks."""
    generator = np.random.default_rng(seed)
    ease = generator.normal(0.3, 1.0, QUESTIONS)
    own = generator.normal(0.0, 0.8, (len(skill), QUESTIONS, LINES))
    level = ease[None, :, None] + skill[:, None, None] + own
    draws = generator.random((3, *level.shape))
    chance = [1 / (1 + np.exp(-(level - severity[pairs[..., seat]][..., None]))) for seat in (0, 1)]
    first, second = draws[0] < chance[0], draws[1] < chance[1]
    third = draws[2] < 1 / (1 + np.exp(-(level - severity.mean())))
    settled = np.where(first == second, first, third)
    share = settled.mean(axis=(1, 2))
    logit = np.log(share / (1 - share))
    return float(100 * (share[1] - share[0])), float(logit[1] - logit[0])


def bias(assign: Callable[[np.random.Generator], Integers], skill: Floats, studies: int) -> tuple[Floats, Floats]:
    """Mean difference that the severe reviewer makes to both contrasts, and its Monte-Carlo standard error."""
    severe = np.zeros(REVIEWERS)
    severe[0] = SEVERER
    alike = np.full(REVIEWERS, severe.mean())
    found = []
    for study in range(studies):
        pairs = assign(np.random.default_rng(study))
        with_severe, without = (np.array(contrasts(pairs, severity, skill, study)) for severity in (severe, alike))
        found.append(with_severe - without)
    differences = np.array(found)
    return differences.mean(axis=0), differences.std(axis=0, ddof=1) / np.sqrt(studies)


def main() -> None:
    """Print the bias of each design with its Monte-Carlo error."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{studies} studies; one of {REVIEWERS} reviewers severer by {SEVERER}; bias +/- two Monte-Carlo errors")
    for words, assign in (("whole questions to pairs", planned), ("more of one respondent", by_respondent)):
        for skill in (np.zeros(2), SKILL):
            mean, error = bias(assign, skill, studies)
            verdict = "none beyond the error" if (np.abs(mean) <= 2 * error).all() else "BIASED"
            print(
                f"{words}, true log odds {skill[1]:.2f}: {mean[0]:+.3f} +/- {2 * error[0]:.3f} percentage points, "
                f"{mean[1]:+.4f} +/- {2 * error[1]:.4f} log odds: {verdict}"
            )


if __name__ == "__main__":
    main()
