"""Data that do not determine an odds ratio are refused, with the reason."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.errors import CannotEstimate

Data = tuple[pd.Series, pd.DataFrame, pd.Series]


def one_level(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y * 0 + 100, x, c


def unmarked(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y.where(y.index > 2), x, c


def no_rows(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y[:0], x[:0], c[:0]


def no_column(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x[[]], c


def absent_respondent(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x.assign(gpt5=0), c


def intercept(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x.assign(intercept=1), c


def both_respondents(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x.assign(gpt35=1 - x["gpt4"]), c


def gap_in_design(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x.astype(float).where(~x.isin([1]), np.nan), c


def no_cluster(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x, c.astype(object).mask(c == 1)


def four_clusters(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y, x[["gpt4"]], c % 4


def clusters_like_terms(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    rounds = pd.DataFrame(np.random.default_rng(1).normal(size=(len(y), 6)), columns=list("abcdef"))
    return y, rounds, c % 6


def always_top(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y.mask(x["gpt4"] == 1, 100.0), x, c


def always_bottom(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return y.mask(x["gpt4"] == 1, 0.0), x, c


def complete_separation(y: pd.Series, x: pd.DataFrame, c: pd.Series) -> Data:
    return pd.Series(np.where(x["gpt4"] == 1, 100, np.where(c % 2, 0, 50))), x[["gpt4"]], c


REFUSALS: list[tuple[Callable[[pd.Series, pd.DataFrame, pd.Series], Data], str]] = [
    (one_level, r"same score \(100\)"),
    (unmarked, r"3 of 770 responses have no score"),
    (no_rows, r"no scores to analyse"),
    (no_column, r"nothing to compare"),
    (absent_respondent, r"'gpt5' is the same in every response \(0\)"),
    (intercept, r"'intercept' is the same in every response \(1\)"),
    (both_respondents, r"'gpt(4|35)' cannot be told apart"),
    (gap_in_design, r"missing values"),
    (no_cluster, r"10 of 770 rows belong to no cluster"),
    (four_clusters, r"only 4 clusters.*at least 5"),
    (clusters_like_terms, r"only 6 clusters.*at least 7"),
    (always_top, r"infinite.*'gpt4' \(highest scores only\)"),
    (always_bottom, r"infinite.*'gpt4' \(lowest scores only\)"),
    (complete_separation, r"infinite.*'gpt4' \(highest"),
]


@pytest.mark.parametrize(("spoil", "message"), REFUSALS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.filterwarnings("error")
def test_refusal(spoil: Callable[[pd.Series, pd.DataFrame, pd.Series], Data], message: str) -> None:
    with pytest.raises(CannotEstimate, match=message):
        fit_ordinal_gee(*spoil(*dataset("balanced")))


def test_one_wrong_answer_is_enough_to_estimate() -> None:
    outcome, design, cluster = always_top(*dataset("balanced"))
    outcome[np.flatnonzero(design["gpt4"])[7]] = 0.0
    assert np.isfinite(fit_ordinal_gee(outcome, design, cluster).log_odds_ratios).all()


def test_lengths_that_differ_are_a_bug_of_the_caller() -> None:
    outcome, design, cluster = dataset("balanced")
    with pytest.raises(ValueError, match="770, 770 and 769 rows"):
        fit_ordinal_gee(outcome, design, cluster[1:])
