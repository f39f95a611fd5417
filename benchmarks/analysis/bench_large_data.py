"""Time and peak memory of one fit on large data: ours and statsmodels, each in a process of its own.

Usage: python benchmarks/analysis/bench_large_data.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.genmod.generalized_estimating_equations as gee
from statsmodels.genmod.cov_struct import OrdinalIndependence

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.statistics.simulation import StudyShape, simulate_study

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record


def data_of(n_questions: int, kind: str) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    study = simulate_study(
        StudyShape(n_questions=n_questions, thresholds=(3.5, 2.8, 2.2, 1.4, 0.8, 0.2)), replicates=1, seed=1
    )
    rng = np.random.default_rng(2)
    conditions = {name: rng.integers(0, 2, len(study.design)) for name in ("bare", "regenerated", "later")}
    design = study.design.assign(**conditions)
    if kind == "continuous":
        design = design.assign(words=rng.normal(size=len(design)))
    return study.outcome[0], design, study.question


def measure(engine: str, n_questions: int, kind: str) -> dict[str, object]:
    outcome, design, cluster = data_of(n_questions, kind)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if engine == "ours":
        fit = fit_ordinal_gee(outcome, design, cluster)
        slopes, errors = fit.log_odds_ratios, [term.standard_error for term in fit.terms]
    else:
        model = gee.OrdinalGEE(outcome, design.to_numpy(float), groups=cluster, cov_struct=OrdinalIndependence())
        result, p = model.fit(), design.shape[1]
        slopes, errors = result.params[-p:], result.bse[-p:]
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "engine": engine,
        "rows": len(outcome),
        "design": kind,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak / 1024),
        "before_mb": round(before / 1024),
        "slopes": list(map(float, slopes)),
        "errors": list(map(float, errors)),
    }


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
        return
    found = []
    for engine, n_questions, kind in (
        ("statsmodels", 7_700, "indicators"),
        ("ours", 7_700, "indicators"),
        ("statsmodels", 7_700, "continuous"),
        ("ours", 7_700, "continuous"),
        ("ours", 100_000, "indicators"),
        ("ours", 100_000, "continuous"),
    ):
        command = [sys.executable, __file__, engine, str(n_questions), kind]
        found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        shown = {key: value for key, value in found[-1].items() if key not in {"slopes", "errors"}}
        print(shown, flush=True)
    for theirs, ours in (found[:2], found[2:4]):
        gap = max(np.abs(np.subtract(theirs[key], ours[key])).max() for key in ("slopes", "errors"))
        ratio, memory = theirs["seconds"] / ours["seconds"], ours["peak_mb"] / theirs["peak_mb"]
        own = (ours["peak_mb"] - ours["before_mb"]) / (theirs["peak_mb"] - theirs["before_mb"])
        record(f"a fit of large data, {ours['design']}", ratio_to_statsmodels=1 / ratio, memory_to_statsmodels=own)
        print(f"{ours['design']}: {ratio:.0f} times faster, largest difference {gap:.1e}")
        print(f"  peak memory: {memory:.2f} of the whole process, {own:.2f} of what the fit itself takes")


if __name__ == "__main__":
    main()
