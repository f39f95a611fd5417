"""Share of 95 % intervals that hold the true odds ratio, over simulated studies of 77 questions.

Usage: python benchmarks/analysis/coverage.py [simulations] [bootstrap resamples] [questions]
"""

from __future__ import annotations

import sys
import time

import numpy as np
from joblib import Parallel, delayed
from scipy import stats

from samp_eval.analysis import cluster_bootstrap
from samp_eval.analysis.power import estimate_studies
from samp_eval.analysis.simulate import SimulatedStudies, StudyShape, simulate_study

CLUSTERS = ("question", "case", "question-respondent")


def bootstrap_hits(
    studies: SimulatedStudies, place: int, labels: np.ndarray, resamples: int, truth: float
) -> list[float]:
    result = cluster_bootstrap(studies.outcome[place], studies.design, labels, replicates=resamples, seed=place)
    bounds = [result.interval(method)[0] for method in ("percentile", "bca")]
    return [float(low <= truth <= high) for low, high in bounds] + [high - low for low, high in bounds]


def main(simulations: int = 1000, resamples: int = 1000, n_questions: int = 77) -> None:
    shape = StudyShape(n_questions=n_questions)
    truth = shape.log_odds_ratios[0]
    studies = simulate_study(shape, replicates=simulations, seed=2024)
    error = np.sqrt(0.95 * 0.05 / simulations)
    print(f"{shape}\n{simulations} simulations, {resamples} resamples, Monte-Carlo error {100 * error:.1f} points")
    print(f"{'cluster':20} {'interval':28} {'coverage %':>10} {'mean width':>10}")
    for cluster in CLUSTERS:
        for covariance in ("naive", "robust", "bias_reduced"):
            slopes, errors, n_clusters = estimate_studies(studies, cluster, covariance)
            for name, reach in (("normal", stats.norm.ppf(0.975)), ("t", stats.t.ppf(0.975, n_clusters - 1))):
                hits = np.abs(slopes[:, 0] - truth) <= reach * errors[:, 0]
                width = 2 * reach * np.nanmean(errors[:, 0])
                print(f"{cluster:20} {covariance + ', ' + name:28} {100 * hits.mean():10.1f} {width:10.3f}", flush=True)
        if cluster == "question":
            spread, shown = slopes[:, 0].std(ddof=1), slopes[:, 0].mean()
            print(f"true {truth}, mean estimate {shown:.3f}, standard deviation of estimates {spread:.4f}")
        if resamples and cluster != "question-respondent":
            labels = studies.question if cluster == "question" else studies.case
            start = time.perf_counter()
            found = Parallel(n_jobs=-1)(
                delayed(bootstrap_hits)(studies, place, labels, resamples, truth) for place in range(simulations)
            )
            means = np.mean(found, axis=0)
            for name, hit, width in zip(("percentile", "BCa"), means[:2], means[2:], strict=True):
                print(f"{cluster:20} {'bootstrap, ' + name:28} {100 * hit:10.1f} {width:10.3f}", flush=True)
            print(f"({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
