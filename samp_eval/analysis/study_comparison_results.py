"""A study's simpler statistics as they are handed on, with the choices behind them; like their parts, without scipy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from samp_eval.analysis.describe import ConsistencyOverRounds
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.literals import ClusterChoice, Covariance, FailureRule, LevelChoice, MarkBasis
from samp_eval.statistics.means_and_tests_results import ComparedMeans, OneLineTest, RespondentScore

__all__ = ["Choices", "StudyComparison"]


@dataclass(frozen=True, slots=True)
class Choices:
    """How scores are compared.

    Attributes
    ----------
    failures : FailureRule
        What a response that could not be had counts as.
    levels : LevelChoice
        Of the ordinal model.
    pass_mark : float or None
        In the unit of the scores.
    lowest, highest : float
        Ends of the scores' scale; 0 and 100 for percent.
    """

    basis: MarkBasis
    cluster: ClusterChoice = "question"
    covariance: Covariance = "robust"
    confidence: float = 0.95
    failures: FailureRule = "missing"
    levels: LevelChoice = "all"
    pass_mark: float | None = None
    lowest: float = 0.0
    highest: float = 100.0


@dataclass(frozen=True, slots=True)
class StudyComparison:
    """All of it; a text stands where a statistic cannot be had, with the reason.

    Attributes
    ----------
    odds_ratios : StudyFit or str
        The ordinal model under the choices about failures and levels, working independence.
    line_odds_ratios : StudyFit, str or None
        A logistic GEE on the answer lines; None where the lines are not known.
    """

    choices: Choices
    scores: tuple[RespondentScore, ...]
    differences: tuple[ComparedMeans, ...]
    odds_ratios: StudyFit | str
    line_odds_ratios: StudyFit | str | None
    one_line: tuple[OneLineTest, ...]
    consistency: tuple[ConsistencyOverRounds, ...]

    def as_json(self) -> dict[str, Any]:
        """Fields for a program; ``{"reason": ...}`` where a statistic cannot be had."""
        return {
            "choices": asdict(self.choices),
            "scores": [_plain(one) for one in self.scores],
            "mean_differences": [_plain(one) for one in self.differences],
            "odds_ratios": _outcome(self.odds_ratios),
            "line_odds_ratios": _outcome(self.line_odds_ratios),
            "one_line_tests": [_plain(one) for one in self.one_line],
            "consistency": [asdict(one) for one in self.consistency],
        }


def _outcome(found: StudyFit | str | None) -> dict[str, Any] | None:
    if isinstance(found, StudyFit):
        return found.as_json()
    return None if found is None else {"reason": found}


def _plain(one: RespondentScore | ComparedMeans | OneLineTest) -> dict[str, Any]:
    fields = asdict(one)
    reasons = ("mean", "passing", "clustered", "paired", "outcome")
    return {
        name: {"reason": value} if name in reasons and isinstance(value, str) else value
        for name, value in fields.items()
    }
