"""Mean preferences and rank intervals from a partly marked study, beside full marking and the drawn part alone.

Usage: python drawn_rankings.py [STUDIES [ROW ...]]

Simulated studies of 77 questions in five rounds as in prediction_powered.py; the last respondent is better (odds ratio
1.8) or all are equal. The truth is a study of 12,000 questions. One row for each number of respondents and drawn
questions and each predictor: the share of 95 % intervals of mean preferences that hold the truth and that hold what
full marking gives; the bias of the last respondent's mean preference and its spread (percentage points), corrected,
with all marked and of the drawn alone; the share of 95 % intervals of strengths that hold the truth; the share of
studies in which a rank interval leaves out the true rank; the mean width of the rank intervals, corrected and of the
drawn alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from prediction_powered import FAVOURING, KEY, NONE, ROUNDS, WRONG, Cell, simulate

from samp_eval.statistics.drawn.corrected_comparisons import comparisons_from_chances, corrected_comparisons
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, powered_exceedances
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.ranking.comparisons import Comparisons, comparisons_from_scores, mean_preferences
from samp_eval.statistics.ranking.davidson import fit_strengths
from samp_eval.statistics.ranking.rank_intervals import rank_intervals

DRAWS = 500
CELLS = [
    *(Cell(77, 0.33, predictor, size) for size in (4, 8) for predictor in (NONE, KEY, FAVOURING, WRONG)),
    Cell(77, 0.2, KEY, 4),
    Cell(77, 0.2, NONE, 4),
    Cell(77, 0.33, KEY, 4, 0.0),
    Cell(77, 0.33, FAVOURING, 8, 0.0),
    Cell(77, 0.2, FAVOURING, 8, 0.0),
]


def table(values: np.ndarray, cell: Cell) -> np.ndarray:
    """Values of responses by question, respondent, one condition and round."""
    return values.reshape(cell.questions, cell.respondents, 1, ROUNDS, *values.shape[1:]).astype(float)


def compared(marks: PartialMarks, cell: Cell) -> tuple[Comparisons, Comparisons, Comparisons]:
    """Corrected, all marked, drawn alone."""
    powered = powered_exceedances(marks)
    chances = -np.diff(powered.calibrated, axis=1, prepend=1.0, append=0.0)
    scores, drawn = table(marks.marked, cell), marks.position < marks.n_drawn
    alone = comparisons_from_scores(scores[drawn])
    predicted = comparisons_from_chances(table(chances, cell))
    return corrected_comparisons(predicted, alone, drawn, powered.weight), comparisons_from_scores(scores), alone


def truth_of(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Mean preferences and strengths of a very large study; equal ones exactly."""
    large = replace(cell, questions=12_000)
    every = comparisons_from_scores(table(simulate(np.random.default_rng(99), large)[0].marked, large))
    if not cell.effect:
        return np.full(cell.respondents, 0.5), np.zeros(cell.respondents)
    return mean_preferences(every).values, fit_strengths(every).estimate.values


def one_study(seed: int, cell: Cell, truth: tuple[np.ndarray, np.ndarray]) -> list[float]:
    """The figures of one study, as in a row."""
    corrected, full, alone = compared(simulate(np.random.default_rng(seed), cell)[0], cell)
    mean, of_full, of_drawn = (mean_preferences(each) for each in (corrected, full, alone))
    low, high = mean.intervals(0.95)
    strengths = or_reason(fit_strengths)(corrected)
    held = np.nan
    if not isinstance(strengths, NotEstimated):
        bounds = strengths.estimate.intervals(0.95)
        held = float(((bounds[0] <= truth[1]) & (truth[1] <= bounds[1])).mean())
    best, worst = rank_intervals(mean, draws=DRAWS, seed=seed)
    best_alone, worst_alone = rank_intervals(of_drawn, draws=DRAWS, seed=seed)
    is_last = np.arange(cell.respondents) == cell.respondents - 1
    true_best = np.where(is_last | (cell.effect == 0), 1, 2)
    true_worst = np.where(is_last & (cell.effect > 0), 1, cell.respondents)
    return [
        ((low <= truth[0]) & (truth[0] <= high)).mean(),
        ((low <= of_full.values) & (of_full.values <= high)).mean(),
        *(each.values[-1] - truth[0][-1] for each in (mean, of_full, of_drawn)),
        held,
        bool(((best > true_best) | (worst < true_worst)).any()),
        (worst - best + 1).mean(),
        (worst_alone - best_alone + 1).mean(),
    ]


def main(studies: int = 1000, *rows: int) -> None:
    """Print the table."""
    print("SIMULATED | holds the truth, full | bias | spread: corrected all alone | strengths | missed | width alone")
    for row in rows or range(len(CELLS)):
        cell = CELLS[row]
        truth = truth_of(cell)
        found = np.array([one_study(seed, cell, truth) for seed in range(studies)])
        mean = np.nanmean(found, axis=0)
        width = f"{mean[7]:.2f} {mean[8]:.2f}"
        spread = 100 * found[:, 2:5].std(axis=0, ddof=1)
        print(
            f"{cell.name} | {100 * mean[0]:.1f} {100 * mean[1]:.1f} | {100 * mean[2]:+.2f} | {spread[0]:.2f} "
            f"{spread[1]:.2f} {spread[2]:.2f} | {100 * mean[5]:.1f} | {100 * mean[6]:.1f} | {width}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
