"""The cluster bootstrap: reproducible, equal to refitting, and honest where resamples fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset

from samp_eval.analysis import cluster_bootstrap, fit_ordinal_gee
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.resampling import BootstrapResult

ENGINE_TOLERANCE = 1e-5
"""statsmodels stops at a score norm of 1e-6, the vectorised solver at a step of 1e-9."""


@pytest.fixture(scope="module")
def balanced() -> BootstrapResult:
    return cluster_bootstrap(*dataset("balanced"), replicates=2000, seed=7)


def test_each_resample_is_a_fit_to_the_drawn_clusters() -> None:
    outcome, design, cluster = dataset("balanced")
    result = cluster_bootstrap(outcome, design, cluster, replicates=3, seed=11)
    (seed,) = np.random.SeedSequence(11).spawn(1)
    for drawn, ours in zip(
        np.random.default_rng(seed).multinomial(77, np.full(77, 1 / 77), size=3), result.log_odds_ratios, strict=True
    ):
        rows, labels = rows_of(drawn, cluster)
        by_statsmodels = fit_ordinal_gee(outcome.iloc[rows], design.iloc[rows], labels)
        np.testing.assert_allclose(ours, by_statsmodels.log_odds_ratios, atol=ENGINE_TOLERANCE)


def rows_of(drawn: np.ndarray, cluster: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a resample, each copy of a cluster with a label of its own."""
    copies = [np.flatnonzero(cluster == label) for label in np.repeat(np.arange(len(drawn)), drawn)]
    return np.concatenate(copies), np.repeat(np.arange(len(copies)), [len(rows) for rows in copies])


def test_standard_errors_are_near_the_robust_ones(balanced: BootstrapResult) -> None:
    robust = [term.standard_error for term in fit_ordinal_gee(*dataset("balanced")).terms]
    assert balanced.log_odds_ratios.shape == (2000, 4)
    assert balanced.n_failed == 0
    # 2,000 resamples leave 1.6 % of Monte-Carlo error in a standard error; the sandwich differs by as much again.
    np.testing.assert_allclose(balanced.standard_errors, robust, rtol=0.06)


def test_intervals_surround_the_estimate_and_widen_with_confidence(balanced: BootstrapResult) -> None:
    for method in ("percentile", "bca"):
        narrow, wide = balanced.interval(method, 0.8), balanced.interval(method, 0.95)
        assert (wide[:, 0] < narrow[:, 0]).all()
        assert (narrow[:, 0] < balanced.estimate).all()
        assert (balanced.estimate < narrow[:, 1]).all()
        assert (narrow[:, 1] < wide[:, 1]).all()


def test_percentile_and_bca_by_hand() -> None:
    draws = np.arange(1.0, 1001.0)[:, None] / 1000
    result = BootstrapResult(("x",), np.array([0.6]), draws, draws, np.array([[1.0], [2.0], [6.0]]), 0, 1)
    np.testing.assert_allclose(result.interval("percentile", 0.9), [np.quantile(draws, [0.05, 0.95])])
    # 599.5 of 1000 below 0.6: z0 = 0.2520. Jackknife 1, 2, 6: influence 2, 1, -3, so that
    # a = (8 + 1 - 27) / (6 * 14**1.5) = -0.0573. Shares Phi(z0 + (z0 + z) / (1 - a (z0 + z))): 0.1036 and 0.9752,
    # which are places 104.5 and 975.2 of the 1000 draws.
    np.testing.assert_allclose(result.interval("bca", 0.9), [[0.1045, 0.9752]], atol=2e-4)


def test_symmetric_draws_make_bca_the_percentile_interval() -> None:
    draws = np.linspace(-1, 1, 2001)[:, None]
    result = BootstrapResult(("x",), np.array([0.0]), draws, draws, np.array([[-1.0], [0.0], [1.0]]), 0, 1)
    np.testing.assert_allclose(result.interval("bca"), result.interval("percentile"), atol=1e-9)


def test_jackknife_is_the_fit_without_a_cluster(balanced: BootstrapResult) -> None:
    outcome, design, cluster = dataset("balanced")
    without = fit_ordinal_gee(outcome[cluster != 0], design[cluster != 0], cluster[cluster != 0])
    np.testing.assert_allclose(balanced.jackknife[0], without.log_odds_ratios, atol=ENGINE_TOLERANCE)


def test_a_seed_means_the_same_on_any_number_of_processes(balanced: BootstrapResult) -> None:
    again = cluster_bootstrap(*dataset("balanced"), replicates=2000, seed=7, n_jobs=2)
    other = cluster_bootstrap(*dataset("balanced"), replicates=2000, seed=8)
    np.testing.assert_array_equal(again.log_odds_ratios, balanced.log_odds_ratios)
    assert not np.array_equal(other.log_odds_ratios, balanced.log_odds_ratios)


def test_resamples_without_an_estimate_are_counted_and_too_many_refused(balanced: BootstrapResult) -> None:
    outcome, design, cluster = dataset("few_cases")
    outcome = outcome.mask((design["gpt4"] == 1) & (cluster > 1), 100.0)
    result = cluster_bootstrap(outcome, design, cluster, replicates=400, seed=1)
    assert result.n_failed == int(np.isnan(result.log_odds_ratios[:, 0]).sum()) > 20
    with pytest.raises(CannotEstimate, match="of 400 bootstrap resamples have no odds ratio"):
        result.interval()
    few = replace(balanced, log_odds_ratios=np.vstack([balanced.log_odds_ratios[:-1], np.full(4, np.nan)]), n_failed=1)
    assert np.isfinite(few.interval()).all()


def test_a_study_without_an_estimate_is_refused_by_name() -> None:
    outcome, design, cluster = dataset("balanced")
    with pytest.raises(CannotEstimate, match="'gpt4' \\(highest"):
        cluster_bootstrap(outcome.mask(design["gpt4"] == 1, 100.0), design, cluster, replicates=10, seed=1)


def test_a_dask_cluster_gives_the_same_resamples(balanced: BootstrapResult) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False, host="127.0.0.1", protocol="tcp"
    ) as local:
        remote = cluster_bootstrap(
            *dataset("balanced"), replicates=2000, seed=7, n_jobs=-1, scheduler=local.scheduler_address
        )
    np.testing.assert_array_equal(remote.log_odds_ratios, balanced.log_odds_ratios)
