"""The pass mark that follows from the lines that experts expect of a just-competent candidate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from samp_eval.analysis.standard.pass_mark import ExpertMark, PassMark, RoundMark
from samp_eval.errors import CannotEstimate
from samp_eval.review.bank.review_rows import BankReview
from samp_eval.statistics.psychometrics.angoff import FEWEST_EXPERTS, AngoffMark, angoff

__all__ = ["angoff_pass_mark"]

_NAMED = 3


def angoff_pass_mark(review: BankReview, now: datetime) -> PassMark:
    """The mark after the last round, with that of each round.

    It rests on the questions for which at least three experts gave an expectation, and on the experts who gave one for
    each of these.

    Raises
    ------
    CannotEstimate
        Where three such experts or two such questions are not there.
    """
    requested = {question.id: question.requested for _, question in review.bank.asked()}
    given = {
        expert: {name for name in requested if "expected" in review.opinion(expert, name).values}
        for expert in review.experts
    }
    questions = [name for name in requested if sum(name in of for of in given.values()) >= FEWEST_EXPERTS]
    experts = [expert for expert, of in given.items() if of.issuperset(questions)]
    if not questions or len(experts) < FEWEST_EXPERTS:
        raise CannotEstimate(_too_few(given, questions, experts))
    found = [_after(review, number, experts, questions, requested) for number in range(1, review.rounds + 1)]
    rounds = tuple(
        RoundMark(number, mark.cut, mark.standard_error, float(np.std(mark.expert_means, ddof=1)))
        for number, mark in enumerate(found, start=1)
        if mark is not None
    )
    last = found[-1]
    assert last is not None  # noqa: S101  # every expectation is of some round
    noticed: dict[int, list[str]] = {}
    for place, reason in last.noticed:
        noticed.setdefault(place, []).append(reason)
    left_out = [expert for expert, of in given.items() if of and expert not in experts]
    return PassMark(
        method="angoff",
        cut=last.cut,
        standard_error=last.standard_error,
        error_of_experts=last.error_of_experts,
        error_of_questions=last.error_of_questions,
        experts=tuple(
            ExpertMark(expert, mean, "; ".join(noticed.get(place, ())))
            for place, (expert, mean) in enumerate(zip(experts, last.expert_means, strict=True))
        ),
        rounds=rounds,
        n_questions=len(questions),
        remark=f"Left out, because expectations are missing: {', '.join(left_out)}." if left_out else "",
        set_at=now,
    )


def _after(
    review: BankReview, number: int, experts: Sequence[str], questions: Sequence[str], requested: dict[str, int]
) -> AngoffMark | None:
    """The mark after a round; None where not every expectation was given by then."""
    values = [[review.opinion(expert, name).until(number).get("expected") for name in questions] for expert in experts]
    lines = [[float("nan") if text is None else float(text) for text in of] for of in values]
    if np.isnan(lines).any():
        return None
    return angoff(lines, [requested[name] for name in questions])


def _too_few(given: dict[str, set[str]], questions: Sequence[str], experts: Sequence[str]) -> str:
    if not questions:
        return (
            f"a pass mark needs the expected lines of at least {FEWEST_EXPERTS} experts on the same questions; "
            "samp-eval items review export writes the sheets that ask for them"
        )
    missing = []
    for expert, of in given.items():
        names = [name for name in questions if name not in of]
        if names and expert not in experts:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            missing.append(f"{expert} lacks {', '.join(names[:_NAMED])}{more}")
    return (
        f"{len(experts)} experts gave their expectation for each question that at least {FEWEST_EXPERTS} rated, and "
        f"{FEWEST_EXPERTS} are needed: {'; '.join(missing)}"
    )
