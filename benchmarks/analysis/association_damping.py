"""How the exchangeable association settles under other constants of its iteration.

    python benchmarks/analysis/association_damping.py [data sets of a kind]

Three kinds of simulated data: studies with rare score levels and missing responses, pairs that agree almost always, and
clusters that are opposed as far as possible. One constant at a time is changed; a line says for how many data sets the
iteration settles, is held back where the working covariance exists, or finds nothing, how many iterations it takes, and
how far the log odds ratio lies from the one found with the constants as they are.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pandas as pd

from samp_eval.errors import CannotEstimate
from samp_eval.statistics import fit_ordinal_gee
from samp_eval.statistics.gee import exchangeable

ALTERNATIVES: dict[str, tuple[float, ...]] = {
    "_LARGEST_SWING": (0.0, 1.0, 1e9),
    "_RECOVERY": (1.0, 1.2, 4.0),
    "_LASTING": (0.75, 1.0),
    "_SINGULAR": (0.0, 1e-6, 1e-2),
    "_MOST_TOO_FAR": (0, 100),
    "_NEARER": (0.5, 0.95),
}

Data = tuple[np.ndarray, pd.DataFrame, np.ndarray]
Found = tuple[str, int, float]


def studies(rng: np.random.Generator) -> Data:
    """77 questions, two respondents, five rounds, rare score levels, up to four fifths of the responses missing."""
    latent = 2.5 * rng.normal(size=(77, 1)) + rng.normal(size=(77, 10))
    outcome = np.digitize(latent.ravel(), np.quantile(latent, [0.04, 0.055, 0.35, 0.41, 0.412]))
    kept = rng.random(770) < np.repeat(rng.uniform(0.2, 1.0, 77), 10)
    rounds = {"prompted": [1, 1, 0, 0, 1], "regenerated": [0, 1, 0, 1, 0], "later": [0, 0, 0, 0, 1]}
    design = pd.DataFrame({name: np.tile(np.array(values, dtype=float), 154) for name, values in rounds.items()})
    design["respondent"] = np.tile(np.repeat([0.0, 1.0], 5), 77)
    return outcome[kept], design[kept], np.repeat(np.arange(77), 10)[kept]


def pairs(rng: np.random.Generator) -> Data:
    """Twelve pairs that agree almost always."""
    latent = rng.normal(size=(12, 1)) + 0.15 * rng.normal(size=(12, 2))
    outcome = np.digitize(latent.ravel(), np.quantile(latent, [0.35, 0.65]))
    return outcome, _columns(rng, 24, 2), np.repeat(np.arange(12), 2)


def opposed(rng: np.random.Generator) -> Data:
    """Twelve clusters of eight of which always half are right: no joint distribution goes further apart."""
    outcome = np.concatenate([rng.permutation([0, 0, 0, 0, 1, 1, 1, 1]) for _ in range(12)])
    return outcome, _columns(rng, 96, 1), np.repeat(np.arange(12), 8)


def _columns(rng: np.random.Generator, rows: int, terms: int) -> pd.DataFrame:
    return pd.DataFrame(rng.integers(0, 2, (rows, terms)) * 1.0, columns=[f"x{term}" for term in range(terms)])


def fitted(make: Callable[[np.random.Generator], Data], seed: int) -> Found:
    """What came of one data set, after how many iterations, and its log odds ratio."""
    with patch.object(exchangeable, "_mean_step", wraps=exchangeable._mean_step) as step:
        try:
            fit = fit_ordinal_gee(*make(np.random.default_rng(seed)), association="exchangeable")
        except CannotEstimate:
            return "nothing found", step.call_count, np.nan
    held = any("held where" in warning for warning in fit.warnings)
    ended = "held back" if held else "settled"
    return ended, step.call_count, float(np.log(fit.association_odds_ratio or np.nan))


def main(count: int = 120) -> None:
    """Print a line for each constant, alternative and kind."""
    kinds = (studies, pairs, opposed)
    present = {make: [fitted(make, seed) for seed in range(count)] for make in kinds}
    for make in kinds:
        _print("as it is", make.__name__, present[make], present[make])
    for name, values in ALTERNATIVES.items():
        usual = getattr(exchangeable, name)
        for value in values:
            setattr(exchangeable, name, value)
            for make in kinds:
                found = [fitted(make, seed) for seed in range(count)]
                _print(f"{name} {value:g}", make.__name__, found, present[make])
        setattr(exchangeable, name, usual)


def _print(choice: str, kind: str, found: list[Found], present: list[Found]) -> None:
    ended = Counter(outcome for outcome, _, _ in found)
    needed = [iterations for outcome, iterations, _ in found if outcome != "nothing found"] or [0]
    apart = np.array([ours - usual for (_, _, ours), (_, _, usual) in zip(found, present, strict=True)])
    known = np.abs(apart[np.isfinite(apart)])
    print(
        f"{choice:22} {kind:8} {dict(ended)}; {np.median(needed):.0f} iterations at the median, {max(needed)} at most; "
        f"log odds ratio within {known.max(initial=0.0):.1g}",
        flush=True,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
