"""Options that the analysis commands share; study.toml sets the value of each option that is not given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.literals import ClusterChoice, MarkBasis, QuestionChoice

if TYPE_CHECKING:
    from samp_eval.analysis.scored_study import ScoredStudy, Scores
    from samp_eval.review.marks import Mark
    from samp_eval.review.reviewer_codes import ReviewerCodes
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import Study

__all__ = [
    "BasisOption",
    "ClusterOption",
    "ConsensusOption",
    "NamesOption",
    "QuestionsOption",
    "ReferenceOption",
    "TableOption",
    "chosen_plan",
    "scored_study",
    "stored_codes",
    "stored_study",
    "study_or_table",
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
QuestionsOption = Annotated[
    QuestionChoice | None,
    typer.Option(
        "--questions",
        help="Questions of a comparison: those that both sides answered (common), or all that each answered.",
        show_default="study.toml, or common",
    ),
]
NamesOption = Annotated[
    bool, typer.Option("--names", help="Write the reviewers' names instead of the codes R1, R2 and so on.")
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Analyse a table instead of a study: CSV or XLSX with question_id, respondent, round and score.",
    ),
]


def chosen_plan(folder: Path, *, consensus: str | None = None, **analysis: Any) -> Study:
    """The plan of the study file, with the options of the command line for the consensus and the analysis."""
    from samp_eval.study import load_study

    plan = load_study(folder)
    review = plan.review.model_copy(update={"consensus": consensus} if consensus else {})
    chosen = {name: value for name, value in analysis.items() if value not in (None, "")}
    return plan.model_copy(update={"review": review, "analysis": plan.analysis.model_copy(update=chosen)})


def stored_study(
    store: StudyStore, plan: Study, marks: Sequence[Mark], codes: ReviewerCodes | None = None
) -> ScoredStudy:
    """Score the study in an open store, under the codes of its reviewers where they are given."""
    from samp_eval.analysis.scored_study import score_study
    from samp_eval.cli.shared.study_options import study_bank
    from samp_eval.review.reviewer_codes import ReviewerCodes

    codes = codes or ReviewerCodes()
    return score_study(
        codes.study(plan),
        study_bank(store),
        codes.responses(store.responses()),
        store.failures(),
        codes.marks(marks),
        list(store.respondents()),
        codes.exclusions(store.exclusions()),
        codes.assignment(store.assignment_plan()),
        store.draw(),
        store.marks_of_models(),
    )


def stored_codes(store: StudyStore, plan: Study, history: Sequence[Mark], *, names: bool) -> ReviewerCodes:
    """The codes of the reviewers, said on stderr to whoever writes for others; none where the names are wanted."""
    from samp_eval.cli.shared.printing import echo_status
    from samp_eval.review.reviewer_codes import ReviewerCodes, reviewer_codes

    codes = ReviewerCodes() if names else reviewer_codes(plan, store.assignment_plan(), history)
    if codes:
        said = ", ".join(f"{code} is {name}" for name, code in codes.by_name.items())
        echo_status(f"reviewers have codes: {said}; --names writes the names")
    return codes


def scored_study(folder: Path, *, consensus: str | None = None, names: bool = True, **analysis: Any) -> ScoredStudy:
    """Read and score a study; raises ``CannotEstimate`` if it has no responses. Options as in :func:`chosen_plan`.

    Without ``names``, reviewers have codes.
    """
    from samp_eval.analysis.waiting import waiting_sentences
    from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
    from samp_eval.cli.shared.draw_notice import warn_of_draw
    from samp_eval.cli.shared.printing import echo_status
    from samp_eval.cli.shared.study_options import existing_study
    from samp_eval.errors import CannotEstimate

    plan = chosen_plan(folder, consensus=consensus, **analysis)
    with existing_study(folder) as store:
        warn_if_bank_differs(folder, store)
        warn_of_draw(store)
        codes = None if names else stored_codes(store, plan, store.mark_history(), names=False)
        study = stored_study(store, plan, store.marks(), codes)
    if not study.responses:
        raise CannotEstimate("the study has no responses yet; run samp-eval run or samp-eval responses import")
    for sentence in waiting_sentences(study.waiting):
        echo_status(sentence)
    return study


def study_or_table(
    folder: Path, file: Path | None, basis: MarkBasis, *, consensus: str | None, **analysis: Any
) -> Scores:
    """Read the table of ``--table`` if one is given, otherwise the study. Options as in :func:`chosen_plan`."""
    if file is None:
        return scored_study(folder, consensus=consensus, **analysis)
    from samp_eval.analysis.outside_table import outside_scores
    from samp_eval.cli.shared.printing import echo_status
    from samp_eval.errors import Fault, FaultySheet
    from samp_eval.review.sheets.sheet_files import read_sheet_rows
    from samp_eval.spreadsheet_cells import plain

    if consensus is not None:
        raise typer.BadParameter(
            "a table holds scores, not marks, so --consensus does not apply to it", param_hint="--consensus"
        )
    if not file.is_file():
        raise FaultySheet([Fault(str(file), "", "there is no such file")])
    plan = chosen_plan(folder, **analysis)
    rows = [[plain(cell) for cell in row] for row in read_sheet_rows(file, echo_status)]
    return outside_scores(rows, str(file), basis, plan, echo_status)
