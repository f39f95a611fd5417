"""The reviewers, and the kind of marks on which the figures are based."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis

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
        Reviewer(
            who.label, who.role == "automatic", who.role == "adjudicator", counts[who, "key"], counts[who, "judgement"]
        )
        for who in dict.fromkeys(reviewer for reviewer, _ in counts)
    )


def automatic_bases(study: ScoredStudy) -> frozenset[MarkBasis]:
    """Bases without a mark by a person, on which the consensus uses the automatic marks."""
    by_people = {mark.field for mark in study.marks if mark.reviewer.role != "automatic"}
    return frozenset(basis for basis in study.bases if basis not in by_people)
