"""The simulated example study with a part of its questions drawn: spread, error and hours beside marking everything.

Usage: python draws_of_example.py STUDY [DRAWS]

STUDY is a folder that ``python data/example/make_example.py --study STUDY`` made. Each row draws a share of the
questions many times, with the automatic marker by the key as predictor. One row for each share and basis: how far the
odds ratio of the draws lies from that of full marking on average and how it spreads (log scale), the mean standard
error over that of full marking, the same for the drawn questions alone, the percentage of draws whose interval holds
the odds ratio of full marking, and the hours of one reviewer.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.analysis.scored_study import ScoredStudy, score_study
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.draw import draw_questions
from samp_eval.review.assignment.planning import question_seconds
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.store.study_store import StudyStore
from samp_eval.study import load_study

SHARES = (1 / 3, 1 / 2, 2 / 3)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main(folder: Path, draws: int) -> None:
    """Print the table."""
    plan = load_study(folder)
    with StudyStore.open(folder, create=False) as store:
        bank = store.bank()
        assert bank is not None
        responses, failures, respondents = store.responses(), store.failures(), list(store.respondents())
        marks = [*store.marks(), *mark_by_key(bank, responses, NOW).marks]
    names = [question.id for _, question in bank.asked()]
    seconds = question_seconds(bank, answers_to_mark(bank, responses).answers)

    def first_term(study: ScoredStudy, basis: MarkBasis) -> tuple[float, float, float]:
        fit = fit_study(
            study.table,
            basis=basis,
            respondents=study.respondents,
            plan=plan.analysis,
            engine="vectorised",
            drawn=study.drawn,
        )
        term, alone = fit.fit.terms[0], np.nan
        if fit.powered is not None and not isinstance(fit.powered.drawn_alone, NotEstimated):
            alone = fit.powered.drawn_alone[0].standard_error
        return term.log_odds_ratio, term.standard_error, alone

    full = score_study(plan, bank, responses, failures, marks, respondents)
    hours_of_all = sum(seconds.values()) / 3600
    print(f"SIMULATED example study, {draws} draws a row; all {len(names)} questions: {hours_of_all:.1f} hours")
    print("basis       drawn  mean difference  spread  error / full  drawn alone / full  holds the full  hours")
    whole = {basis: first_term(full, basis) for basis in full.bases}
    for share in SHARES:
        n_drawn, hours = round(share * len(names)), []
        found: dict[MarkBasis, list[tuple[float, float, float]]] = {basis: [] for basis in whole}
        for seed in range(draws):
            draw = draw_questions(names, n_drawn, seed=seed, now=NOW)
            drawn = score_study(plan, bank, responses, failures, marks, respondents, draw=draw)
            for basis, values in found.items():
                values.append(first_term(drawn, basis))
            hours.append(sum(seconds[name] for name in draw.drawn) / 3600)
        for basis, values in found.items():
            estimate, error, _ = whole[basis]
            logs, errors, alone = np.array(values).T
            held = 100 * (np.abs(logs - estimate) <= stdtrit(float(n_drawn - 1), 0.975) * errors).mean()
            print(
                f"{basis:11} {n_drawn:5}  {logs.mean() - estimate:+15.3f}  {logs.std(ddof=1):6.3f}  "
                f"{errors.mean() / error:12.2f}  {alone.mean() / error:18.2f}  {held:14.1f}  {np.mean(hours):5.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
