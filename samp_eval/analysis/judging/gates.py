"""Whether a model's own figures may be shown: limits that the study file sets before marks are seen."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.statistics.judging.agreement_gap import AgreementGap
from samp_eval.statistics.judging.error_rates import Rate
from samp_eval.statistics.judging.self_preference import Favour
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.reviewers.agreement import IntervalEstimate
from samp_eval.study import ModelGates

__all__ = ["Gate", "gates_of"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition, with the figure that it looks at.

    Attributes
    ----------
    name : {"agreement", "favour", "flips"}
    limit : float
        As the study file sets it: kappa, percentage points, percent.
    figure : IntervalEstimate or NotEstimated
        In the same unit.
    passed : bool
        False also where the figure cannot be estimated: what is not known is not shown.
    """

    name: str
    limit: float
    figure: IntervalEstimate | NotEstimated
    passed: bool


def gates_of(
    gap: AgreementGap | NotEstimated, favour: Favour | NotEstimated, flips: Rate | NotEstimated, plan: ModelGates
) -> tuple[Gate, ...]:
    """Every gate of the study file.

    Parameters
    ----------
    gap : AgreementGap or NotEstimated
        Of kappa: the model and physicians less physicians among each other.
    favour : Favour or NotEstimated
    flips : Rate or NotEstimated
    plan : ModelGates
    """
    difference = gap if isinstance(gap, NotEstimated) else gap.difference
    largest = favour if isinstance(favour, NotEstimated) else max(favour.by_respondent, key=_reach)
    share = flips if isinstance(flips, NotEstimated) else flips.percent
    return (
        Gate(
            "agreement",
            plan.agreement_below,
            difference,
            isinstance(difference, IntervalEstimate)
            and difference.ci_low is not None
            and difference.ci_low > -plan.agreement_below,
        ),
        Gate(
            "favour",
            plan.favour_points,
            largest,
            isinstance(largest, IntervalEstimate) and _reach(largest) <= plan.favour_points,
        ),
        Gate(
            "flips",
            plan.flips_percent,
            share,
            isinstance(share, IntervalEstimate) and share.value is not None and share.value <= plan.flips_percent,
        ),
    )


def _reach(estimate: IntervalEstimate) -> float:
    """How far from nought the interval reaches."""
    ends = (estimate.value, estimate.ci_low, estimate.ci_high)
    return max(abs(end) for end in ends if end is not None)
