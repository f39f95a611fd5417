"""Coverage, bias and error of odds ratios from a partly marked study, beside full marking and the drawn part alone.

Usage: python prediction_powered.py [STUDIES] [CELL ...], or: python prediction_powered.py stopping STUDIES

Each cell simulates studies of SAMPs: questions of one to three lines, two or four respondents, five rounds; lines share
a question's difficulty and a response's luck. A predictor marks lines with a sensitivity and a specificity, and may
favour the last respondent. One row a cell: the share of 95 % intervals that hold the truth, the mean error, the spread
and the bias of the estimates, for the corrected predictions; then the spread for full marking and for the drawn
questions alone with its coverage, and bias and coverage of the predictor alone. A cell is ``refused`` where the command
prints no figure, because fewer than ``FEWEST_DRAWN`` questions are drawn.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics import OrdinalGeeFit, fit_exceedances
from samp_eval.statistics.drawn.prediction_powered import FEWEST_DRAWN, PartialMarks, powered_exceedances

LEVELS = np.array([0.0, 100 / 3, 50.0, 200 / 3, 100.0])
ROUNDS = 5
BETTER = 0.744
"""Log odds ratio of a line, given its question, at which the odds ratio of the scores is 1.8 (found by `truth`)."""


@dataclass(frozen=True)
class Predictor:
    """Probabilities for a line; ``favour`` is added to the false credit of the last respondent."""

    name: str
    sensitivity: float
    specificity: float
    favour: float = 0.0

    def credits(
        self, generator: np.random.Generator, right: np.ndarray, question: np.ndarray, is_last: np.ndarray
    ) -> np.ndarray:
        """Whether each line is credited, shape (n, 3); NaN would be no verdict."""
        del question
        false_credit = 1 - self.specificity + self.favour * is_last
        said = np.where(right, self.sensitivity, false_credit[:, None])
        return (generator.random(right.shape) < said).astype(float)


class AnyPredictor(Protocol):
    """What predicts the marks of lines."""

    @property
    def name(self) -> str:
        """As it is printed."""

    def credits(
        self, generator: np.random.Generator, right: np.ndarray, question: np.ndarray, is_last: np.ndarray
    ) -> np.ndarray:
        """Whether each line is credited, shape (n, 3); NaN for no verdict."""


NONE = Predictor("none", np.nan, np.nan)
KEY = Predictor("key marker", 0.94, 0.985)
"""As measured on 308 typical lines (tests/data/gold.md): recall 0.941, precision 0.990."""
GOOD = Predictor("good", 0.97, 0.95, 0.05)
FAVOURING = Predictor("self-preferring", 0.92, 0.88, 0.15)
WRONG = Predictor("always wrong", 0.0, 0.0)


@dataclass(frozen=True)
class Cell:
    """One design; ``effect`` is 0 for an odds ratio of 1 and `BETTER` for 1.8."""

    questions: int
    share: float
    predictor: AnyPredictor
    respondents: int = 2
    effect: float = BETTER

    @property
    def n_drawn(self) -> int:
        """Questions that are drawn."""
        return round(self.share * self.questions)

    @property
    def name(self) -> str:
        """``77 questions, 23 drawn, good, 2 respondents, OR 1.8``."""
        odds_ratio = "1.8" if self.effect else "1"
        drawn = f"{self.questions} questions, {self.n_drawn} drawn"
        return f"{drawn}, {self.predictor.name}, {self.respondents} respondents, OR {odds_ratio}"


CELLS = [
    *(Cell(77, share, predictor) for share in (0.15, 0.3, 0.5) for predictor in (NONE, KEY, GOOD, FAVOURING, WRONG)),
    *(Cell(77, share, FAVOURING, effect=0.0) for share in (0.2, 0.3, 0.5)),
    Cell(20, 0.5, KEY),
    Cell(20, 0.75, KEY),
    Cell(20, 0.75, NONE, effect=0.0),
    *(Cell(40, share, KEY) for share in (0.3, 0.4, 0.5)),
    *(Cell(160, share, KEY) for share in (0.1, 0.15, 0.3, 0.5)),
    Cell(160, 0.15, WRONG, effect=0.0),
    Cell(77, 0.3, FAVOURING, 4),
    Cell(77, 0.5, GOOD, 4, 0.0),
    Cell(160, 0.15, FAVOURING, 4, 0.0),
    Cell(160, 0.3, KEY, 4),
]

STOPPED = [Cell(77, 0.2, KEY), Cell(77, 0.2, FAVOURING), Cell(77, 0.2, FAVOURING, effect=0.0), Cell(160, 0.1, NONE)]


def simulate(generator: np.random.Generator, cell: Cell) -> tuple[PartialMarks, pd.DataFrame]:
    """One study with all its marks; the order is that of the questions, which are alike."""
    questions, respondents, predictor = cell.questions, cell.respondents, cell.predictor
    requested = generator.integers(1, 4, questions)
    rows = questions * respondents * ROUNDS
    question, respondent, _ = np.unravel_index(np.arange(rows), (questions, respondents, ROUNDS))
    difficulty = generator.normal(0.6, 1.1, questions)[question] + generator.normal(0, 0.7, rows)
    own = generator.normal(0, 0.4, (questions, respondents))[question, respondent]
    is_last = respondent == respondents - 1
    right = generator.random((rows, 3)) < (1 / (1 + np.exp(-(difficulty + own + cell.effect * is_last))))[:, None]
    counted = np.arange(3) < requested[question][:, None]
    allowed = np.array([np.isin(LEVELS.round(6), (100 * np.arange(n + 1) / n).round(6)) for n in (1, 2, 3)])

    def level(lines: np.ndarray) -> np.ndarray:
        percent = 100 * ((lines == 1) & counted).sum(axis=1) / requested[question]
        nearest: np.ndarray = np.abs(percent[:, None] - LEVELS).argmin(axis=1)
        return nearest

    if predictor is NONE:
        predicted = np.full(rows, -1)
    else:
        said = predictor.credits(generator, right, question, is_last)
        predicted = np.where((np.isnan(said) & counted).any(axis=1), -1, level(said))
    order = np.arange(questions)
    marks = PartialMarks(question, order, cell.n_drawn, level(right), predicted, requested[question] - 1, allowed)
    return marks, pd.DataFrame({f"model {name}": (respondent == name) * 1.0 for name in range(1, respondents)})


def last_term(fit: OrdinalGeeFit) -> tuple[float, float]:
    """Log odds ratio and standard error of the last respondent against the first."""
    return fit.terms[-1].log_odds_ratio, fit.terms[-1].standard_error


def degrees_of_freedom(cell: Cell) -> tuple[int, int, int, int]:
    """Of the four estimates of :func:`one_study`; the ordinary ones have questions less terms."""
    terms = cell.respondents - 1
    return cell.n_drawn - 1, cell.questions - terms, cell.n_drawn - terms, cell.questions - terms


def one_study(seed: int, cell: Cell) -> list[tuple[float, float]]:
    """Estimates and errors: corrected, all marked, drawn alone, predictor alone; NaN where there is none."""
    marks, design = simulate(np.random.default_rng(seed), cell)
    true, said = (
        (levels[:, None] > np.arange(len(LEVELS) - 1)).astype(float) for levels in (marks.marked, marks.predicted)
    )
    every = np.ones(len(design), dtype=bool)
    found = []
    for above, rows in (
        (powered_exceedances(marks).corrected, every),
        (true, every),
        (true, marks.drawn),
        (said, every),
    ):
        try:
            found.append(last_term(fit_exceedances(above[rows], design[rows], marks.question[rows])))
        except CannotEstimate:
            found.append((np.nan, np.nan))
    return found


def truth(cell: Cell) -> float:
    """The log odds ratio that very large studies find."""
    found = []
    for seed in range(10):
        marks, design = simulate(np.random.default_rng(10**6 + seed), replace(cell, questions=8_000, predictor=NONE))
        above = (marks.marked[:, None] > np.arange(len(LEVELS) - 1)).astype(float)
        found.append(last_term(fit_exceedances(above, design, marks.question))[0])
    return float(np.mean(found))


def stopped_study(seed: int, cell: Cell, widest: float) -> tuple[float, float, int]:
    """Draw as many as the cell, then five more at a time until the interval's half width is at most ``widest``."""
    marks, design = simulate(np.random.default_rng(seed), cell)
    while True:
        exceedances = powered_exceedances(marks).corrected
        estimate, error = last_term(fit_exceedances(exceedances, design, marks.question))
        degrees = marks.n_drawn - 1 if marks.n_drawn < cell.questions else cell.questions - cell.respondents + 1
        half = stdtrit(float(degrees), 0.975) * error
        if half <= widest or marks.n_drawn == cell.questions:
            return estimate, half, marks.n_drawn
        marks = replace(marks, n_drawn=min(marks.n_drawn + 5, cell.questions))


