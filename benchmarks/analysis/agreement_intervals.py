"""Coverage of 95 % intervals of agreement, beside a percentile bootstrap over questions.

Usage: python agreement_intervals.py [STUDIES]

Simulated reviewers of which each errs, on some questions oftener than on others. Each row: how often the interval holds
the truth, and how wide it is on average; for samp-eval and for the bootstrap, of percent agreement, kappa, AC1, alpha
and the intraclass correlation of scores of two lines.
"""

from __future__ import annotations

import sys

import numpy as np

from samp_eval.statistics.reviewers.agreement import IntervalEstimate, agreement, intraclass_correlation

STUDIES = ((77, 14, 0.75, 0.03), (77, 14, 0.95, 0.01), (20, 5, 0.75, 0.03), (20, 5, 0.9, 0.01), (10, 5, 0.75, 0.03))
"""Questions, answers of each, share of right answers, mean error of a reviewer."""
RESAMPLES = 200
TRUTH_QUESTIONS = 40_000

Marks = tuple[np.ndarray, np.ndarray]


def marks(generator: np.random.Generator, questions: int, answers: int, right: float, error: float) -> Marks:
    """Marks of two reviewers, shape (questions * answers, 2), and the question of each answer."""
    question = np.repeat(np.arange(questions), answers)
    of_question = generator.beta(6 * right, 6 * (1 - right), questions)[question]
    truth = generator.random(len(question)) < of_question
    errors = generator.gamma(1, error, questions).clip(0, 0.5)[question]
    given = [np.where(generator.random(len(question)) < errors, ~truth, truth) for _ in range(2)]
    return np.array(given, dtype=float).T, question


def statistics(given: np.ndarray, question: np.ndarray) -> list[IntervalEstimate]:
    """Percent, kappa, AC1, alpha and the intraclass correlation of scores of two lines each."""
    found = agreement(given, question)
    even = len(given) // 2 * 2
    scores = 100 * given[:even].reshape(-1, 2, 2).mean(axis=1)
    icc = intraclass_correlation(scores, question[:even:2])
    return [found.percent, found.cohen_kappa, found.gwet_ac1, found.krippendorff_alpha, icc]


def bootstrap(generator: np.random.Generator, given: np.ndarray, question: np.ndarray) -> np.ndarray:
    """Percentile intervals of the same statistics, shape (2, 5)."""
    places = np.split(np.arange(len(question)), np.flatnonzero(np.diff(question)) + 1)
    draws = []
    for _ in range(RESAMPLES):
        chosen = generator.integers(len(places), size=len(places))
        rows = np.concatenate([places[number] for number in chosen])
        draws.append([np.nan if one.value is None else one.value for one in statistics(given[rows], question[rows])])
    return np.asarray(np.nanquantile(np.array(draws), [0.025, 0.975], axis=0))


def main(studies: int) -> None:
    generator = np.random.default_rng(3)
    print(
        "questions answers right error | samp-eval: percent kappa AC1 alpha ICC | bootstrap: the same   (coverage %/w"
    )
    for study in STUDIES:
        truth = [one.value or 0.0 for one in statistics(*marks(generator, TRUTH_QUESTIONS, *study[1:]))]
        ours, theirs = [], []
        for number in range(studies):
            drawn = marks(generator, *study)
            ours.append([(one.ci_low, one.ci_high) for one in statistics(*drawn)])
            if number < studies // 5:
                theirs.append(bootstrap(generator, *drawn).T)
        cells = []
        for found in (np.array(ours, dtype=float), np.array(theirs, dtype=float)):
            held = (found[:, :, 0] <= np.array(truth) + 1e-9) & (np.array(truth) - 1e-9 <= found[:, :, 1])
            widths = np.nanmean(found[:, :, 1] - found[:, :, 0], axis=0)
            known = np.isfinite(found[:, :, 0])
            covered = 100 * (held & known).sum(axis=0) / known.sum(axis=0)
            cells.append("  ".join(f"{share:.1f}/{width:.2f}" for share, width in zip(covered, widths, strict=True)))
        print(" ".join(map(str, study)), "|", " | ".join(cells), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
