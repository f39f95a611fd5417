"""What a fit means, as it is handed on; apart from how it is computed, so that a reader of results needs no scipy."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.literals import MarkBasis
from samp_eval.statistics.gee.terms import Term

__all__ = [
    "ByCondition",
    "ConditionalEffect",
    "Contrast",
    "CutPoint",
    "Difference",
    "Prediction",
    "ProportionalOddsCheck",
    "StudyEffects",
    "WaldTest",
]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One respondent against another.

    Attributes
    ----------
    result : Term
        ``term`` against ``reference``; above 1 means that ``term`` scores higher.
    p_holm : float
        p value corrected over all contrasts asked for together.
    """

    result: Term
    p_holm: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected scores of a group of responses.

    Attributes
    ----------
    group : str
        Its name.
    mean, ci_low, ci_high : float
        Mean score on the scale of the levels (score percentage: 0 to 100).
    standard_error : float
        Of the mean.
    level_probabilities : tuple of (level, probability, ci_low, ci_high)
        Ascending by level; probabilities 0 to 1.
    """

    group: str
    mean: float
    ci_low: float
    ci_high: float
    standard_error: float
    level_probabilities: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference of two predicted mean scores, in percentage points.

    Attributes
    ----------
    group, reference : str
        What is compared.
    difference, ci_low, ci_high : float
        ``group`` less ``reference``.
    standard_error : float
        Of the difference.
    p_value : float
        Two-sided Wald, 0 to 1.
    """

    group: str
    reference: str
    difference: float
    ci_low: float
    ci_high: float
    standard_error: float
    p_value: float


@dataclass(frozen=True, slots=True)
class ConditionalEffect:
    """A respondent against the reference under a condition and without it.

    Attributes
    ----------
    condition, reference : str
        Such as ``prompted`` and ``bare``.
    under_reference, under_condition : Term
        The respondent's odds ratio in the rounds of each.
    interaction : Term
        The ratio of the second to the first.
    """

    condition: str
    reference: str
    under_reference: Term
    under_condition: Term
    interaction: Term


@dataclass(frozen=True, slots=True)
class ByCondition:
    """Conditional effects, and why a condition has none."""

    effects: tuple[ConditionalEffect, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A robust Wald test, with the small-sample reference of Hotelling's T squared.

    Attributes
    ----------
    tested : str
        A term, or ``all terms``.
    statistic : float
        Wald statistic of the hypothesis that the slopes agree.
    degrees_of_freedom, denominator : int
        d, the slopes that must agree, and clusters less d: statistic times denominator / (d (clusters - 1)) is
        referred to F(d, denominator). Chi-squared would reject far too often: with the study's eight slopes, 15 % of
        the time in 77 clusters and 46 % in 20, where 5 % was meant.
    p_value : float
        0 to 1.
    """

    tested: str
    statistic: float
    degrees_of_freedom: int
    denominator: int
    p_value: float


@dataclass(frozen=True, slots=True)
class CutPoint:
    """Odds ratios of scoring above one level.

    Attributes
    ----------
    above : float
        The level.
    terms : tuple of Term
        Odds ratios of scoring above it.
    """

    above: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class ProportionalOddsCheck:
    """Cut-point-wise odds ratios (the data of a picture) and the tests that they agree.

    Attributes
    ----------
    cut_points : tuple of CutPoint
        Odds ratios of scoring above each level.
    overall, by_term : WaldTest, tuple of WaldTest
        That all slopes agree over the cut points with enough clusters on either side (None where fewer than two have);
        that those of one term agree over all of them.
    warnings : tuple of str
        Cut points left out, and why.
    """

    cut_points: tuple[CutPoint, ...]
    overall: WaldTest | None
    by_term: tuple[WaldTest, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyEffects:
    """Consequences of one fit.

    Attributes
    ----------
    predictions : tuple of Prediction
        Mean score percentage of each respondent, over the questions' own rounds and conditions.
    differences : tuple of Difference
        Percentage points, each respondent less the reference.
    conditions : tuple of Difference
        Percentage points, each condition less its reference.
    by_condition : ByCondition
        Each respondent against the reference under each condition.
    contrasts : tuple of Contrast
        Every pair of respondents, with p-values corrected by Holm; empty for fewer than three respondents.
    proportional_odds : ProportionalOddsCheck or str
        Or why it could not be checked.
    """

    basis: MarkBasis
    predictions: tuple[Prediction, ...]
    differences: tuple[Difference, ...]
    conditions: tuple[Difference, ...]
    by_condition: ByCondition
    contrasts: tuple[Contrast, ...]
    proportional_odds: ProportionalOddsCheck | str