def stopping(studies: int) -> None:
    """Coverage where the number of drawn questions follows from the width of the interval."""
    print("stopping by width, at 1.2 times that of full marking: coverage, bias, mean number drawn")
    for cell in STOPPED:
        true = truth(cell) if cell.effect else 0.0
        full = 1.96 * float(np.mean([one_study(10**7 + seed, cell)[1][1] for seed in range(100)]))
        estimate, half, drawn = np.array([stopped_study(seed, cell, 1.2 * full) for seed in range(studies)]).T
        cover = 100 * (np.abs(estimate - true) <= half).mean()
        print(f"{cover:5.1f}  {estimate.mean() - true:+.3f}  {drawn.mean():5.1f}  from {cell.name}", flush=True)


def main(studies: int, chosen: list[int]) -> None:
    print("      SIMULATED studies; corrected predictions               | spread  drawn alone  | predictor alone")
    print("cell  coverage  mean error  spread    bias  no estimate      | full    spread cover | bias  cover  design")
    truths: dict[tuple[int, float], float] = {}
    for number in chosen or range(len(CELLS)):
        cell = CELLS[number]
        true = truths.setdefault((cell.respondents, cell.effect), truth(cell) if cell.effect else 0.0)
        values = np.array([one_study(100_000 * number + seed, cell) for seed in range(studies)])
        estimates, errors = values[:, :, 0], values[:, :, 1]
        reach = stdtrit(np.array(degrees_of_freedom(cell), dtype=float), 0.975)
        known = np.isfinite(estimates)
        held = np.abs(estimates - true) <= reach * errors
        cover = [100 * held[known[:, place], place].mean() if known[:, place].any() else np.nan for place in range(4)]
        spread = [estimates[known[:, place], place].std() for place in range(3)]
        bias = [
            estimates[known[:, place], place].mean() - true if known[:, place].any() else np.nan for place in (0, 3)
        ]
        refused = "refused" if cell.n_drawn < FEWEST_DRAWN else ""
        print(
            f"{number:4d}  {cover[0]:8.1f}  {np.nanmean(errors[:, 0]):10.3f}  {spread[0]:6.3f}  {bias[0]:+.3f}  "
            f"{(~known[:, 0]).sum():11d}  {refused:7} | {spread[1]:.3f}   {spread[2]:.3f} {cover[2]:5.1f}  | "
            f"{bias[1]:+.3f} {cover[3]:5.1f}  {cell.name}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["stopping"]:
        stopping(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, [int(number) for number in sys.argv[2:]])
