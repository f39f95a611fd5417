"""Twenty respondents, five rounds, 1,000 questions ranked with 2,000 bootstrap samples, against refitting in a loop.

The peer draws questions, and fits Bradley and Terry's model to the drawn battles with L-BFGS, as arena rankings do; 50
of its fits are timed and counted as 2,000.
"""

from __future__ import annotations

import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.scored_comparisons import scored_comparisons
from samp_eval.analysis.ranking.study_ranking import rank_respondents
from samp_eval.analysis.scored_study import Scores
from samp_eval.analysis.tables.long_table import COLUMNS
from samp_eval.study import Study

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

RESPONDENTS, ROUNDS, QUESTIONS, DRAWS, PEER_FITS = 20, 5, 1_000, 2_000, 50


def simulated() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    rows = pd.DataFrame(
        list(product(range(QUESTIONS), range(RESPONDENTS), range(1, ROUNDS + 1))), columns=["question", "who", "round"]
    )
    requested = generator.integers(1, 4, QUESTIONS)[rows["question"]]
    logit = 1 + generator.normal(0, 1, QUESTIONS)[rows["question"]] + 0.1 * rows["who"]
    right = generator.binomial(requested, 1 / (1 + np.exp(-logit)))
    table = rows.assign(
        question_id="question " + rows["question"].astype(str),
        case_id="case " + (rows["question"] // 4).astype(str),
        respondent="model " + rows["who"].astype(str).str.zfill(2),
        condition="prompted",
        prompted=True,
        regenerated=False,
        later=False,
        basis="key",
        requested=requested,
        correct=right,
        score_percent=100 * right / requested,
    )
    return table[list(COLUMNS)]


def peer(halved: np.ndarray) -> float:
    """Seconds for all draws, from some of them."""
    generator = np.random.default_rng(1)
    first, second = np.triu_indices(RESPONDENTS, 1)
    started = time.perf_counter()
    for _ in range(PEER_FITS):
        won = halved[generator.integers(0, QUESTIONS, QUESTIONS)].sum(axis=0)

        def loss(strength: np.ndarray, won: np.ndarray = won) -> tuple[float, np.ndarray]:
            lead = strength[first] - strength[second]
            chance = 1 / (1 + np.exp(-lead))
            excess = (won[first, second] + won[second, first]) * chance - won[first, second]
            slope = np.bincount(first, excess, RESPONDENTS) - np.bincount(second, excess, RESPONDENTS)
            return -(won[first, second] * np.log(chance) + won[second, first] * np.log1p(-chance)).sum(), slope

        minimize(loss, np.zeros(RESPONDENTS), jac=True, method="L-BFGS-B")
    return (time.perf_counter() - started) * DRAWS / PEER_FITS


def main() -> None:
    table = simulated()
    names = tuple(sorted(table["respondent"].unique()))
    choices = RankingChoices(draws=DRAWS)
    started = time.perf_counter()
    rank_respondents(Scores(Study(), names, table, table.iloc[:0]), choices)
    seconds = time.perf_counter() - started
    of_peer = peer(scored_comparisons(table, names, choices).comparisons.halved)
    print(f"{seconds:.1f} s for {RESPONDENTS} x {ROUNDS} x {QUESTIONS}; a loop of refits {of_peer:.1f} s")
    record("ranking of 20 respondents", seconds=seconds, ratio_to_a_loop_of_refits=seconds / of_peer)


if __name__ == "__main__":
    main()
