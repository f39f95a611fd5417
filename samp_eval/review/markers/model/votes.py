"""What the repeats of a model's marks come to: one vote a repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast, get_args

from samp_eval.literals import MarkBasis
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["ModelMark", "model_marks"]


@dataclass(frozen=True, slots=True)
class ModelMark:
    """The mark on which a model's repeats agree for one answer on one basis.

    Attributes
    ----------
    judge : Reviewer
        Of the role ``model``.
    question_id, answer_id : str
    basis : MarkBasis
    value : str or None
        key: the letter of an entry under the present key, or ``0``; judgement: ``1`` or ``0``. None where as many
        votes credit the answer as do not.
    votes : tuple of (str, int)
        Every value that a repeat gave, with the number of repeats, most first. A failed repeat has no vote.
    """

    judge: Reviewer
    question_id: str
    answer_id: str
    basis: MarkBasis
    value: str | None
    votes: tuple[tuple[str, int], ...]

    @property
    def n_votes(self) -> int:
        """How many repeats gave a mark."""
        return sum(count for _, count in self.votes)

    @property
    def share(self) -> float:
        """The largest share of the votes for one value, above 0 to 1."""
        return self.votes[0][1] / self.n_votes


def model_marks(marks: Iterable[Mark]) -> list[ModelMark]:
    """Put a model's repeats to the vote; several models are never mixed.

    Whether an answer earns is decided before by which entry: two votes for A and B against one for 0 credit it.

    Parameters
    ----------
    marks : iterable of Mark
        Present marks of models on both bases; see :meth:`samp_eval.store.study_store.StudyStore.marks_of_models`.

    Returns
    -------
    list of ModelMark
        One for each model, answer and basis with a mark, in the order in which these first come.
    """
    values: dict[tuple[Reviewer, str, str, MarkBasis], Counter[str]] = {}
    for mark in marks:
        if mark.reviewer.role == "model" and mark.field in get_args(MarkBasis):
            place = mark.reviewer, mark.question_id, mark.answer_id, cast("MarkBasis", mark.field)
            values.setdefault(place, Counter())[mark.value] += 1
    return [
        ModelMark(*place, _voted(counts), tuple(sorted(counts.items(), key=lambda vote: (-vote[1], vote[0]))))
        for place, counts in values.items()
    ]


def _voted(counts: Counter[str]) -> str | None:
    against = counts["0"]
    credited = counts.total() - against
    if credited == against:
        return None
    if credited < against:
        return "0"
    return min((value for value in counts if value != "0"), key=lambda value: (-counts[value], value))
