"""How probable it is that each respondent is at or above the pass mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.mean_scores import mean_of_rows
from samp_eval.analysis.scored_study import ScoredStudy, Scores
from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.literals import MarkBasis
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["Passing", "pass_mark_as_json", "passing", "passing_as_json"]


@dataclass(frozen=True, slots=True)
class Passing:
    """A respondent and the pass mark.

    Attributes
    ----------
    mean, standard_error : float
        Of the score percentage, clustered.
    probability_at_or_above : float
        That the true mean is at or above the true mark, 0 to 1: one less the one-sided p value, with the errors of both
        taken as independent. Where both rest on the same questions, harder ones lower the mean and the mark alike, so
        that it is nearer to one half than it might be.
    """

    respondent: str
    mean: float
    standard_error: float
    probability_at_or_above: float


def passing(scores: Scores, basis: MarkBasis, mark: PassMark) -> dict[str, Passing | NotEstimated]:
    """By respondent; failures are left out, as in the planned model."""
    plan = scores.plan.analysis
    choices = ComparisonChoices(basis, cluster=plan.cluster, confidence=plan.confidence)
    table = rows_of_means(scores.table)
    table = table[(table["basis"] == basis) & table["score_percent"].notna()]
    found: dict[str, Passing | NotEstimated] = {}
    for name in scores.respondents:
        rows = table[table["respondent"] == name]
        mean = mean_of_rows(
            rows["score_percent"],
            rows,
            choices,
            threshold=mark.cut,
            threshold_error=mark.standard_error,
            threshold_degrees=mark.degrees_of_freedom,
        )
        if isinstance(mean, NotEstimated):
            found[name] = mean
        elif mean.p_above is not None:
            found[name] = Passing(name, mean.mean, mean.standard_error, 1 - mean.p_above)
    return found


def pass_mark_as_json(study: ScoredStudy, basis: MarkBasis) -> dict[str, Any] | None:
    """The planned mark with the respondents; the reason where it was not set; None where none is planned."""
    mark = study.pass_mark
    if mark is None or isinstance(mark, NotEstimated):
        return None if mark is None else dict(mark.as_json())
    return {**mark.as_json(), "respondents": passing_as_json(passing(study, basis, mark))}


def passing_as_json(found: Mapping[str, Passing | NotEstimated]) -> list[dict[str, Any]]:
    """One mapping for each respondent."""
    return [
        {"respondent": name, **(one.as_json() if isinstance(one, NotEstimated) else asdict(one))}
        for name, one in found.items()
    ]
