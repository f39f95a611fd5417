"""Options that the analysis commands share; study.toml sets the value of each option that is not given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.literals import ClusterChoice, MarkBasis, QuestionChoice

if TYPE_CHECKING:
    from samp_eval.analysis.scored_study import ScoredStudy, Scores

__all__ = [
    "BasisOption",
    "ClusterOption",
    "ConsensusOption",
    "NamesOption",
    "QuestionsOption",
    "ReferenceOption",
    "TableOption",
    "scored_study",
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


def scored_study(folder: Path, *, consensus: str | None = None, names: bool = True, **analysis: Any) -> ScoredStudy:
    """Read and score a study, and print what stands beside every figure on stderr; without ``names``, in codes.

    Raises ``CannotEstimate`` if it has no responses. Options as in :func:`samp_eval.api.chosen_plan.chosen_plan`.
    """
    from samp_eval.api.chosen_plan import chosen_plan
    from samp_eval.api.loaded_study import load_quietly
    from samp_eval.cli.shared.printing import echo_status

    study = load_quietly(folder, chosen_plan(folder, consensus=consensus, **analysis), echo_status, names=names)
    for sentence in study.notices:
        echo_status(f"{sentence}\n")
    return study.scored


def study_or_table(
    folder: Path, file: Path | None, basis: MarkBasis, *, consensus: str | None, **analysis: Any
) -> Scores:
    """Read the table of ``--table`` if one is given, otherwise the study. Options as in :func:`chosen_plan`."""
    if file is None:
        return scored_study(folder, consensus=consensus, **analysis)
    from samp_eval.analysis.tables.outside_rows import outside_rows
    from samp_eval.analysis.tables.outside_table import outside_scores
    from samp_eval.api.chosen_plan import chosen_plan
    from samp_eval.cli.shared.printing import echo_status

    if consensus is not None:
        raise typer.BadParameter(
            "a table holds scores, not marks, so --consensus does not apply to it", param_hint="--consensus"
        )
    rows = outside_rows(file, echo_status)
    return outside_scores(rows, str(file), basis, chosen_plan(folder, **analysis), echo_status)
