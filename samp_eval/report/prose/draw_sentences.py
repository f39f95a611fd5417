"""Sentences about a random draw of questions: how the rest was estimated, and what that is worth."""

from __future__ import annotations

from samp_eval.analysis.model.partly_marked import PoweredFit
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["how_it_was_estimated", "no_predictor", "width_against_full_marking"]


def how_it_was_estimated(powered: PoweredFit) -> str:
    """What was marked, what was predicted, and how well that did."""
    predictor = " and ".join(powered.predictor) or "no predictor"
    return (
        f"Physicians' marks of {powered.n_drawn} of {powered.n_questions} questions, drawn at random; the other "
        f"responses were predicted by {predictor}, calibrated on the drawn questions and corrected by them "
        f"(prediction-powered estimate, t with {powered.n_drawn - 1} degrees of freedom).{_width(powered)}"
    )


def no_predictor() -> str:
    """Why the draw brings no more than the drawn questions."""
    return (
        "There is no predictor, so the questions that were not drawn add nothing. "
        "samp-eval mark --marker key makes one; its marks predict and are never a person's."
    )


def width_against_full_marking(powered: PoweredFit) -> dict[str, tuple[float, float]]:
    """For each term, its standard error over that expected of full marking, and over that of the drawn questions."""
    alone = powered.drawn_alone
    errors = {} if isinstance(alone, NotEstimated) else {term.term: term.standard_error for term in alone}
    return {
        term.term: (term.standard_error / powered.expected_errors[term.term], term.standard_error / errors[term.term])
        for term in powered.fit.terms
        if term.term in powered.expected_errors and errors.get(term.term)
    }


def _width(powered: PoweredFit) -> str:
    found = width_against_full_marking(powered)
    if not found:
        return ""
    term, (full, alone) = next(iter(found.items()))
    return (
        f" The standard error of {term} is {full:.2f} times that which marking every question is expected to give, and "
        f"{alone:.2f} times that of the drawn questions alone."
    )
