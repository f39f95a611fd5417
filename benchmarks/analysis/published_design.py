"""Studies simulated to the published design: which choice of cluster gives an interval as wide as the published one?

77 questions, about 168 lines a round, two models, five rounds; 73.6 % and 81 % of lines right. Published: OR 2.31, 95 %
interval 1.53 to 3.47, a standard error of 0.209. How strongly answers repeat was not published, so several strengths.

Usage: python benchmarks/analysis/published_design.py [simulations]
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from scipy.special import logit

from samp_eval.statistics.power import estimate_studies
from samp_eval.statistics.simulation import SimulatedStudies, simulate_scores

RIGHT = (0.736, 0.81)
PUBLISHED_ERROR = np.log(3.47 / 1.53) / (2 * 1.959964)
LINES_PER_QUESTION = np.resize([1, 2, 3, 2, 1, 3, 2, 4, 2, 2, 2], 77)


def studies_of(line: float, response: float, question: float, simulations: int) -> SimulatedStudies:
    """Score percentages of 77 questions; ``line``: latent share that rounds of one line have in common."""
    lines = [(q, m, r, n) for q in range(77) for m in (0, 1) for r in range(5) for n in range(LINES_PER_QUESTION[q])]
    q, m, r, n = np.array(lines).T
    row, of_line = (q * 2 + m) * 5 + r, (q * 2 + m) * 4 + n
    right = simulate_scores(
        np.where(m == 1, logit(RIGHT[1]), logit(RIGHT[0])),
        np.array([0.0]),
        [(q, question), (q * 2 + m, response), (of_line, line)],
        replicates=simulations,
        seed=7,
    )
    counts = np.stack([np.bincount(row, weights=one) for one in right])
    percent = counts * 1200 / LINES_PER_QUESTION[np.arange(770) // 10]
    model, of_question = np.arange(770) // 5 % 2, np.arange(770) // 10
    design = pd.DataFrame({"gpt4": model})
    return SimulatedStudies(percent.round().astype(int), design, of_question, of_question // 4, np.arange(770) // 5)


def main(simulations: int = 200) -> None:
    print(f"lines a round: {LINES_PER_QUESTION.sum()}; published standard error {PUBLISHED_ERROR:.3f}")
    print("shares: question / response / line   cluster              OR    interval            SE of log OR")
    for question, response, line in ((0.2, 0.1, 0.3), (0.3, 0.2, 0.3), (0.4, 0.3, 0.2), (0.1, 0.4, 0.4)):
        studies = studies_of(line, response, question, simulations)
        for cluster in ("question", "case", "question-respondent"):
            slopes, errors, _ = estimate_studies(studies, cluster, "robust")
            slope, error = np.nanmean(slopes), np.nanmean(errors)
            low, high = np.exp(slope - 1.96 * error), np.exp(slope + 1.96 * error)
            shares = f"{question} / {response} / {line}"
            print(
                f"{shares:36} {cluster:20} {np.exp(slope):.2f}  {low:.2f} to {high:.2f}        {error:.3f}", flush=True
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
