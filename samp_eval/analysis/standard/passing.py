"""How probable it is that each respondent is at or above the pass mark."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.mean_scores import mean_of_rows
from samp_eval.analysis.scored_study import Scores
from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.literals import MarkBasis
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.psychometrics.pass_decision import probability_at_or_above

__all__ = ["Passing", "passing"]


@dataclass(frozen=True, slots=True)
class Passing:
    """A respondent and the pass mark.

    Attributes
    ----------
    mean, standard_error : float
        Of the score percentage, clustered.
    probability_at_or_above : float
        That the true mean is at or above the true mark, 0 to 1, with the errors of both.
    """

    respondent: str
    mean: float
    standard_error: float
    probability_at_or_above: float


def passing(scores: Scores, basis: MarkBasis, mark: PassMark) -> dict[str, Passing | NotEstimated]:
    """By respondent; failures are left out, as in the planned model."""
    plan = scores.plan.analysis
    choices = ComparisonChoices(basis, cluster=plan.cluster, confidence=plan.confidence)
    table = scores.table[(scores.table["basis"] == basis) & scores.table["score_percent"].notna()]
    found: dict[str, Passing | NotEstimated] = {}
    for name in scores.respondents:
        rows = table[table["respondent"] == name]
        mean = mean_of_rows(rows["score_percent"], rows, choices)
        if isinstance(mean, NotEstimated):
            found[name] = mean
            continue
        error = mean.standard_error
        probability = probability_at_or_above(mean.mean, error, mark.cut, mark.standard_error)
        found[name] = Passing(name, mean.mean, error, probability)
    return found
