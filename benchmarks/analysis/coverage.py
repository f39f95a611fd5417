"""Share of 95 % intervals that hold the true odds ratio, over simulated studies of 77 questions.

Usage: python benchmarks/analysis/coverage.py [simulations] [bootstrap resamples] [questions] [one | many]

``one`` compares two respondents; ``many`` has the study's full model: three respondents and the three conditions of the
protocol (without effect). Coverage is that of the first respondent's odds ratio.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
from joblib import Parallel, delayed
from scipy import stats

from samp_eval.analysis import cluster_bootstrap
from samp_eval.literals import ClusterChoice
from samp_eval.statistics.power import estimate_studies
from samp_eval.statistics.simulation import SimulatedStudies, StudyShape, simulate_study
from samp_eval.study import DEFAULT_ROUNDS

CLUSTERS: tuple[ClusterChoice, ...] = ("question", "case", "question-respondent")


def bootstrap_hits(
    studies: SimulatedStudies, place: int, labels: np.ndarray, resamples: int, truth: float
) -> list[float]:
    result = cluster_bootstrap(studies.outcome[place], studies.design, labels, replicates=resamples, seed=place)
    bounds = [result.interval(method)[0] for method in ("percentile", "bca")]
    return [float(low <= truth <= high) for low, high in bounds] + [high - low for low, high in bounds]


def with_conditions(studies: SimulatedStudies) -> SimulatedStudies:
    """The rounds of the default protocol as terms, beside the respondents."""
    number = np.arange(len(studies.design)) % len(DEFAULT_ROUNDS)
    conditions = [one.condition for one in DEFAULT_ROUNDS]
    terms = {name: [float(getattr(one, name)) for one in conditions] for name in ("prompted", "regenerated", "later")}
    columns = {name: np.array(values)[number] for name, values in terms.items()}
    return replace(studies, design=studies.design.assign(**columns))


def main(simulations: int = 1000, resamples: int = 1000, n_questions: int = 77, terms: str = "one") -> None:
    shape = StudyShape(n_questions=n_questions, log_odds_ratios=(0.8,) if terms == "one" else (0.8, 0.4))
    truth = shape.log_odds_ratios[0]
    studies = simulate_study(shape, replicates=simulations, seed=2024)
    if terms == "many":
        studies = with_conditions(studies)
    n_terms = studies.design.shape[1]
    error = np.sqrt(0.95 * 0.05 / simulations)
    print(f"{shape}\n{simulations} simulations, {resamples} resamples, Monte-Carlo error {100 * error:.1f} points")
    print(f"{'cluster':20} {'interval':28} {'coverage %':>10} {'mean width':>10}   terms in the model: {n_terms}")
    for cluster in CLUSTERS:
        for covariance in ("naive", "robust", "bias_reduced"):
            slopes, errors, n_clusters = estimate_studies(studies, cluster, covariance)
            for name, reach in (("normal", stats.norm.ppf(0.975)), ("t", stats.t.ppf(0.975, n_clusters - n_terms))):
                known = np.isfinite(errors[:, 0])
                hits = (np.abs(slopes[:, 0] - truth) <= reach * errors[:, 0])[known]
                width = 2 * reach * np.nanmean(errors[:, 0])
                print(f"{cluster:20} {covariance + ', ' + name:28} {100 * hits.mean():10.1f} {width:10.3f}", flush=True)
        if cluster == "question":
            spread, shown, failed = np.nanstd(slopes[:, 0], ddof=1), np.nanmean(slopes[:, 0]), int((~known).sum())
            print(f"true {truth}, mean estimate {shown:.3f}, standard deviation of estimates {spread:.4f}", end="; ")
            print(f"{failed} studies without an estimate are left out")
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
    numbers, words = [int(word) for word in sys.argv[1:4]], sys.argv[4:]
    main(*numbers, *words)  # type: ignore[arg-type]  # three numbers and a word, as the usage says
