"""Everything that the form alone shows to be wrong with a bank, found at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from samp_eval.errors import Fault
from samp_eval.items.checks.key_places import favoured_place
from samp_eval.items.checks.option_faults import option_problems
from samp_eval.items.checks.repeats import repeated_questions
from samp_eval.items.checks.samp_rules import samp_case_problems, samp_question_problems
from samp_eval.items.checks.text_faults import case_text_problems, question_text_problems
from samp_eval.items.load import repeated_ids
from samp_eval.items.reviewed_text import changed_since_review
from samp_eval.items.samp import PlacedCase
from samp_eval.literals import BankProfile

__all__ = ["content_findings", "profile_of"]


def profile_of(cases: Sequence[PlacedCase]) -> BankProfile:
    """What kind of bank these cases are: public where most of them are questions that stand by themselves."""
    alone = sum(placed.case.stands_alone for placed in cases)
    return "public" if 2 * alone > len(cases) else "samp"


def content_findings(cases: Sequence[PlacedCase], profile: BankProfile) -> Iterator[Fault]:
    """Find what the form alone shows to be wrong.

    Parameters
    ----------
    cases : sequence of PlacedCase
    profile : BankProfile
        Whether the rules of the examination hold as well.
    """
    yield from repeated_ids(cases)
    for placed in cases:
        case, of_samp = placed.case, profile == "samp"
        case_problems = [*(samp_case_problems(case) if of_samp else ()), *case_text_problems(case)]
        for detail, problem in case_problems:
            yield Fault(placed.file, placed.place(detail=detail), problem)
        for question in case.questions:
            rules = samp_question_problems(case, question) if of_samp else ()
            for detail, problem in (
                *rules,
                *option_problems(question),
                *question_text_problems(question, pictured=bool(case.pictures_until(question)), alone=not case.stem),
            ):
                yield Fault(placed.file, placed.place(question, detail), problem)
    yield from changed_since_review(cases)
    yield from repeated_questions(cases)
    yield from favoured_place(cases)
