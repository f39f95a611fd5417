"""Write the simulated data sets of the reference tests: ``data/<name>.csv`` with columns cluster, y and the design.

Every set has its own seed, so that adding one does not change the others. Run by ``build.sh``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
CONDITIONS = pd.DataFrame(
    {"bare": [0, 0, 1, 1, 0], "regenerated": [0, 1, 0, 1, 0], "later": [0, 0, 0, 0, 1]}, index=range(1, 6)
)


def crossed(n_questions: int, respondents: list[str]) -> pd.DataFrame:
    """One row per question, respondent and round, with dummy columns for respondents (first is the reference)."""
    index = pd.MultiIndex.from_product([range(n_questions), range(len(respondents)), range(1, 6)])
    frame = index.to_frame(index=False, name=["cluster", "respondent", "round"])
    for place, name in enumerate(respondents[1:], start=1):
        frame[name] = (frame["respondent"] == place).astype(int)
    return frame.join(CONDITIONS, on="round")


def scores(frame: pd.DataFrame, slopes: dict[str, float], cuts: list[float], spread: float, seed: int) -> pd.DataFrame:
    """Add y: latent logistic scores with a normal effect per cluster, cut at the thresholds, as percentages."""
    rng = np.random.default_rng(seed)
    clusters = frame["cluster"].to_numpy()
    latent = rng.normal(scale=spread, size=clusters.max() + 1)[clusters] + rng.logistic(size=len(frame))
    latent += sum(frame[name].to_numpy() * slope for name, slope in slopes.items())
    y = np.digitize(latent, cuts) * 100 / len(cuts)
    return pd.concat([frame["cluster"], pd.Series(y.round(2), name="y"), frame[list(slopes)]], axis=1)


def main() -> None:
    """Write every set."""
    two, three = ["gpt35", "gpt4"], ["gpt35", "gpt4", "human"]
    effects = {"gpt4": 0.8, "bare": -0.3, "regenerated": 0.0, "later": 0.1}
    sets = {
        "balanced": scores(crossed(77, two), effects, [-2.5, -1.2, 0.1], 1.4, 101),
        "missing_rounds": scores(crossed(77, two), effects, [-2.5, -1.2, 0.1], 1.4, 102),
        "ceiling": scores(crossed(77, two), {"gpt4": 0.6, "bare": -0.4}, [-6.0, -4.2, -2.6], 1.2, 103),
        "three_respondents": scores(crossed(60, three), {"gpt4": 0.8, "human": 0.3}, [-2.0, -0.5, 0.5, 1.5], 1.0, 104),
        "binary": scores(crossed(77, two), {"gpt4": 0.7, "bare": -0.2}, [-1.0], 1.5, 105),
        "one_line": scores(crossed(45, two), {"gpt4": 0.9}, [-0.8], 2.5, 106),
        "ten_levels": scores(crossed(50, two), {"gpt4": 0.5, "later": 0.2}, np.linspace(-3, 2, 10).tolist(), 1.0, 107),
        "sparse_levels": scores(crossed(40, two), {"gpt4": 0.8}, [-5.2, -4.6, -0.4, -0.3, 4.2], 1.0, 108),
        "one_per_cluster": scores(crossed(77, two), {"gpt4": 0.8, "bare": -0.3}, [-2.0, -0.5, 1.0], 1.0, 110),
        "few_cases": scores(crossed(12, two), {"gpt4": 0.8, "bare": -0.3}, [-2.0, -0.5, 1.0], 0.8, 111),
    }
    kept = np.random.default_rng(109).random(len(sets["missing_rounds"])) > 0.3
    sets["missing_rounds"] = sets["missing_rounds"][kept]
    sets["one_per_cluster"]["cluster"] = range(len(sets["one_per_cluster"]))
    rng = np.random.default_rng(112)
    covariate = crossed(60, two)
    covariate["words"] = rng.normal(size=60)[covariate["cluster"]].round(3) + rng.normal(size=len(covariate)).round(3)
    sets["continuous"] = scores(covariate, {"gpt4": 0.8, "words": 0.4}, [-1.5, 0.0, 1.2], 1.0, 113)
    for name, frame in sets.items():
        frame.to_csv(FOLDER / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
