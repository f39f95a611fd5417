"""The pass mark in sentences."""

from __future__ import annotations

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.report import numbers
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["METHOD_WORDS", "pass_mark_sentence"]

METHOD_WORDS = {
    "angoff": "the modified Angoff method, extended to several lines",
    "hofstee": "the Hofstee compromise",
    "borderline-regression": "borderline regression",
    "borderline-group": "the borderline group method",
    "cohen": "the Cohen method (60% of the 95th percentile of candidates)",
}


def pass_mark_sentence(mark: PassMark | NotEstimated) -> str:
    """What the mark is, who set it, and with what error."""
    if isinstance(mark, NotEstimated):
        return f"There is no pass mark: {mark.clause}."
    if mark.method is None:
        return (
            f"The pass mark of {mark.cut:g}% is conventional: no standard-setting procedure led to it, and it has no "
            "error of its own."
        )
    basis = (
        f"{numbers.plural(len(mark.experts), 'expert')} on {numbers.plural(mark.n_questions, 'question')}"
        if mark.experts
        else numbers.plural(mark.n_candidates, "human candidate")
    )
    error = f"standard error {numbers.number(mark.standard_error, 1)}"
    if mark.error_of_experts is not None and mark.error_of_questions is not None:
        error += (
            f": {numbers.number(mark.error_of_experts, 1)} from the experts, "
            f"{numbers.number(mark.error_of_questions, 1)} from the questions"
        )
    day = f", on {numbers.day(mark.set_at.date())}" if mark.set_at is not None else ""
    sentence = f"The pass mark is {numbers.percent(mark.cut)} ({error}), by {METHOD_WORDS[mark.method]}: {basis}{day}."
    return f"{sentence} {mark.remark}".strip()
