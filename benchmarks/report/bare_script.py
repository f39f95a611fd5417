"""What a researcher would otherwise write: read the scores, fit two models in statsmodels, draw five figures.

    python benchmarks/report/bare_script.py scores.csv FOLDER

A peer for the speed of the report: no agreement, no sensitivity, no tables, no text.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from statsmodels.genmod.cov_struct import OrdinalIndependence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE


def main(table: Path, folder: Path) -> None:
    """Fit and draw what the long table of two respondents holds."""
    scores = pd.read_csv(table)
    terms = []
    for basis, part in scores.groupby("basis"):
        levels = pd.factorize(part["score_percent"], sort=True)[0]
        design = part[["prompted", "regenerated", "later"]].astype(float)
        design.insert(0, "respondent", (part["respondent"] != part["respondent"].iloc[0]).astype(float))
        fit = OrdinalGEE(levels, design, groups=part["question_id"].to_numpy(), cov_struct=OrdinalIndependence()).fit()
        slopes = fit.params[-design.shape[1] :]
        terms += [(f"{basis} {name}", value) for name, value in zip(design.columns, slopes, strict=True)]
        shares = pd.crosstab(part["respondent"], part["score_percent"], normalize="index")
        grid = part.pivot_table(index=["respondent", "round"], columns="question_id", values="score_percent")
        for name, draw in (("levels", shares.to_numpy()), ("questions", grid.to_numpy())):
            figure = Figure(figsize=(7, 3), layout="constrained")
            axes = figure.subplots()
            axes.imshow(draw, aspect="auto") if name == "questions" else axes.barh(shares.index, draw[:, 0])
            figure.savefig(folder / f"{name}-{basis}.svg")
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot([value for _, value in terms], range(len(terms)), "s")
    axes.set_yticks(range(len(terms)), [name for name, _ in terms])
    figure.savefig(folder / "forest.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
