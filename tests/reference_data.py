"""Reference data sets and the values that R gave for them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

REFERENCE = Path(__file__).parent / "reference"
DATASETS = sorted(path.stem for path in (REFERENCE / "data").glob("*.csv"))


def dataset(name: str) -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    """Outcome, design and cluster of a stored data set."""
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv")
    return frame["y"], frame.drop(columns=["cluster", "y"]), frame["cluster"]


def reference(name: str) -> pd.DataFrame:
    """Values that R wrote."""
    return pd.read_csv(REFERENCE / f"{name}.csv")
