"""Options that the analysing commands share, each with the study file's word where nothing is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.literals import ClusterChoice, MarkBasis

if TYPE_CHECKING:
    import pandas as pd

    from samp_eval.items.samp import Bank
    from samp_eval.review.marks import Mark
    from samp_eval.run.respondent import Response, ResponseFailure
    from samp_eval.study import ReviewPlan, Study

__all__ = ["BasisOption", "ClusterOption", "ConsensusOption", "ReferenceOption", "StudyRecords", "study_records"]

BasisOption = Annotated[
    MarkBasis, typer.Option("--basis", help="By the answer key, or by the reviewers' own judgement.")
]
ClusterOption = Annotated[
    ClusterChoice | None,
    typer.Option(
        "--cluster",
        help="What is independent of everything else.",
        show_default="the study file's, else question",
    ),
]
ConsensusOption = Annotated[
    str | None,
    typer.Option(
        "--consensus",
        help="adjudicated, both, either, mean, or a reviewer's name.",
        show_default="the study file's, else adjudicated",
    ),
]
ReferenceOption = Annotated[
    str | None, typer.Option("--reference", help="Respondent to compare with.", show_default="the first respondent")
]


@dataclass(frozen=True, slots=True)
class StudyRecords:
    """A study as the analysing commands need it.

    Attributes
    ----------
    plan : Study
    review : ReviewPlan
        The plan's, under the consensus rule that was asked for.
    table : DataFrame
        The long table.
    respondents : list of str
        In order; the first is the reference.
    """

    plan: Study
    review: ReviewPlan
    bank: Bank
    responses: list[Response]
    failures: list[ResponseFailure]
    marks: list[Mark]
    table: pd.DataFrame
    respondents: list[str]


def study_records(folder: Path, consensus: str | None, reference: str | None) -> StudyRecords:
    """Read a stored study and score it."""
    from samp_eval.analysis.study_table import planned_reference, respondents_in_order, study_table
    from samp_eval.cli.common import existing_study, study_bank
    from samp_eval.study import load_study

    plan = load_study(folder)
    review = plan.review.model_copy(update={"consensus": consensus}) if consensus else plan.review
    with existing_study(folder) as store:
        bank, responses, marks = study_bank(store), store.responses(), store.marks()
        table = study_table(bank, responses, marks, review)
        known, failures = list(store.respondents()), store.failures()
    respondents = respondents_in_order(known, reference or planned_reference(plan, known))
    return StudyRecords(plan, review, bank, responses, failures, marks, table, respondents)
