"""Coverage, bias and error of odds ratios from a partly marked study, beside full marking and the drawn part alone.

Usage: python prediction_powered.py [STUDIES] [CELL ...]

Each cell simulates studies of SAMPs: questions of one to three lines, two or four respondents, five rounds; lines share
a question's difficulty and a response's luck. A predictor marks lines with a sensitivity and a specificity, and may
favour the last respondent. One row a cell: the share of 95 % intervals that hold the truth, the mean error and the
spread of the estimates, for the corrected predictions; then the spread for full marking, for the drawn questions alone,
and bias and coverage of the predictor alone.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics import OrdinalGeeFit, fit_exceedances
from samp_eval.statistics.prediction_powered import PartialMarks, powered_exceedances

LEVELS = np.array([0.0, 100 / 3, 50.0, 200 / 3, 100.0])
ROUNDS = 5


@dataclass(frozen=True)
class Predictor:
    """Probabilities for a line; ``favour`` is added to the false credit of the last respondent."""

    name: str
    sensitivity: float
    specificity: float
    favour: float = 0.0


NONE = Predictor("none", 0.5, 0.5)
ORDINARY = Predictor("ordinary", 0.92, 0.88, 0.15)
GOOD = Predictor("good", 0.97, 0.95, 0.05)
WRONG = Predictor("always wrong", 0.0, 0.0)

CELLS = [
    *((77, share, predictor, 2, 0.45) for share in (0.15, 0.3, 0.5) for predictor in (NONE, ORDINARY, GOOD, WRONG)),
    *((77, share, ORDINARY, 2, 0.0) for share in (0.2, 0.3, 0.5)),
    (77, 0.3, ORDINARY, 4, 0.45),
    (77, 0.5, GOOD, 4, 0.45),
    *((questions, share, ORDINARY, 2, 0.45) for questions, share in ((20, 0.75), (40, 0.4), (40, 0.5), (160, 0.15))),
    (160, 0.3, GOOD, 2, 0.45),
    (160, 0.3, WRONG, 2, 0.0),
    (160, 0.5, ORDINARY, 4, 0.45),
]


def simulate(
    generator: np.random.Generator, questions: int, respondents: int, effect: float, predictor: Predictor
) -> tuple[PartialMarks, pd.DataFrame]:
    """One study with all its marks; the order is that of the questions, which are alike."""
    requested = generator.integers(1, 4, questions)
    rows = questions * respondents * ROUNDS
    question, respondent, _ = np.unravel_index(np.arange(rows), (questions, respondents, ROUNDS))
    difficulty = generator.normal(0.6, 1.1, questions)[question] + generator.normal(0, 0.7, rows)
    own = generator.normal(0, 0.4, (questions, respondents))[question, respondent]
    chance = 1 / (1 + np.exp(-(difficulty + own + effect * (respondent == respondents - 1))))
    right = generator.random((rows, 3)) < chance[:, None]
    false_credit = 1 - predictor.specificity + predictor.favour * (respondent == respondents - 1)
    said = np.where(right, predictor.sensitivity, false_credit[:, None])
    credited = generator.random((rows, 3)) < said
    counted = np.arange(3) < requested[question][:, None]
    allowed = np.array([np.isin(LEVELS.round(6), (100 * np.arange(n + 1) / n).round(6)) for n in (1, 2, 3)])

    def level(lines: np.ndarray) -> np.ndarray:
        percent = 100 * (lines & counted).sum(axis=1) / requested[question]
        nearest: np.ndarray = np.abs(percent[:, None] - LEVELS).argmin(axis=1)
        return nearest

    marks = PartialMarks(
        question, np.arange(questions), questions, level(right), level(credited), requested[question] - 1, allowed
    )
    return marks, pd.DataFrame({f"model {one}": (respondent == one) * 1.0 for one in range(1, respondents)})


def last_term(fit: OrdinalGeeFit) -> tuple[float, float]:
    """Log odds ratio and standard error of the last respondent against the first."""
    return fit.terms[-1].log_odds_ratio, fit.terms[-1].standard_error


def one_study(seed: int, cell: tuple[int, float, Predictor, int, float]) -> list[tuple[float, float]]:
    """Estimates and errors: corrected, all marked, drawn alone, predictor alone; NaN where refused."""
    questions, share, predictor, respondents, effect = cell
    marks, design = simulate(np.random.default_rng(seed), questions, respondents, effect, predictor)
    n_drawn = round(share * questions)
    partial = PartialMarks(
        marks.question, marks.position, n_drawn, marks.marked, marks.predicted, marks.kind, marks.allowed
    )
    true, said = (
        (levels[:, None] > np.arange(len(LEVELS) - 1)).astype(float) for levels in (marks.marked, marks.predicted)
    )
    kept = partial.drawn
    found = []
    for above, rows, degrees in (
        (powered_exceedances(partial).corrected, np.ones(len(kept), dtype=bool), n_drawn - 1),
        (true, np.ones(len(kept), dtype=bool), questions - 1),
        (true, kept, n_drawn - 1),
        (said, np.ones(len(kept), dtype=bool), questions - 1),
    ):
        try:
            fit = fit_exceedances(above[rows], design[rows], marks.question[rows], degrees_of_freedom=float(degrees))
            found.append(last_term(fit))
        except CannotEstimate:
            found.append((np.nan, np.nan))
    return found


def truth(respondents: int, effect: float) -> float:
    """The log odds ratio that a very large study finds."""
    found = []
    for seed in range(6):
        marks, design = simulate(np.random.default_rng(10**6 + seed), 8_000, respondents, effect, NONE)
        above = (marks.marked[:, None] > np.arange(len(LEVELS) - 1)).astype(float)
        found.append(last_term(fit_exceedances(above, design, marks.question))[0])
    return float(np.mean(found))


def main(studies: int, chosen: list[int]) -> None:
    print(
        "cell  questions drawn predictor     respondents logOR | cover  error spread bias  refused "
        "| full drawn | predictor"
    )
    truths: dict[tuple[int, float], float] = {}
    for number in chosen or range(len(CELLS)):
        questions, share, predictor, respondents, effect = CELLS[number]
        true = truths.setdefault((respondents, effect), truth(respondents, effect))
        runs = Parallel(n_jobs=-1)(delayed(one_study)(1000 * number + seed, CELLS[number]) for seed in range(studies))
        values = np.array(runs)
        n_drawn = round(share * questions)
        estimates, errors = values[:, :, 0], values[:, :, 1]
        known = np.isfinite(estimates[:, 0])
        reach = np.array(
            [stdtrit(degrees, 0.975) for degrees in (n_drawn - 1, questions - 1, n_drawn - 1, questions - 1)]
        )
        cover = 100 * np.nanmean(
            np.where(np.isnan(estimates), np.nan, np.abs(estimates - true) <= reach * errors), axis=0
        )
        spread, bias = np.nanstd(estimates, axis=0), np.nanmean(estimates, axis=0) - true
        print(
            f"{number:4d}  {questions:9d} {n_drawn:5d} {predictor.name:13s} {respondents:11d} {true:5.2f} | "
            f"{cover[0]:5.1f}  {np.nanmean(errors[:, 0]):.3f} {spread[0]:.3f} {bias[0]:+.3f} {(~known).sum():4d} | "
            f"{spread[1]:.3f} {spread[2]:.3f} | {bias[3]:+.3f} {cover[3]:5.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, [int(one) for one in sys.argv[2:]])
