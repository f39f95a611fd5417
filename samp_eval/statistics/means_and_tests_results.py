"""The simpler statistics, as they are handed on; apart from how they are computed: a reader of them needs no scipy."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ComparedMeans",
    "ExactTest",
    "MeanDifference",
    "MeanScore",
    "OneLineTest",
    "RespondentScore",
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
