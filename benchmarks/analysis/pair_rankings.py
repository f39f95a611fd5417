"""Coverage of mean preferences and of rank intervals from pairs that reviewers compared, as the study draws them.

Usage: python pair_rankings.py [STUDIES [ROW ...]]; rows are 0 to 3

Simulated studies of 77 questions, each with pairs as ``samp-eval review pairs`` draws them: a cycle through the
respondents, two reviewers in opposite orders, responses that read alike shown to nobody. Respondents are equal or 0.15
apart. A reviewer sees a response's quality with error, leans to the first place, and says *equal* where the difference
is small. The truth is a study of 5,000 questions.

preference: share of 95 % intervals of mean preferences that hold the truth.
strength: the same of Davidson's log worths.
false order: share of studies in which the rank intervals call any respondent better than one that is not.
settled: mean width of the rank intervals, in ranks.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.chosen_comparisons import chosen_comparisons
from samp_eval.review.pairs.pair_design import ShownResponse, design_pairs
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow, Side
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.statistics.ranking.comparisons import Comparisons, mean_preferences
from samp_eval.statistics.ranking.davidson import fit_strengths
from samp_eval.statistics.ranking.rank_intervals import rank_intervals
from samp_eval.study import Condition

QUESTIONS, ROUNDS, DRAWS, STEP = 77, 2, 500, 0.15
OWN, LUCK, EYE, LEANING, NO_DIFFERENCE, ALIKE = 0.5, 0.5, 0.7, 0.15, 0.4, 0.15
"""Standard deviations of a respondent on a question, of a response and of a reviewer's eye; how far reviewers lean to
the first place; the difference below which they say *equal*; and the share of responses that read like another."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BARE = Condition(prompted=False)


def compared(generator: np.random.Generator, abilities: np.ndarray, questions: int) -> Comparisons:
    names = [f"r{number:02d}" for number in range(len(abilities))]
    own = abilities[None, :, None] + generator.normal(0, OWN, (questions, len(names), 1))
    quality = own + generator.normal(0, LUCK, (questions, len(names), ROUNDS))
    alike = generator.random(quality.shape) < ALIKE
    shown = {
        f"q{question:05d}": [
            ShownResponse(name, n + 1, BARE.label, "same" if alike[question, r, n] else f"{question} {r} {n}")
            for r, name in enumerate(names)
            for n in range(ROUNDS)
        ]
        for question in range(questions)
    }
    rows = design_pairs(shown, ("A", "B"), NOW, questions=questions, seed=int(generator.integers(1 << 30)))

    def seen(row: PairRow, side: Side) -> float:
        return float(quality[int(row.question_id[1:]), names.index(side[0]), side[1] - 1] + generator.normal(0, EYE))

    chosen = {}
    for row in rows:
        lead = seen(row, row.first) - seen(row, row.second) + LEANING
        choice = "equal" if abs(lead) < NO_DIFFERENCE else "first" if lead > 0 else "second"
        chosen[row.row_id] = ChosenPair(row.row_id, cast(Any, choice), "", NOW, "")
    responses = [
        Response(Ask(question, one.respondent, one.round, BARE), Reply("", ""), None)
        for question, given in shown.items()
        for one in given
    ]
    scores = cast(Any, SimpleNamespace(respondents=names, table=pd.DataFrame()))
    return chosen_comparisons(rows, chosen, scores, responses, RankingChoices(basis="pairs")).comparisons


def study(generator: np.random.Generator, abilities: np.ndarray, truth: tuple[np.ndarray, ...]) -> list[float]:
    comparisons, size = compared(generator, abilities, QUESTIONS), len(abilities)
    mean = mean_preferences(comparisons)
    held = [
        ((low <= true) & (true <= high)).mean()
        for (low, high), true in (
            (mean.intervals(0.95), truth[0]),
            (fit_strengths(comparisons).estimate.intervals(0.95), truth[1]),
        )
    ]
    best, worst = rank_intervals(mean, draws=DRAWS, seed=int(generator.integers(1 << 30)))
    true_best = 1 + (abilities[None, :] > abilities[:, None] + 1e-12).sum(axis=1)
    true_worst = size - (abilities[None, :] < abilities[:, None] - 1e-12).sum(axis=1)
    missed = bool(((best > true_best) | (worst < true_worst)).any())
    return [*held, missed, float((worst - best + 1).mean())]


def main(studies: int = 300, *rows: int) -> None:
    print("respondents abilities | preference strength | false order | width")
    cases = [(size, step) for size in (3, 8) for step in (0.0, STEP)]
    for row in rows or range(len(cases)):
        size, step = cases[row]
        generator = np.random.default_rng(row)
        truth = np.full(size, 0.5), np.zeros(size)
        if step:
            every = compared(generator, step * np.arange(size), 5_000)
            truth = mean_preferences(every).values, fit_strengths(every).estimate.values
        found = 100 * np.mean([study(generator, step * np.arange(size), truth) for _ in range(studies)], axis=0)
        words = "apart" if step else "equal"
        print(
            f"{size:11d} {words:9} | {found[0]:10.1f} {found[1]:8.1f} | {found[2]:11.1f} | {found[3] / 100:5.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
