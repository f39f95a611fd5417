"""Options that the analysis commands share; study.toml sets the value of each option that is not given."""

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

__all__ = [
    "BasisOption",
    "ClusterOption",
    "ConsensusOption",
    "Records",
    "ReferenceOption",
    "ScoredStudy",
    "TableOption",
    "scored_study",
    "scored_study_or_table",
]

BasisOption = Annotated[
    MarkBasis, typer.Option("--basis", help="Marks by the answer key, or by the reviewers' own judgement.")
]
ClusterOption = Annotated[
    ClusterChoice | None,
    typer.Option(
        "--cluster",
        help="Responses that form a cluster; clusters are independent of each other.",
        show_default="study.toml, or question",
    ),
]
ConsensusOption = Annotated[
    str | None,
    typer.Option(
        "--consensus",
        metavar="RULE",
        help="How two marks become one: adjudicated, both, either, mean, or a reviewer's name.",
        show_default="study.toml, or adjudicated",
    ),
]
ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="NAME",
        help="Respondent to compare with.",
        show_default="study.toml, or the first respondent",
    ),
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Analyse a table instead of a study: CSV or XLSX with question_id, respondent, round and score.",
    ),
]


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a study's store."""

    bank: Bank
    responses: list[Response]
    failures: list[ResponseFailure]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class ScoredStudy:
    """A study, or an external table, as the analysis commands need it.

    Attributes
    ----------
    plan : Study
    review : ReviewPlan
        The review plan, with the requested consensus rule.
    table : DataFrame
        The long table.
    respondents : list of str
        In order; the first is the reference.
    failed : DataFrame
        A row with the same columns for each failed response; the table has none of them.
    records : Records or None
        None for an external table.
    """

    plan: Study
    review: ReviewPlan
    table: pd.DataFrame
    respondents: list[str]
    failed: pd.DataFrame
    records: Records | None


def scored_study(folder: Path, consensus: str | None, reference: str | None) -> tuple[ScoredStudy, Records]:
    """Read a stored study and score it; raises ``CannotEstimate`` if it has no response."""
    from samp_eval.analysis.failures import failure_rows
    from samp_eval.analysis.study_table import bases_marked, planned_reference, respondents_in_order, study_table
    from samp_eval.cli.shared.study_options import existing_study, study_bank
    from samp_eval.errors import CannotEstimate
    from samp_eval.study import load_study

    plan = load_study(folder)
    review = plan.review.model_copy(update={"consensus": consensus}) if consensus else plan.review
    with existing_study(folder) as store:
        records = Records(study_bank(store), store.responses(), store.failures(), store.marks())
        known = list(store.respondents())
    if not records.responses:
        raise CannotEstimate("the study has no responses yet; run samp-eval run or samp-eval responses import")
    table = study_table(records.bank, records.responses, records.marks, review)
    respondents = respondents_in_order(known, reference or planned_reference(plan, known))
    failed = failure_rows(records.failures, records.bank, bases_marked(records.marks))
    return ScoredStudy(plan, review, table, respondents, failed, records), records


def scored_study_or_table(
    folder: Path, file: Path | None, basis: MarkBasis, consensus: str | None, reference: str | None
) -> ScoredStudy:
    """Read an external table if one is given, otherwise the stored study."""
    from samp_eval.analysis.outside_table import outside_table
    from samp_eval.analysis.study_table import planned_reference, respondents_in_order
    from samp_eval.errors import CannotEstimate, Fault, FaultySheet
    from samp_eval.review.sheets.sheet_files import read_sheet_rows
    from samp_eval.spreadsheet_cells import plain
    from samp_eval.study import load_study

    if file is None:
        return scored_study(folder, consensus, reference)[0]
    if consensus is not None:
        raise typer.BadParameter(
            "a table holds scores, not marks, so --consensus does not apply to it", param_hint="--consensus"
        )
    if not file.is_file():
        raise FaultySheet([Fault(str(file), "", "there is no such file")])
    plan = load_study(folder)
    rows = [[plain(cell) for cell in row] for row in read_sheet_rows(file)]
    table = outside_table(rows, str(file), basis)
    known = list(dict.fromkeys(table["respondent"]))
    respondents = respondents_in_order(known, reference or planned_reference(plan, known))
    empty = table["score_percent"].isna()
    if empty.all():
        raise CannotEstimate(f"no row of {file} has a score")
    return ScoredStudy(plan, plan.review, table[~empty], respondents, table[empty], None)
