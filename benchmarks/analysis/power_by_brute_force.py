"""The power that ``samp-eval power --right`` foretells, beside that of whole studies simulated line by line.

Usage: python power_by_brute_force.py [STUDIES]

Each row: share of lines right by the reference, odds ratio of a line, questions, rounds; the odds ratio of scores that
this makes; the share of simulated studies in which the fitted model finds it, its Monte-Carlo error, and the power that
is foretold for that odds ratio.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from samp_eval.errors import CannotEstimate
from samp_eval.statistics import fit_ordinal_gee
from samp_eval.statistics.gee.terms import Term
from samp_eval.statistics.line_scores import LineStudyShape, score_log_odds, simulate_line_scores
from samp_eval.statistics.power import power_curve

DESIGNS = ((0.75, 1.6, 77, 5), (0.9, 1.8, 77, 5), (0.9, 1.8, 60, 3), (0.95, 2.2, 77, 5), (0.75, 1.6, 40, 1))


def fitted(right: float, odds: float, questions: int, rounds: int, generator: np.random.Generator) -> Term:
    """The term of one simulated study."""
    scores, other, question = simulate_line_scores(right, float(np.log(odds)), questions, rounds, generator)
    design = pd.DataFrame({"other": other.astype(float)})
    return fit_ordinal_gee(scores.round(6), design, question, engine="vectorised").terms[0]


def compared(design: tuple[float, float, int, int], studies: int) -> tuple[float, float, float, float]:
    """The odds ratio of scores, the share of studies that find it, its error, and the power foretold."""
    right, odds, questions, rounds = design
    generator = np.random.default_rng(19)
    true = score_log_odds(right, float(np.log(odds)))
    found = []
    for _ in range(studies):
        try:
            found.append(fitted(right, odds, questions, rounds, generator).p_value < 0.05)
        except CannotEstimate:
            found.append(False)
    share = float(np.mean(found))
    shape = LineStudyShape(right, (true,), n_rounds=rounds)
    (point,) = power_curve(shape, [questions], simulations=4000, seed=1)
    return float(np.exp(true)), share, float(np.sqrt(share * (1 - share) / studies)), point.power


def main(studies: int) -> None:
    print("right  line OR  questions  rounds | score OR  brute force  error  foretold")
    for design in DESIGNS:
        odds, share, error, power = compared(design, studies)
        right, line, questions, rounds = design
        print(
            f"{right:5.2f}  {line:7.2f}  {questions:9d}  {rounds:6d} | {odds:8.2f}  {share:11.3f}  {error:5.3f}  "
            f"{power:8.3f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
