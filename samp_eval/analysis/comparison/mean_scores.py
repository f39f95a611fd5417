"""Mean scores of respondents, and their differences from the reference's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.samples import Sample, questions_answered
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS
from samp_eval.statistics.mean_scores import (
    MeanDifference,
    MeanScore,
    clustered_mean_difference,
    mean_score,
    paired_mean_difference,
)
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = ["ComparedMeans", "RespondentScore", "compared_means", "mean_of_rows", "respondent_score"]


@dataclass(frozen=True, slots=True)
class RespondentScore:
    """Scores of one respondent over all its rounds.

    Attributes
    ----------
    n_questions : int
        With a score.
    responses, failures, open : int
        With a score; that could not be had; with an open mark.
    mean : MeanScore or NotEstimated
        Under the choice about failures.
    mean_failures_missing, mean_failures_zero : float or None
        The mean score with failures left out, and counted as the lowest score; None without any score.
    passing : MeanScore, NotEstimated or None
        Percent of responses at or above the pass mark; None where no pass mark was given.
    failed_questions : tuple of (question, round)
        Whose responses could not be had.
    """

    respondent: str
    n_questions: int
    responses: int
    failures: int
    open: int
    mean: MeanScore | NotEstimated
    mean_failures_missing: float | None
    mean_failures_zero: float | None
    passing: MeanScore | NotEstimated | None
    failed_questions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ComparedMeans:
    """Mean score of a respondent less the reference's, over all responses and paired by question.

    Attributes
    ----------
    n_questions : int
        That both answered; with questions ``all``, that either answered (``paired`` uses the common ones always).
    error_for_these : float or None
        Standard error of the paired difference for these very questions: only the answers would be drawn again. None
        where a question was answered once.
    error_of_one_round : float or None
        That for a population of questions if each side had answered each question once; None where the other is.
    """

    respondent: str
    reference: str
    n_questions: int
    error_for_these: float | None
    error_of_one_round: float | None
    clustered: MeanDifference | NotEstimated
    paired: MeanDifference | NotEstimated


def respondent_score(
    name: str, given: pd.DataFrame, failed: pd.DataFrame, counted: pd.DataFrame, choices: ComparisonChoices
) -> RespondentScore:
    """Compute the mean score of one respondent, and where it stands to the pass mark.

    Parameters
    ----------
    given, failed : DataFrame
        Rows of one basis: of responses, and of failures with the lowest score.
    counted : DataFrame
        The rows with a score that count under the choice about failures.
    """
    scores, of_failures = (part.loc[part["respondent"] == name, "score_percent"] for part in (given, failed))
    rows = counted[counted["respondent"] == name]
    with_failures = pd.concat([scores, of_failures]).dropna()
    passing = None
    if choices.pass_mark is not None:
        passed = 100.0 * (rows["score_percent"] >= choices.pass_mark - 1e-9)
        passing = _mean(passed, rows, replace(choices, lowest=0.0, highest=100.0))
    return RespondentScore(
        respondent=name,
        n_questions=int(rows["question_id"].nunique()),
        responses=len(rows),
        failures=len(of_failures),
        open=int(scores.isna().sum()),
        mean=_mean(rows["score_percent"], rows, choices, threshold=choices.pass_mark),
        mean_failures_missing=float(scores.mean()) if scores.notna().any() else None,
        mean_failures_zero=float(with_failures.mean()) if len(with_failures) else None,
        passing=passing,
        failed_questions=tuple(
            (str(question), int(number))
            for question, number in failed.loc[failed["respondent"] == name, ["question_id", "round"]].itertuples(
                index=False
            )
        ),
    )


def compared_means(counted: pd.DataFrame, name: str, reference: str, choices: ComparisonChoices) -> ComparedMeans:
    """Compute the difference of two respondents' mean scores; ``counted`` as for :func:`respondent_score`."""
    answered = questions_answered(counted, [name, reference])
    used = answered[name] & answered[reference]
    if choices.questions == "all":
        used = answered[name] | answered[reference]
    rows = Sample((reference, name), used).rows(counted)
    values, side = rows["score_percent"], rows["respondent"] == name
    clusters = cluster_codes(rows, choices.cluster)
    scale = {"confidence": choices.confidence, "lowest": choices.lowest, "highest": choices.highest}
    paired = or_reason(_enough)(len(used), paired_mean_difference, values, side, rows["question_id"], scale)
    these, gained = _errors_of_rounds(rows[rows["question_id"].isin(answered[name] & answered[reference])])
    one = None
    if gained is not None and not isinstance(paired, NotEstimated):
        one = float(np.hypot(paired.standard_error, gained))
    clustered = or_reason(_enough)(len(used), clustered_mean_difference, values, side, clusters, scale)
    return ComparedMeans(name, reference, len(used), these, one, clustered, paired)


def mean_of_rows(
    values: pd.Series,
    rows: pd.DataFrame,
    choices: ComparisonChoices,
    *,
    lowest: float = 0.0,
    **threshold: float,
) -> MeanScore | NotEstimated:
    """Compute the mean of percentages that belong to rows of the long table, with a clustered interval.

    ``threshold`` is what :func:`samp_eval.statistics.mean_scores.mean_score` takes of a pass mark.
    """
    return _mean(values, rows, replace(choices, lowest=lowest, highest=100.0), **threshold)


def _errors_of_rounds(rows: pd.DataFrame) -> tuple[float, float] | tuple[None, None]:
    """The error of the rounds that there are, and what they save over one, from how they vary on each question."""
    of_cells = rows.groupby(["question_id", "respondent"], observed=True)["score_percent"].agg(["var", "size"])
    if of_cells.empty or (of_cells["size"] < 2).any():
        return None, None
    of_one, of_all = of_cells["var"].sum(), (of_cells["var"] / of_cells["size"]).sum()
    questions = rows["question_id"].nunique()
    return float(np.sqrt(of_all)) / questions, float(np.sqrt(of_one - of_all)) / questions


def _enough(
    questions: int, estimate: Callable[..., MeanDifference], values: pd.Series, side: pd.Series, units: Any, scale: Any
) -> MeanDifference:
    if questions < FEWEST_CLUSTERS:
        raise CannotEstimate(
            f"Both have scores on {questions} question{'s' * (questions != 1)}, too few for an interval and a p value."
        )
    return estimate(values, side, units, **scale)


@or_reason
def _mean(values: pd.Series, rows: pd.DataFrame, choices: ComparisonChoices, **threshold: Any) -> MeanScore:
    if rows.empty:
        raise CannotEstimate("no response has a score")
    questions = rows["question_id"].nunique()
    if questions < FEWEST_CLUSTERS:
        raise CannotEstimate(f"{questions} question{'s' * (questions != 1)} only, too few for an interval")
    clusters = cluster_codes(rows, choices.cluster)
    ends = {"lowest": choices.lowest, "highest": choices.highest}
    return mean_score(values, clusters, confidence=choices.confidence, **ends, **threshold)
