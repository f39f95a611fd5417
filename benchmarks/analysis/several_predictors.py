"""Several predictors of a partly marked study: their weighted pool beside a table of joint levels and the best alone.

Usage: python several_predictors.py [STUDIES]

Lines share a question's difficulty and a response's luck, and predictors a part of their errors. One row a cell: the
mean standard error of the log odds ratio with the first predictor alone, with all by a table of joint levels (shrunk
to the mean of the single tables by two responses' worth), and with all by the pool; then the spread of the estimates
by the pool and the share of its 95 % intervals that hold the truth.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import stdtrit

from samp_eval.statistics import fit_exceedances
from samp_eval.statistics.drawn import calibration
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, powered_exceedances

LEVELS = np.array([0.0, 100 / 3, 50.0, 200 / 3, 100.0])
ROUNDS, EFFECT = 5, 0.45


@dataclass(frozen=True)
class Predictor:
    """Probabilities for a line; ``favour`` is added to the false credit of the last respondent."""

    name: str
    sensitivity: float
    specificity: float
    favour: float = 0.0


ORDINARY, GOOD = Predictor("ordinary", 0.92, 0.88, 0.15), Predictor("good", 0.97, 0.95, 0.05)
WEAK = Predictor("weak", 0.7, 0.7)
SHARED = 0.3
"""Share of lines on which all predictors draw the same luck."""

CELLS = [
    (77, 0.2, 2, (ORDINARY, GOOD)),
    (77, 0.3, 2, (ORDINARY, GOOD)),
    (77, 0.5, 3, (ORDINARY, GOOD)),
    (77, 0.3, 2, (ORDINARY, WEAK)),
    (77, 0.3, 2, (WEAK, WEAK, WEAK)),
    (77, 0.2, 2, (ORDINARY, GOOD, ORDINARY, WEAK)),
    (160, 0.5, 4, (ORDINARY, GOOD)),
    (160, 0.5, 4, (ORDINARY, WEAK, WEAK, WEAK)),
]


def simulate(
    generator: np.random.Generator, questions: int, respondents: int, predictors: tuple[Predictor, ...]
) -> tuple[PartialMarks, pd.DataFrame]:
    """One study with all its marks; lines share a question's difficulty and a response's luck."""
    requested = generator.integers(1, 4, questions)
    rows = questions * respondents * ROUNDS
    question, respondent, _ = np.unravel_index(np.arange(rows), (questions, respondents, ROUNDS))
    difficulty = generator.normal(0.6, 1.1, questions)[question] + generator.normal(0, 0.7, rows)
    own = generator.normal(0, 0.4, (questions, respondents))[question, respondent]
    last = respondent == respondents - 1
    right = generator.random((rows, 3)) < (1 / (1 + np.exp(-(difficulty + own + EFFECT * last))))[:, None]
    counted = np.arange(3) < requested[question][:, None]
    luck = generator.random((rows, 3))
    allowed = np.array([np.isin(LEVELS.round(6), (100 * np.arange(n + 1) / n).round(6)) for n in (1, 2, 3)])

    def level(lines: np.ndarray) -> np.ndarray:
        percent = 100 * (lines & counted).sum(axis=1) / requested[question]
        nearest: np.ndarray = np.abs(percent[:, None] - LEVELS).argmin(axis=1)
        return nearest

    said = []
    for predictor in predictors:
        chance = np.where(right, predictor.sensitivity, (1 - predictor.specificity + predictor.favour * last)[:, None])
        drawn = np.where(generator.random((rows, 3)) < SHARED, luck, generator.random((rows, 3)))
        said.append(level(drawn < chance))
    levels = np.column_stack(said) if said else np.empty((rows, 0), dtype=np.int64)
    marks = PartialMarks(
        question, np.arange(questions), questions, level(right), levels, requested[question] - 1, allowed
    )
    return marks, pd.DataFrame({f"model {place}": (respondent == place) * 1.0 for place in range(1, respondents)})


def joint_chances(
    predicted: np.ndarray, marked: np.ndarray, kind: np.ndarray, allowed: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """The alternative: one table of joint levels, with the mean of the single tables as prior."""
    single = [calibration.calibrated_chances(levels[:, None], marked, kind, allowed, known) for levels in predicted.T]
    prior = np.mean(single, axis=0)
    _, cell = np.unique(np.column_stack([kind, predicted]), axis=0, return_inverse=True)
    counts = np.zeros((cell.max() + 1, allowed.shape[1]))
    np.add.at(counts, (cell[known], marked[known]), 1.0)
    weighted = counts[cell] + calibration.PRIOR_RESPONSES * prior
    chances: np.ndarray = weighted / weighted.sum(axis=1, keepdims=True)
    return chances


def one_study(seed: int, cell: tuple[int, float, int, tuple[Predictor, ...]]) -> list[tuple[float, float]]:
    """Estimates and errors: the first predictor alone, joint table, pool."""
    questions, share, respondents, predictors = cell
    marks, design = simulate(np.random.default_rng(seed), questions, respondents, predictors)
    n_drawn = round(share * questions)
    found = []
    for way in ("first", "joint", "pool"):
        levels = marks.predicted[:, :1] if way == "first" else marks.predicted
        part = PartialMarks(marks.question, marks.position, n_drawn, marks.marked, levels, marks.kind, marks.allowed)
        calibrate = joint_chances if way == "joint" else calibration.calibrated_chances
        with patch("samp_eval.statistics.drawn.prediction_powered.calibrated_chances", calibrate):
            corrected = powered_exceedances(part).corrected
        fit = fit_exceedances(corrected, design, marks.question, degrees_of_freedom=float(n_drawn - 1))
        found.append((fit.terms[-1].log_odds_ratio, fit.terms[-1].standard_error))
    return found


def truth(respondents: int) -> float:
    """The log odds ratio that a very large study finds."""
    found = []
    for seed in range(4):
        marks, design = simulate(np.random.default_rng(10**6 + seed), 6_000, respondents, ())
        above = (marks.marked[:, None] > np.arange(len(LEVELS) - 1)).astype(float)
        found.append(fit_exceedances(above, design, marks.question).terms[-1].log_odds_ratio)
    return float(np.mean(found))


def main(studies: int) -> None:
    print("questions drawn respondents predictors                     | first  joint  pool  | spread cover bias")
    for number, cell in enumerate(CELLS):
        questions, share, respondents, predictors = cell
        runs = Parallel(n_jobs=-1)(delayed(one_study)(1000 * number + seed, cell) for seed in range(studies))
        values, true, n_drawn = np.array(runs), truth(respondents), round(share * questions)
        estimates, errors = values[:, :, 0], values[:, :, 1].mean(axis=0)
        covered = np.abs(estimates[:, 2] - true) <= stdtrit(n_drawn - 1, 0.975) * values[:, 2, 1]
        names = ", ".join(predictor.name for predictor in predictors)
        print(
            f"{questions:9d} {n_drawn:5d} {respondents:11d} {names:30s} | {errors[0]:.3f}  {errors[1]:.3f}  "
            f"{errors[2]:.3f} | {estimates[:, 2].std():.3f}  {100 * covered.mean():5.1f} "
            f"{estimates[:, 2].mean() - true:+.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
