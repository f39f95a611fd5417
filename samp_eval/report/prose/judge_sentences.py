"""Sentences about the marks of models beside those of physicians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.report import numbers
from samp_eval.report.prose.display_names import basis_words, joined
from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.judging.results import JudgeAgreement
    from samp_eval.report.content.report_content import ReportContent

__all__ = ["judge_sentence", "speaking_sentence", "withheld_reason"]

_GATES = {"agreement": "agreement with physicians", "favour": "favour of a respondent", "flips": "repeats that differ"}


def judge_sentence(found: JudgeAgreement) -> str:
    """What a model's marks are worth, in a paragraph."""
    errors = found.errors
    kappa = found.with_consensus.cohen_kappa.value
    said = [
        f"{found.judge} marked {numbers.plural(found.n, 'distinct answer')} that physicians settled "
        f"{basis_words(found.basis)}: kappa {_value(kappa, 2)} with their consensus, "
        f"{_value(errors.false_credit.percent.value, 1)} % false credit, "
        f"{_value(errors.false_refusal.percent.value, 1)} % false refusal."
    ]
    if not isinstance(found.kappa, NotEstimated):
        said.append(
            f"Its mean kappa with a physician is {_value(found.kappa.with_people.value, 2)}; that of two physicians is "
            f"{_value(found.kappa.among_people.value, 2)}."
        )
    unfit = sum(question.cannot_mark for question in found.questions)
    if unfit:
        said.append(f"It cannot mark {numbers.plural(unfit, 'question')}.")
    said.append(
        "It passed every gate that was set."
        if found.may_be_shown
        else f"Figures by its marks alone are not shown, because it did not pass: {withheld_gates(found)}."
    )
    return " ".join(said)


def speaking_sentence(content: ReportContent) -> str:
    """How many answers seem to speak to the marker, and on which questions."""
    found = content.speaking
    if not found:
        return "No answer seems to speak to the marker."
    questions = joined(list(dict.fromkeys(answer.question_id for answer in found)))
    verb = "seems" if len(found) == 1 else "seem"
    by_words = sum(answer.by_words for answer in found)
    by_models = sum(bool(answer.by_models) for answer in found)
    said = (
        f"{numbers.plural(len(found), 'distinct answer')} {verb} to speak to the marker, on {questions}: "
        f"{numbers.count(by_words)} by their words, {numbers.count(by_models)} as a model says. A physician should "
        "look at them; samp-eval mark --marker model lists them."
    )
    if content.draw is not None:
        said += " A mark of one counts in the estimates only where its question was drawn."
    return said


def withheld_gates(found: JudgeAgreement) -> str:
    """The gates that a model did not pass, in words."""
    return joined([_GATES[name] for name in found.failed_gates])


def withheld_reason(found: JudgeAgreement | NotEstimated) -> str | None:
    """Why figures by a model's marks alone are not shown; None where they may be."""
    if isinstance(found, NotEstimated):
        return f"Figures by a model’s marks alone need its agreement with physicians: {found.reason}"
    if found.may_be_shown:
        return None
    return f"The model did not pass the gates of study.toml: {withheld_gates(found)} (samp-eval judge agreement)."


def _value(value: float | None, decimals: int) -> str:
    return "not defined" if value is None else numbers.number(value, decimals)
