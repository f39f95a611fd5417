"""A study's simpler statistics beside the model: means, their differences, lines, one-line questions, consistency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pandas as pd

from samp_eval.analysis.describe import consistency_over_rounds
from samp_eval.analysis.exact_tests import one_line_tests
from samp_eval.analysis.frame import cluster_codes
from samp_eval.analysis.study_comparison_results import Choices, StudyComparison
from samp_eval.analysis.study_fit import StudyFit, fit_study
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.means_and_tests import (
    clustered_mean_difference,
    group_levels,
    mean_score,
    paired_mean_difference,
)
from samp_eval.statistics.means_and_tests_results import ComparedMeans, MeanScore, RespondentScore

__all__ = ["compare_study"]

Found = TypeVar("Found")


def compare_study(
    table: pd.DataFrame,
    respondents: Sequence[str],
    choices: Choices,
    *,
    failed: pd.DataFrame | None = None,
    lines: pd.DataFrame | None = None,
) -> StudyComparison:
    """Compute every simpler statistic of a long table on one basis.

    Parameters
    ----------
    table : DataFrame
        See :mod:`samp_eval.analysis.frame`; failures are no rows of it.
    respondents : sequence of str
        In order; the first is the reference.
    choices : Choices
    failed : DataFrame, optional
        A row for each failure, in the same columns; it counts as the lowest score where failures count.
    lines : DataFrame, optional
        See :mod:`samp_eval.analysis.line_table`; where failures count, the lines that they owe are added.
    """
    without = table[table["basis"] == choices.basis]
    extra = (
        without.iloc[:0]
        if failed is None
        else failed[failed["basis"] == choices.basis].assign(score_percent=choices.lowest)
    )
    with_zero = pd.concat([without, extra], ignore_index=True) if len(extra) else without
    counted = without
    if choices.failures == "zero" and len(extra):
        counted = with_zero
        if lines is not None:
            owed = extra.loc[extra.index.repeat(extra["requested"].astype(int))].assign(earned=0.0)
            lines = pd.concat([lines, owed], ignore_index=True)
    scored = counted[counted["score_percent"].notna()]
    present = [one for one in respondents if (scored["respondent"] == one).any()]
    return StudyComparison(
        choices=choices,
        scores=tuple(_score(one, without, extra, scored, choices) for one in respondents),
        differences=tuple(_difference(scored, one, present[0], choices) for one in present[1:]),
        odds_ratios=_or_reason(lambda: _fit(_grouped(counted, choices), respondents, choices)),
        line_odds_ratios=None if lines is None else _or_reason(lambda: _fit_lines(lines, respondents, choices)),
        one_line=tuple(one_line_tests(scored, respondents, choices.lowest, choices.highest)),
        consistency=tuple(
            consistency_over_rounds(counted, basis=choices.basis, respondents=list(respondents), full=choices.highest)
        ),
    )


def _score(
    name: str, without: pd.DataFrame, extra: pd.DataFrame, scored: pd.DataFrame, choices: Choices
) -> RespondentScore:
    mine, failures = (part.loc[part["respondent"] == name, "score_percent"] for part in (without, extra))
    rows = scored[scored["respondent"] == name]
    with_zero = pd.concat([mine, failures]).dropna()
    passing = None
    if choices.pass_mark is not None:
        passed = 100.0 * (rows["score_percent"] >= choices.pass_mark - 1e-9)
        passing = _or_reason(lambda: _mean(passed, rows, choices, None))
    return RespondentScore(
        respondent=name,
        responses=len(rows),
        failures=len(failures),
        open=int(mine.isna().sum()),
        mean=_or_reason(lambda: _mean(rows["score_percent"], rows, choices, choices.pass_mark)),
        mean_failures_missing=float(mine.mean()) if mine.notna().any() else None,
        mean_failures_zero=float(with_zero.mean()) if len(with_zero) else None,
        passing=passing,
    )


def _mean(values: pd.Series, rows: pd.DataFrame, choices: Choices, threshold: float | None) -> MeanScore:
    if rows.empty:
        raise CannotEstimate("no response has a score")
    clusters = cluster_codes(rows, choices.cluster)
    return mean_score(values, clusters, threshold=threshold, confidence=choices.confidence)


def _difference(scored: pd.DataFrame, name: str, reference: str, choices: Choices) -> ComparedMeans:
    rows = scored[scored["respondent"].isin([name, reference])]
    values, side = rows["score_percent"], rows["respondent"] == name
    clusters, confidence = cluster_codes(rows, choices.cluster), choices.confidence
    return ComparedMeans(
        name,
        reference,
        _or_reason(lambda: clustered_mean_difference(values, side, clusters, confidence=confidence)),
        _or_reason(lambda: paired_mean_difference(values, side, rows["question_id"], confidence=confidence)),
    )


def _grouped(counted: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """The table with the scores none (0), some (1) and all (2) where levels are grouped."""
    if choices.levels == "all":
        return counted
    scored = counted[counted["score_percent"].notna()]
    levels = group_levels(scored["score_percent"], lowest=choices.lowest, highest=choices.highest)
    return pd.concat([scored.assign(score_percent=levels), counted[counted["score_percent"].isna()]])


def _fit(table: pd.DataFrame, respondents: Sequence[str], choices: Choices) -> StudyFit:
    """The study's model under independence, solved by the engine that is as exact and sooner done."""
    return fit_study(
        table,
        basis=choices.basis,
        respondents=list(respondents),
        cluster=choices.cluster,
        covariance=choices.covariance,
        confidence=choices.confidence,
        engine="vectorised",
    )


def _fit_lines(lines: pd.DataFrame, respondents: Sequence[str], choices: Choices) -> StudyFit:
    """Right lines against wrong ones, over the responses that have all their marks."""
    part = lines[lines["basis"] == choices.basis]
    is_open = part["earned"].isna().groupby([part["question_id"], part["respondent"], part["round"]], observed=True)
    part = part[~is_open.transform("any")]
    if not part["earned"].isin([0.0, 1.0]).all():
        raise CannotEstimate(
            "some lines earn a fraction of a mark, so that a line is not right or wrong; "
            "choose another consensus rule than mean"
        )
    return _fit(part.assign(score_percent=100.0 * part["earned"]), respondents, choices)


def _or_reason(compute: Callable[[], Found]) -> Found | str:
    try:
        return compute()
    except CannotEstimate as error:
        return str(error)
