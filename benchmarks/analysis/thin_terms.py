"""How often 95 % intervals miss the truth where a few questions tell two conditions apart.

python benchmarks/analysis/thin_terms.py [simulations]

Two respondents answer 77 questions in six rounds; two conditions go together in all but the first so many questions and
have no effect. For each number of those: the effective number of clusters behind the standard error, and the share of
robust and of bias-reduced intervals (normal) that miss.
"""

from __future__ import annotations

import sys

import numpy as np

from samp_eval.statistics.gee.count_table import collapse, distinct_rows
from samp_eval.statistics.gee.sandwich import cluster_shares, covariance_of
from samp_eval.statistics.gee.solver import solve
from samp_eval.statistics.simulation import simulate_scores

QUESTIONS, ROUNDS = 77, 6


def main(simulations: int = 600) -> None:
    """Print one line for each number of questions."""
    question = np.repeat(np.arange(QUESTIONS), 2 * ROUNDS)
    respondent = np.tile(np.repeat([0, 1], ROUNDS), QUESTIONS)
    number = np.tile(np.arange(ROUNDS), 2 * QUESTIONS)
    one = (number >= ROUNDS // 2) * 1.0
    for apart in (2, 3, 4, 6, 8, 12, 77):
        other = np.where(question < apart, (number % 2 == 0) * 1.0, one)
        design = np.column_stack([respondent, one, other]).astype(float)
        scores = simulate_scores(
            design @ np.array([0.5, 0.0, 0.0]),
            np.array([2.0, 0.7, -0.7]),
            [(question, 0.25), (2 * question + respondent, 0.3)],
            replicates=simulations,
            seed=1,
        )
        pattern, first_row = distinct_rows(design)
        missed, effective = np.zeros(2), 0.0
        for levels in scores:
            cells = collapse(levels, design[first_row], pattern, question, 4)
            estimates = solve(cells.counts, cells.patterns).estimates[0]
            spreads = [covariance_of(cells, estimates, kind)[-1, -1] for kind in ("robust", "bias_reduced")]
            missed += np.abs(estimates[-1]) / np.sqrt(spreads) > 1.959964
            effective += cluster_shares(cells, estimates).effective[-1]
        robust, reduced = 100 * missed / simulations
        print(
            f"{apart} questions, effectively {effective / simulations:.1f}: robust {robust:.0f} %, "
            f"bias reduced {reduced:.0f} %"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
