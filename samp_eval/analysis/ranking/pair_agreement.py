"""How far a model that compares pairs agrees with the people who compare them, and these with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from samp_eval.review.pairs.model.preferences import ModelPreferences
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.statistics.reviewers.agreement import Agreement, agreement

__all__ = ["FEWEST_PAIRS", "preference_agreement"]

FEWEST_PAIRS = 10
"""That both compared and on which both preferred a side."""


def preference_agreement(
    rows: Sequence[PairRow], chosen: Mapping[str, ChosenPair], models: Sequence[ModelPreferences]
) -> dict[str, Agreement]:
    """Agreement on pairs of which both preferred a side, by who is compared; ties say nothing about sides.

    Parameters
    ----------
    rows : sequence of PairRow
        Of people.
    chosen : mapping of row id to ChosenPair
        Their choices.
    models : sequence of ModelPreferences

    Returns
    -------
    dict of str to Agreement
        Models with each person, models with each other, and people with each other, where there are ten pairs;
        intervals are over questions.
    """
    preferred: dict[str, dict[tuple[str, object, object], float]] = {}
    of_models = [(row, found.chosen[row.row_id]) for found in models for row in found.rows]
    by_name = sorted(rows, key=lambda row: (row.reviewer, row.row_id))
    of_people = [(row, chosen[row.row_id]) for row in by_name if row.row_id in chosen]
    for row, choice in (*of_models, *of_people):
        if choice.choice in ("first", "second"):
            of_low = (choice.choice == "first") == (row.first <= row.second)
            preferred.setdefault(row.reviewer, {})[row.pair] = float(of_low)
    found = {}
    for one, other in combinations(preferred, 2):
        both = sorted(preferred[one].keys() & preferred[other].keys())
        if len(both) >= FEWEST_PAIRS:
            ratings = np.array([[preferred[name][pair] for name in (one, other)] for pair in both])
            cluster = np.unique([question for question, _, _ in both], return_inverse=True)[1].astype(np.int64)
            found[f"{one} and {other}"] = agreement(ratings, cluster)
    return found
