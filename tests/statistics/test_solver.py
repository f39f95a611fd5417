"""The vectorised solver against statsmodels and R, and where levels are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reference_data import DATASETS, dataset, reference
from statsmodels.genmod.cov_struct import OrdinalIndependence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.errors import CannotEstimate
from samp_eval.literals import Covariance
from samp_eval.statistics.gee import ordinal_gee
from samp_eval.statistics.gee.count_table import Cells
from samp_eval.statistics.gee.estimable import prepare
from samp_eval.statistics.gee.sandwich import covariance_of
from samp_eval.statistics.gee.solver import solve, solve_any_levels

R_TOLERANCE = 1e-9
"""Both are solved to machine precision; the CSV holds 12 digits."""

STATSMODELS_TOLERANCE = 5e-6
"""statsmodels stops at a score norm of 1e-6; seen: 3e-6 in a threshold."""


def cells_of(name: str) -> Cells:
    """Collapse a stored data set."""
    data = prepare(*dataset(name))
    return data.cells(data.codes, len(data.levels))


@pytest.mark.parametrize("name", DATASETS)
def test_solver_agrees_with_r(name: str) -> None:
    expected = reference("ordinal_independence").query("dataset == @name")
    cells = cells_of(name)
    estimates = solve(cells.counts, cells.patterns).estimates[0]
    np.testing.assert_allclose(estimates, expected["estimate"], rtol=0, atol=R_TOLERANCE)
    for kind in ("naive", "robust", "bias_reduced"):
        errors = np.sqrt(np.diag(covariance_of(cells, estimates, kind)))
        np.testing.assert_allclose(errors, expected[f"{kind}_se"], rtol=0, atol=R_TOLERANCE)


@pytest.mark.parametrize("name", DATASETS)
def test_solver_agrees_with_statsmodels_from_its_own_start(name: str) -> None:
    outcome, design, cluster = dataset(name)
    data = prepare(outcome, design, cluster)
    theirs = OrdinalGEE(data.codes, data.design, groups=data.clusters, cov_struct=OrdinalIndependence()).fit()
    cells = cells_of(name)
    estimates = solve(cells.counts, cells.patterns).estimates[0]
    np.testing.assert_allclose(estimates, theirs.params, rtol=0, atol=STATSMODELS_TOLERANCE)
    ours = covariance_of(cells, estimates, "robust")
    np.testing.assert_allclose(ours, theirs.cov_params(), rtol=0, atol=STATSMODELS_TOLERANCE)


@pytest.mark.parametrize("covariance", ["naive", "robust", "bias_reduced"])
def test_large_data_give_the_same_numbers_by_the_other_engine(
    covariance: Covariance, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_statsmodels = fit_ordinal_gee(*dataset("balanced"), covariance=covariance)
    monkeypatch.setattr(ordinal_gee, "STATSMODELS_ROWS", 100)
    vectorised = fit_ordinal_gee(*dataset("balanced"), covariance=covariance)
    assert (by_statsmodels.engine, vectorised.engine) == ("statsmodels", "vectorised")
    np.testing.assert_allclose(vectorised.log_odds_ratios, by_statsmodels.log_odds_ratios, atol=1e-6)
    np.testing.assert_allclose(vectorised.parameter_covariance, by_statsmodels.parameter_covariance, atol=1e-6)


def test_the_engine_can_be_named() -> None:
    assert fit_ordinal_gee(*dataset("binary"), engine="vectorised").engine == "vectorised"
    exchangeable = fit_ordinal_gee(*dataset("binary"), association="exchangeable", engine="statsmodels")
    assert exchangeable.engine == "vectorised"


def test_tables_are_solved_together_as_alone() -> None:
    cells = cells_of("balanced")
    rng = np.random.default_rng(1)
    weights = rng.multinomial(77, np.full(77, 1 / 77), size=20) @ cells.by_cluster
    together = solve(cells.tables(weights), cells.patterns).estimates
    alone = [solve(cells.tables(row[None, :]), cells.patterns).estimates[0] for row in weights]
    np.testing.assert_allclose(together, alone, atol=1e-8)


def test_a_missing_level_leaves_the_slopes_of_the_others() -> None:
    patterns = np.array([[0.0], [1.0]])
    full = np.array([[[5, 9, 20, 30], [3, 5, 19, 40]]], dtype=float)
    for missing, thresholds in ((1, "repeated"), (0, "inf"), (3, "-inf")):
        table = full.copy()
        table[:, :, missing] = 0
        ours = solve_any_levels(table, patterns).estimates[0]
        expected = solve(np.delete(table, missing, axis=2), patterns).estimates[0]
        assert ours[-1] == pytest.approx(expected[-1], abs=1e-8)
        if thresholds == "repeated":
            assert ours[0] == ours[1]
            np.testing.assert_allclose(ours[[0, 2]], expected[:2], atol=1e-8)
        elif thresholds == "inf":
            assert ours[0] == np.inf
        else:
            assert ours[2] == -np.inf


def test_separated_and_one_level_tables_have_no_estimate() -> None:
    patterns = np.array([[0.0], [1.0]])
    tables = np.array([[[5, 9], [0, 40]], [[0, 9], [0, 40]], [[5, 9], [0, 0]], [[5, 9], [4, 9]]], dtype=float)
    solution = solve_any_levels(tables, patterns)
    assert solution.converged.tolist() == [False, False, False, True]
    assert np.isnan(solution.estimates[:3]).all()


def test_collapse_keeps_every_row() -> None:
    cells = cells_of("continuous")
    outcome, _, cluster = dataset("continuous")
    assert cells.counts.sum() == len(outcome)
    np.testing.assert_array_equal(np.asarray(cells.by_cluster.sum(axis=1)), cluster.value_counts().sort_index())


def test_scale_of_a_column_does_not_matter() -> None:
    outcome, design, cluster = dataset("continuous")
    wide = design.assign(words=design["words"] * 1e4 + 1e5)
    small = fit_ordinal_gee(outcome, design, cluster).terms[1]
    large = fit_ordinal_gee(outcome, wide, cluster).terms[1]
    assert large.log_odds_ratio * 1e4 == pytest.approx(small.log_odds_ratio, rel=1e-4)
    assert large.z == pytest.approx(small.z, rel=1e-4)


def test_separation_is_named_on_large_data_too() -> None:
    rng = np.random.default_rng(1)
    design = pd.DataFrame({"a": rng.integers(0, 2, 12_000), "words": rng.normal(size=12_000)})
    outcome = np.where(design["a"] == 1, 3, rng.integers(0, 4, 12_000))
    with pytest.raises(CannotEstimate, match="'a' \\(highest"):
        fit_ordinal_gee(outcome, design, np.arange(12_000) // 10)
