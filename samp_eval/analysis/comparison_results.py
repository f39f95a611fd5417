"""The simpler statistics, as they are handed on; apart from how they are computed: a reader of them needs no scipy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from samp_eval.analysis.describe import ConsistencyOverRounds
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.literals import ClusterChoice, Covariance, FailureRule, LevelChoice, MarkBasis

__all__ = [
    "Choices",
    "ComparedMeans",
    "ExactTest",
    "MeanDifference",
    "MeanScore",
    "OneLineTest",
    "RespondentScore",
    "StudyComparison",
]


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Difference of mean scores, in the unit of the scores (percentage points).

    Attributes
    ----------
    difference, ci_low, ci_high : float
        Group less reference.
    standard_error : float
    degrees_of_freedom : int
        Of the t distribution: clusters or pairs less one.
    p_value : float
        Two-sided, 0 to 1.
    n_clusters : int
    """

    difference: float
    ci_low: float
    ci_high: float
    standard_error: float
    degrees_of_freedom: int
    p_value: float
    n_clusters: int


@dataclass(frozen=True, slots=True)
class ExactTest:
    """A test of right and wrong answers to the same questions.

    Attributes
    ----------
    statistic : float
    degrees_of_freedom : int
        0 for an exact test.
    p_value : float
        Two-sided, 0 to 1.
    n_questions : int
    n_discordant : int
        Questions on which the respondents (or rounds) differ.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    n_questions: int
    n_discordant: int


@dataclass(frozen=True, slots=True)
class MeanScore:
    """A mean score, and how it stands to a pass mark.

    Attributes
    ----------
    mean, ci_low, ci_high : float
        In the unit of the scores (percent).
    standard_error : float
        Clustered.
    threshold : float or None
        The pass mark, in the unit of the scores; None where none was given.
    p_above : float or None
        One-sided p value of the hypothesis that the mean is at or below the threshold.
    """

    mean: float
    ci_low: float
    ci_high: float
    standard_error: float
    threshold: float | None
    p_above: float | None


@dataclass(frozen=True, slots=True)
class OneLineTest:
    """A test of right and wrong answers to the questions that ask for one line.

    Attributes
    ----------
    test : str
        ``McNemar, exact`` or ``Cochran's Q``.
    compared : tuple of str
        Respondents, or rounds of one respondent.
    within : str
        ``round 2``, or ``rounds of gpt-4``.
    right : tuple of int
        Questions that each has right.
    outcome : ExactTest or str
        Or why there is none.
    """

    test: str
    compared: tuple[str, ...]
    within: str
    right: tuple[int, ...]
    outcome: ExactTest | str


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
class RespondentScore:
    """Scores of one respondent over all its rounds.

    Attributes
    ----------
    responses, failures, open : int
        With a score; that could not be had; with an open mark.
    mean : MeanScore or str
        Under the choice about failures; or why it has no interval.
    mean_failures_missing, mean_failures_zero : float or None
        The mean score with failures left out, and counted as the lowest score; None without any score.
    passing : MeanScore, str or None
        Percent of responses at or above the pass mark; None where no pass mark was given.
    """

    respondent: str
    responses: int
    failures: int
    open: int
    mean: MeanScore | str
    mean_failures_missing: float | None
    mean_failures_zero: float | None
    passing: MeanScore | str | None


@dataclass(frozen=True, slots=True)
class ComparedMeans:
    """Mean score of a respondent less the reference's, over all responses and paired by question."""

    respondent: str
    reference: str
    clustered: MeanDifference | str
    paired: MeanDifference | str


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
