"""Sentences about a plan of how many questions to draw."""

from __future__ import annotations

from samp_eval.analysis.power.share_planning import SharePlan
from samp_eval.report import numbers

__all__ = ["share_sentences"]


def share_sentences(plan: SharePlan) -> tuple[str, ...]:
    """How many questions are nearly as good as all, when to stop, and where the figures come from."""
    return (_enough(plan), _stopping_rule(plan), _hours(plan), _source(plan))


def _enough(plan: SharePlan) -> str:
    found, full = plan.enough, plan.points[-1]
    return (
        f"{numbers.plural(found.n_drawn, 'drawn question')} ({numbers.number(found.hours, 1)} hours instead of "
        f"{numbers.number(full.hours, 1)}) are expected to give an interval at most {plan.times:g} times as wide as "
        f"marking all {plan.n_questions}, on the log scale."
    )


def _stopping_rule(plan: SharePlan) -> str:
    return (
        "Stopping rule, to be fixed before marking: draw on in the same order (samp-eval review plan --more N) until "
        f"the upper end of the interval of {plan.design.term} is at most {numbers.number(plan.widest)} times its lower "
        "end; whether the interval holds 1 plays no part."
    )


def _hours(plan: SharePlan) -> str:
    pace, answers = plan.design.pace, plan.design.answers
    whose = "medians of the marking page" if pace.measured else "assumed"
    many = "at most, since equal answers are marked once" if plan.design.simulated else "as in this study"
    return (
        f"\nHours: {pace.question:.0f} seconds to read a question and {pace.answer:.0f} for an answer ({whose}), "
        f"{numbers.number(answers, 1)} answers a question ({many})."
    )


def _source(plan: SharePlan) -> str:
    place = plan.design.precision.terms.index(plan.design.term)
    missed = numbers.number(100 * plan.design.precision.unpredicted[place], 0)
    return (
        f"Intervals: from {plan.design.source}; {numbers.plural(plan.design.n_rounds, 'round')}. The predictor leaves "
        f"{missed}% of the variance unpredicted (0 if it were perfect, about 100 without one). Power is for an odds "
        f"ratio of {numbers.ratio(plan.odds_ratio)}."
    )
