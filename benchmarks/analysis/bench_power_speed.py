"""A power curve of 1,000 simulated studies at 5 sizes, timed.

Usage: python benchmarks/analysis/bench_power_speed.py [simulations] [processes]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from samp_eval.statistics.power import power_curve
from samp_eval.statistics.simulation import StudyShape

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record


def main(simulations: int = 1000, n_jobs: int = 1) -> None:
    shape = StudyShape(log_odds_ratios=(float(np.log(1.6)),))
    start = time.perf_counter()
    for point in power_curve(shape, [20, 40, 77, 120, 160], simulations=simulations, seed=1, n_jobs=n_jobs):
        print(f"{point.n_questions:4d} questions: power {point.power:.3f} +- {point.monte_carlo_error:.3f}")
    took = time.perf_counter() - start
    record(f"power curve of {simulations} studies, {n_jobs} processes", seconds=took)
    print(f"{took:.1f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
