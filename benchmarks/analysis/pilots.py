"""What simulated pilots foretell of a study's power, beside the power of the shape they were simulated from.

python benchmarks/analysis/pilots.py [pilots]
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from samp_eval.statistics.power import power_curve, shape_from_pilot
from samp_eval.statistics.simulation import StudyShape, simulate_study

MIXED = StudyShape(
    n_questions=77, thresholds=(2.0, 0.7, -0.7, -2.0), log_odds_ratios=(0.6,), case_share=0.0, question_share=0.3
)
SHAPES = {"scores of all levels": MIXED, "most answers right": replace(MIXED, thresholds=(4.5, 3.6, 2.6, 1.9))}


def main(pilots: int = 60) -> None:
    """Print the shares of latent variance that pilots find, and the power that they foretell, as means."""
    for name, shape in SHAPES.items():
        studies = simulate_study(shape, replicates=pilots, seed=7)
        respondent = np.where(studies.design["respondent1"] == 1, "new", "old")
        found, foretold = [], []
        for seed, scores in enumerate(studies.outcome):
            pilot = shape_from_pilot(scores, respondent, studies.question, reference="old", n_rounds=shape.n_rounds)
            found.append((pilot.question_share, pilot.response_share))
            planned = replace(pilot, log_odds_ratios=shape.log_odds_ratios)
            foretold.append(power_curve(planned, [shape.n_questions], simulations=300, seed=seed)[0].power)
        (true,) = power_curve(shape, [shape.n_questions], simulations=4000, seed=1)
        question, response = np.mean(found, axis=0)
        print(
            f"{name}: share of the question {question:.2f} (true {shape.question_share}), of the response "
            f"{response:.2f} (true {shape.response_share}); power foretold {np.mean(foretold):.3f} "
            f"(true {true.power:.3f})"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
