"""The comparison that the plan names as primary, and whether a fit shows what it was to show."""

from __future__ import annotations

from typing import Any

from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.study import AnalysisPlan

__all__ = ["margin_is_kept", "primary_as_json"]


def margin_is_kept(plan: AnalysisPlan, term: StudyTerm) -> bool | None:
    """Whether the interval shows non-inferiority or equivalence (ICH E9, section 3.3.2); None without a margin."""
    if plan.margin is None:
        return None
    return term.ci_low > 1 / plan.margin and (plan.aim == "non-inferiority" or term.ci_high < plan.margin)


def primary_as_json(plan: AnalysisPlan, found: StudyFit) -> dict[str, Any] | None:
    """The documented fields of the primary comparison; None where the plan names none.

    ``shown`` is None without a margin, on another basis than the primary one, and without an odds ratio.
    """
    if plan.primary_comparison is None:
        return None
    on_basis = found.basis == plan.primary_basis
    term = next((term for term in found.terms if term.column == plan.primary_comparison), None)
    return {
        "comparison": plan.primary_comparison,
        "reference": found.respondents[0],
        "basis": plan.primary_basis,
        "is_this_basis": on_basis,
        "aim": plan.aim,
        "margin": plan.margin,
        "shown": margin_is_kept(plan, term) if on_basis and term is not None else None,
    }
