"""The smallest size that suffices, what a finished study could detect, and a kept run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.analysis.power.planning import PUBLISHED_DESIGN, detectable, pilot_shape, plan_size, smallest_size
from samp_eval.analysis.power.power_run import PowerRun, keep_power_run, kept_power_run
from samp_eval.errors import CannotEstimate, FaultyFile
from samp_eval.statistics.power import power_curve
from samp_eval.statistics.simulation import StudyShape, simulate_study
from samp_eval.study import AnalysisPlan

PLANNED = replace(PUBLISHED_DESIGN, log_odds_ratios=(float(np.log(2.31)),))


@pytest.fixture(scope="module")
def run() -> PowerRun:
    return plan_size(PLANNED, [20, 120], [2, 5], source="a test", power=0.8, seed=1, simulations=300)


def long_table_of(shape: StudyShape) -> pd.DataFrame:
    studies = simulate_study(shape, replicates=1, seed=9)
    return pd.DataFrame(
        {
            "question_id": [f"q{number}" for number in studies.question],
            "case_id": [f"c{number}" for number in studies.case],
            "respondent": np.where(studies.design["respondent1"] == 1, "new", "old"),
            "round": np.arange(len(studies.question)) % shape.n_rounds + 1,
            "prompted": True,
            "regenerated": False,
            "later": False,
            "basis": "key",
            "score_percent": np.array([0.0, 100 / 3, 200 / 3, 100.0])[studies.outcome[0]],
        }
    )


def test_the_smallest_size_has_the_power_and_a_smaller_one_has_not(run: PowerRun) -> None:
    assert [(one.n_rounds, one.n_questions) for one in run.curve] == [(2, 20), (2, 120), (5, 20), (5, 120)]
    assert [one.n_rounds for one in run.smallest] == [2, 5]
    for smallest in run.smallest:
        assert 20 < smallest.n_questions < 120
        assert smallest.power >= 0.8
        shape = replace(PLANNED, n_rounds=smallest.n_rounds)
        (fewer,) = power_curve(shape, [int(0.75 * smallest.n_questions)], simulations=300, seed=2)
        assert fewer.power < 0.8
    assert run.smallest[0].n_questions > run.smallest[1].n_questions  # fewer rounds need more questions


def test_the_smallest_size_agrees_with_the_formula_of_the_standard_error(run: PowerRun) -> None:
    """The standard error of a large study, scaled to other sizes, must lead near the same number of questions."""
    studies = simulate_study(replace(PLANNED, n_questions=300), replicates=1, seed=3)
    table = long_table_of(replace(PLANNED, n_questions=300))
    error = fit_study(table, basis="key", respondents=["old", "new"]).fit.terms[0].standard_error
    by_formula = 300 * (error * (1.959964 + 0.841621) / np.log(2.31)) ** 2
    assert len(studies.outcome[0]) == len(table)
    assert run.smallest[1].n_questions == pytest.approx(by_formula, rel=0.35)


def test_no_size_suffices_for_almost_no_difference() -> None:
    tiny = replace(PLANNED, log_odds_ratios=(0.001,))
    simulate = partial(power_curve, tiny, simulations=100, seed=1)
    assert smallest_size(simulate, simulate([20]), power=0.8) is None


def test_progress_counts_every_study() -> None:
    told: list[int] = []
    power_curve(PLANNED, [20, 30], simulations=150, seed=1, finished=told.append)
    assert sum(told) == 300


def test_few_clusters_are_tested_by_t() -> None:
    """Where there is no difference, normal intervals of ten cases would find one twice as often as they should."""
    none = replace(PLANNED, log_odds_ratios=(0.0,))
    (by_t,) = power_curve(none, [40], simulations=1000, seed=4, cluster="case")
    (by_normal,) = power_curve(none, [40], simulations=1000, seed=4, cluster="case", interval="normal")
    assert by_t.power < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)
    assert by_normal.power > 0.075


def test_a_pilot_gives_levels_and_rounds_and_what_it_could_detect() -> None:
    table = long_table_of(replace(PLANNED, n_questions=77, n_rounds=3))
    shape = pilot_shape(table, basis="key", respondents=["old", "new"])
    assert (shape.n_questions, shape.n_rounds, len(shape.thresholds)) == (77, 3, 3)
    found = fit_study(table, basis="key", respondents=["old", "new"], plan=AnalysisPlan(cluster="case"))
    (least,) = detectable(found, power=0.9)
    reach = stats.t(19).ppf([0.975, 0.9]).sum()
    assert (least.term, least.reference) == ("new", "old")
    assert least.odds_ratio == pytest.approx(np.exp(reach * found.fit.terms[0].standard_error))


def test_a_pilot_of_one_respondent_is_refused() -> None:
    table = long_table_of(replace(PLANNED, n_questions=20))
    with pytest.raises(CannotEstimate, match="of 'old' and of another respondent"):
        pilot_shape(table[table["respondent"] == "old"], basis="key", respondents=["old"])


@pytest.mark.parametrize(("questions", "score"), [(1, 0.0), (20, 100.0)], ids=["tried once", "always right"])
def test_a_respondent_that_the_pilots_fit_leaves_out_is_left_out_of_its_shape(questions: int, score: float) -> None:
    table = long_table_of(replace(PLANNED, n_questions=77, n_rounds=3))
    some = table["question_id"].isin(table["question_id"].unique()[:questions]) & (table["respondent"] == "new")
    rows = pd.concat([table, table[some].assign(respondent="local", score_percent=score)], ignore_index=True)
    found = fit_study(rows, basis="key", respondents=["old", "new", "local"])
    assert found.respondents == ("old", "new")
    shape = pilot_shape(rows, basis="key", respondents=found.respondents)
    assert shape == pilot_shape(table, basis="key", respondents=["old", "new"])


def test_a_run_is_kept_and_read_back(run: PowerRun, tmp_path: Path) -> None:
    assert kept_power_run(tmp_path) is None
    path = keep_power_run(run, tmp_path / "study")
    assert kept_power_run(tmp_path / "study") == run
    path.write_text(path.read_text(encoding="utf-8").replace('"simulated": true', '"simulated": false'))
    with pytest.raises(FaultyFile, match=r"simulated: .*create it again with samp-eval power --keep"):
        kept_power_run(tmp_path / "study")
