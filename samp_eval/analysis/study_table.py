"""From a study's records to its long table: consensus, scores, one row per response and basis."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from samp_eval.analysis.frame import long_table
from samp_eval.analysis.score import CountedLines, counted_lines, scores
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.run.respondent import Response
from samp_eval.study import ReviewPlan, Study

__all__ = ["agreed_marks", "bases_marked", "planned_reference", "respondents_in_order", "study_table"]


def bases_marked(marks: Sequence[Mark]) -> list[MarkBasis]:
    """The bases on which anybody has marked anything."""
    found = {mark.field for mark in marks}
    bases: tuple[MarkBasis, ...] = ("key", "judgement")
    return [basis for basis in bases if basis in found]


def study_table(bank: Bank, responses: Sequence[Response], marks: Sequence[Mark], review: ReviewPlan) -> pd.DataFrame:
    """The long table of a study, for every basis that was marked."""
    lines = counted_lines(bank, responses)
    return long_table(
        lines, {basis: scores(lines, agreed, basis) for basis, agreed in agreed_marks(lines, marks, review).items()}
    )


def agreed_marks(
    lines: CountedLines, marks: Sequence[Mark], review: ReviewPlan, gathered: GatheredMarks | None = None
) -> dict[MarkBasis, list[ConsensusMark]]:
    """What the marks come to under the planned consensus, on every basis that was marked.

    Parameters
    ----------
    lines : CountedLines
    marks : sequence of Mark
        The present ones.
    review : ReviewPlan
    gathered : GatheredMarks, optional
        Those marks, where they have been gathered already.
    """
    gathered = gathered or GatheredMarks(marks)
    together = lines.together(gathered.answer_ids)
    return {
        basis: gathered.consensus(basis, review.consensus, review.reviewers, together) for basis in bases_marked(marks)
    }


def respondents_in_order(known: Sequence[str], reference: str | None) -> list[str]:
    """Respondents with the reference first; raises ``StudyConflict`` where the reference is not among them."""
    if reference is None:
        return list(known)
    if reference not in known:
        raise StudyConflict(f"the reference {reference!r} is not a respondent of this study; it has {', '.join(known)}")
    return [reference, *(one for one in known if one != reference)]


def planned_reference(study: Study, known: Sequence[str]) -> str | None:
    """Whom the others are compared with: the plan's reference, else the study file's first respondent; else None."""
    if study.analysis.reference is not None:
        return study.analysis.reference
    return next((one.id for one in study.respondents if one.id in known), None)
