"""The reviewers, and the kind of marks on which the figures are based."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import is_adjudicator, is_automatic

__all__ = ["Reviewer", "automatic_bases", "study_reviewers"]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer, with the number of distinct answers marked on each basis."""

    name: str
    automatic: bool
    adjudicator: bool
    key_marks: int
    judgement_marks: int


def study_reviewers(study: ScoredStudy) -> tuple[Reviewer, ...]:
    """All reviewers who have marked, in the order of their first marks."""
    counts = Counter((mark.reviewer, mark.field) for mark in study.marks)
    return tuple(
        Reviewer(name, is_automatic(name), is_adjudicator(name), counts[name, "key"], counts[name, "judgement"])
        for name in dict.fromkeys(reviewer for reviewer, _ in counts)
    )


def automatic_bases(study: ScoredStudy) -> frozenset[MarkBasis]:
    """Bases without a mark by a person, on which the consensus uses the automatic marks."""
    by_people = {mark.field for mark in study.marks if not is_automatic(mark.reviewer)}
    return frozenset(basis for basis in study.bases if basis not in by_people)
