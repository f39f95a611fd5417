"""How respondents are compared without a model."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.literals import ClusterChoice, Covariance, FailureRule, LevelChoice, MarkBasis, QuestionChoice
from samp_eval.study import AnalysisPlan

__all__ = ["ComparisonChoices"]


@dataclass(frozen=True, slots=True)
class ComparisonChoices:
    """How scores are compared.

    Attributes
    ----------
    questions : QuestionChoice
        Those that both sides of a comparison answered, or all of each.
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
    questions: QuestionChoice = "common"
    failures: FailureRule = "missing"
    levels: LevelChoice = "all"
    pass_mark: float | None = None
    lowest: float = 0.0
    highest: float = 100.0

    @property
    def model(self) -> AnalysisPlan:
        """The choices of a model under independence."""
        return AnalysisPlan(
            cluster=self.cluster, covariance=self.covariance, confidence=self.confidence, questions=self.questions
        )
