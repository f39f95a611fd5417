"""Cluster bootstrap of a 770-row study: ours against a loop over statsmodels, in one run.

Usage: python benchmarks/analysis/bench_bootstrap_speed.py [replicates] [statsmodels fits to time]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from statsmodels.genmod.cov_struct import OrdinalIndependence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

from samp_eval.analysis import cluster_bootstrap
from samp_eval.statistics.simulation import StudyShape, simulate_study

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record


def main(replicates: int = 2000, timed: int = 40) -> None:
    study = simulate_study(StudyShape(), replicates=1, seed=1)
    scores, matrix, rows = study.outcome[0], study.design.to_numpy(dtype=float), study.question
    cluster_bootstrap(scores, study.design, rows, replicates=10, seed=1)
    start = time.perf_counter()
    ours = cluster_bootstrap(scores, study.design, rows, replicates=replicates, seed=1)
    vectorised = time.perf_counter() - start
    rng, members = np.random.default_rng(1), [np.flatnonzero(rows == label) for label in range(77)]
    slopes = []
    start = time.perf_counter()
    for _ in range(timed):
        drawn = [members[label] for label in rng.integers(0, 77, 77)]
        chosen, labels = np.concatenate(drawn), np.repeat(np.arange(77), [len(one) for one in drawn])
        codes = np.unique(scores[chosen], return_inverse=True)[1]
        model = OrdinalGEE(codes, matrix[chosen], groups=labels, cov_struct=OrdinalIndependence())
        slopes.append(np.asarray(model.fit().params)[-1])
    loop = (time.perf_counter() - start) / timed * replicates
    print(f"rows {len(scores)}, replicates {replicates}, failed {ours.n_failed}; {timed} statsmodels fits timed")
    record(f"bootstrap of {replicates} replicates", seconds=vectorised, ratio_to_statsmodels=vectorised / loop)
    print(f"ours {vectorised:.3f} s; loop over statsmodels {loop:.1f} s; ratio {loop / vectorised:.0f}")
    print(f"standard error: ours {ours.standard_errors[0]:.4f}, loop of {timed} {np.std(slopes, ddof=1):.4f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
