"""Codes in the place of reviewers' names, for what leaves the study: R1, R2 and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.consensus import CONSENSUS_RULES, unknown_rule
from samp_eval.review.exclusions import Exclusions
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import THIRD_PERSON, Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.run.respondent import Response
from samp_eval.study import Study

__all__ = ["ReviewerCodes", "reviewer_codes"]

_PEOPLE = ("reviewer", "adjudicator")

_SHORTEST_IN_TEXTS = 2
"""A name of one letter tells nothing, and as a word of a sentence it is ``a``."""

_SHORTEST_IN_ANY_CASE = 3
"""File names are often in small letters; names of two letters are too often words (``in``, ``so``)."""


class ReviewerCodes:
    """R1, R2 and so on for names of people, and records of a study in which the codes stand in their place.

    Parameters
    ----------
    names : iterable of str
        In order; without any, everything stays as it is.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.by_name = {name: f"R{number}" for number, name in enumerate(dict.fromkeys(names), start=1)}

    def __bool__(self) -> bool:
        return bool(self.by_name)

    def name(self, name: str) -> str:
        """The code of a person; a name that has none stays."""
        return self.by_name.get(name, name)

    def reviewer(self, reviewer: Reviewer) -> Reviewer:
        """A person under the code; a program or a model keeps its name."""
        return reviewer._replace(name=self.name(reviewer.name)) if reviewer.role in _PEOPLE else reviewer

    def study(self, plan: Study) -> Study:
        """The study's file, with the codes of its reviewers.

        Raises
        ------
        StudyConflict
            Where the consensus rule is neither a rule nor a reviewer; the message has the names.
        """
        if not self:
            return plan
        rule = plan.review.consensus
        if rule not in CONSENSUS_RULES:
            reviewer = Reviewer.from_label(rule)
            if reviewer.role in _PEOPLE and reviewer.name not in self.by_name:
                raise unknown_rule(rule, list(self.by_name))
            rule = self.reviewer(reviewer).label
        review = {"reviewers": self._names(plan.review.reviewers), "consensus": rule}
        return plan.model_copy(update={"review": plan.review.model_copy(update=review)})

    def marks(self, marks: Iterable[Mark]) -> list[Mark]:
        """Marks under the codes of who gave them."""
        if not self:
            return list(marks)
        return [replace(mark, reviewer=self.reviewer(mark.reviewer)) for mark in marks]

    def rows(self, rows: Iterable[SheetRow]) -> list[SheetRow]:
        """Rows of sheets under the codes of those to whom they went."""
        return [replace(row, reviewer=self.reviewer(row.reviewer)) for row in rows]

    def assignment(self, plan: AssignmentPlan | None) -> AssignmentPlan | None:
        """Who marks what, under codes."""
        if plan is None or not self:
            return plan
        return replace(
            plan,
            reviewers=self._names(plan.reviewers),
            seats={question: tuple(map(self._names, seats)) for question, seats in plan.seats.items()},
            further={question: self._names(names) for question, names in plan.further.items()},
            authors={self.name(name): cases for name, cases in plan.authors.items()},
        )

    def exclusions(self, exclusions: Exclusions) -> Exclusions:
        """What is excluded, with the codes of reviewers who decided it."""
        if not self:
            return exclusions
        return Exclusions(
            replace(decision, reason=self.text(decision.reason), decided_by=self.name(decision.decided_by))
            for decision in exclusions.holding
        )

    def responses(self, responses: Sequence[Response]) -> list[Response]:
        """Responses, with the codes of reviewers who decided how they are read."""
        return [
            response
            if response.decision is None
            else replace(
                response, decision=replace(response.decision, decided_by=self.name(response.decision.decided_by))
            )
            for response in responses
        ]

    def text(self, text: str) -> str:
        """A sentence or a file's name in which reviewers are named."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._written[_letters(found.group())], text)

    def _names(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self.name, names))

    @cached_property
    def _written(self) -> dict[str, str]:
        """Codes by the letters of the names."""
        return {_letters(name): code for name, code in self.by_name.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """A whole name, the longest first; between its words may stand what file names have there."""
        names = [name for name in self.by_name if len(_letters(name)) >= _SHORTEST_IN_TEXTS]
        names.sort(key=len, reverse=True)
        alternatives = []
        for name in names:
            words = r"[\W_]*".join(map(re.escape, re.findall(r"[^\W_]+", name)))
            alternatives.append(f"(?i:{words})" if len(_letters(name)) >= _SHORTEST_IN_ANY_CASE else words)
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])") if names else None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def reviewer_codes(plan: Study, assignment: AssignmentPlan | None, marked_by: Iterable[Reviewer]) -> ReviewerCodes:
    """Codes for everyone who marks: in the order of the study file, then of their first marks, then of the plan.

    The order of first marks never changes, while a plan may be made again.

    Parameters
    ----------
    plan : Study
    assignment : AssignmentPlan or None
    marked_by : iterable of Reviewer
        Everyone who ever marked, in the order of their first marks.
    """
    planned = () if assignment is None else assignment.reviewers
    names = (*plan.review.reviewers, *(who.name for who in marked_by if who.role in _PEOPLE), *planned)
    return ReviewerCodes(name for name in names if name != THIRD_PERSON)
