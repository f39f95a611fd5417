"""Results of the benchmarks, kept as JSON lines in ``results.jsonl``, each compared with the one before it.

In a benchmark::

    record("report of the example", seconds=1.8, ratio_to_bare_script=0.7)
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samp_eval import __version__

__all__ = ["record"]

RESULTS = Path(__file__).with_name("results.jsonl")

SLOWER = 1.25
"""Ratios to a peer of the same run differ by up to so much between two runs of the same code on a shared machine."""


def record(benchmark: str, **figures: float) -> list[str]:
    """Append figures of which smaller is better, and say how each compares with the last of this benchmark.

    Parameters
    ----------
    benchmark : str
        What was measured, in the same words each time.
    figures : float
        Seconds, megabytes, or ratios to a peer in the same run.

    Returns
    -------
    list of str
        The figures that have become more than ``SLOWER`` times as large.
    """
    before = _last(benchmark)
    line = {
        "benchmark": benchmark,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "samp_eval": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "figures": {name: float(f"{value:.4g}") for name, value in figures.items()},
    }
    with RESULTS.open("a", encoding="utf-8") as target:
        target.write(json.dumps(line) + "\n")
    if before is None:
        print(f"{benchmark}: recorded for the first time")
        return []
    return [name for name, value in figures.items() if _is_worse(name, value, before)]


def _is_worse(name: str, value: float, before: dict[str, Any]) -> bool:
    """Compare one figure with the last, and print the result."""
    last = before["figures"].get(name)
    if not last:
        return False
    worse = value > SLOWER * last
    remark = "  <-- REGRESSION? Measure again; then look for the change." if worse else ""
    print(f"  {name}: {value:.4g}, {value / last:.2f} times the last ({last:g} at {before['commit']}){remark}")
    return bool(worse)


def _last(benchmark: str) -> dict[str, Any] | None:
    if not RESULTS.exists():
        return None
    lines: list[dict[str, Any]] = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return next((line for line in reversed(lines) if line["benchmark"] == benchmark), None)


def _commit() -> str:
    """The commit that was measured, with a ``+`` where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
