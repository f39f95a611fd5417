"""Our fits beside R's on every reference data set: largest differences of log odds and standard errors, as one table.

R's values are the stored ones of ``tests/reference`` (``make reference`` computes them anew).

Usage: python benchmarks/analysis/against_r.py [data set.csv ...]

Given files (columns: cluster, y, then the design) are fitted too, without R's values beside them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from samp_eval.analysis import OrdinalGeeFit, fit_ordinal_gee
from samp_eval.literals import Association

REFERENCE = Path(__file__).parents[2] / "tests" / "reference"


def gaps(path: Path, association: Association, expected: pd.DataFrame) -> tuple[OrdinalGeeFit, float, float]:
    """The fit, and the largest differences of its estimates and of its three kinds of errors."""
    frame = pd.read_csv(path)
    estimates, errors = [0.0], [0.0]
    for kind in ("naive", "bias_reduced", "robust"):
        design = frame.drop(columns=["cluster", "y"])
        fit = fit_ordinal_gee(frame["y"], design, frame["cluster"], association=association, covariance=kind)
        if len(expected):
            found = np.array([*fit.thresholds, *fit.log_odds_ratios])
            theirs = expected.iloc[: len(found)]
            estimates.append(np.abs(found - theirs["estimate"]).max())
            errors.append(np.abs(np.sqrt(np.diag(fit.parameter_covariance)) - theirs[f"{kind}_se"]).max())
    return fit, max(estimates), max(errors)


def main(*files: str) -> None:
    values: dict[Association, pd.DataFrame] = {
        "independence": pd.read_csv(REFERENCE / "ordinal_independence.csv"),
        "exchangeable": pd.read_csv(REFERENCE / "exchangeable.csv"),
    }
    head = (
        "data set",
        "rows",
        "clusters",
        "levels",
        "association",
        "odds ratio",
        "log odds",
        "SE",
        "gap SE",
        "gap est.",
    )
    print("{:18} {:>5} {:>8} {:>6} {:13} {:>10} {:>9} {:>7} {:>8} {:>8}".format(*head))
    paths = sorted((REFERENCE / "data").glob("*.csv")) + [Path(name) for name in files]
    for path in paths:
        for association, known in values.items():
            expected = known[known["dataset"] == path.stem]
            fit, estimates, errors = gaps(path, association, expected)
            shown = [f"{errors:.0e}", f"{estimates:.0e}"] if len(expected) else ["-", "-"]
            term = fit.terms[0]
            print(
                f"{path.stem:18} {fit.n_observations:5} {fit.n_clusters:8} {len(fit.levels):6} {association:13} "
                f"{fit.association_odds_ratio or 1:10.3f} {term.log_odds_ratio:9.4f} {term.standard_error:7.4f} "
                f"{shown[0]:>8} {shown[1]:>8}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
