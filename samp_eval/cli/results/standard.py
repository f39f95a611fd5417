"""``samp-eval standard``: a pass mark by standard setting, and who is how probably at or above it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import BasisOption
from samp_eval.cli.shared.printing import echo_status, print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.literals import MarkBasis, StandardMethod

if TYPE_CHECKING:
    from samp_eval.analysis.standard.candidate_mark import CandidateChoices
    from samp_eval.analysis.standard.pass_mark import PassMark
    from samp_eval.analysis.standard.passing import Passing
    from samp_eval.statistics.not_estimated import NotEstimated
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import Study

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("standard")(standard)


def standard(
    study: StudyOption = Path(),
    method: Annotated[
        StandardMethod,
        typer.Option("--method", help="angoff: from the experts' sheets; the others need 30 human candidates or more."),
    ] = "angoff",
    basis: BasisOption = "key",
    review: Annotated[
        Path | None,
        typer.Option(
            "--review",
            metavar="DIR",
            help="For angoff: the study folder in which experts reviewed the same bank.",
            show_default="this study",
        ),
    ] = None,
    candidates: Annotated[
        Path | None,
        typer.Option(
            "--candidates",
            metavar="FILE",
            help="Human candidates, one in a row: score (percent) and, for the borderline methods, rating.",
        ),
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(
            "--limits",
            metavar="FILE",
            help="For hofstee, one expert in a row: lowest_mark, highest_mark, lowest_fail_rate, highest_fail_rate.",
        ),
    ] = None,
    borderline: Annotated[
        float | None, typer.Option("--borderline", metavar="RATING", help="The global rating that means borderline.")
    ] = None,
    guessed: Annotated[
        float, typer.Option("--guessed", min=0, max=100, metavar="SCORE", help="For cohen: score by guessing, percent.")
    ] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Set a pass mark, and show how probably each respondent is at or above it.

    The mark is kept with the study; pass_mark = "angoff" in study.toml names it for the analysis and the report.
    """
    from samp_eval.analysis.standard.candidate_mark import CandidateChoices
    from samp_eval.analysis.standard.passing import passing_as_json
    from samp_eval.study import load_study

    plan = load_study(study)
    choices = CandidateChoices(candidates, limits, borderline, guessed, plan.seed)
    with existing_study(study) as store:
        mark = _mark(store, method, choices, review)
        store.keep_pass_mark(mark)
        found = _passing(store, plan, basis, mark)
    if as_json:
        print_json({**mark.as_json(), "basis": basis, "respondents": passing_as_json(found)})
        return
    _print(mark, basis, found)


def _mark(store: StudyStore, method: StandardMethod, choices: CandidateChoices, reviewed_in: Path | None) -> PassMark:
    from samp_eval.analysis.standard.angoff_mark import angoff_pass_mark
    from samp_eval.analysis.standard.candidate_mark import candidate_pass_mark
    from samp_eval.cli.shared.study_options import study_bank
    from samp_eval.errors import StudyConflict
    from samp_eval.review.bank.review_rows import bank_review

    if method != "angoff":
        return candidate_pass_mark(method, choices, datetime.now(UTC), echo_status)
    if choices.candidates is not None or choices.limits is not None:
        raise typer.BadParameter("angoff rests on the experts' sheets alone", param_hint="--method")
    bank = study_bank(store)
    with existing_study(reviewed_in) if reviewed_in is not None else nullcontext(store) as other:
        reviewed = study_bank(other)
        if reviewed.sha256 != bank.sha256:
            raise StudyConflict(
                f"the bank that was reviewed in {reviewed_in} differs from this study's; samp-eval amend key takes a "
                "corrected bank into a study"
            )
        review = bank_review(other.key_history(), reviewed, other.bank_review_rows(), other.bank_ratings())
    return angoff_pass_mark(review, datetime.now(UTC))


def _passing(store: StudyStore, plan: Study, basis: MarkBasis, mark: PassMark) -> dict[str, Passing | NotEstimated]:
    """Empty where the study has no marks on the basis."""
    from samp_eval.analysis.standard.passing import passing
    from samp_eval.api.loaded_study import stored_study

    if not store.respondents():
        return {}
    scored = stored_study(store, plan, store.marks())
    return passing(scored, basis, mark) if basis in scored.bases else {}


def _print(mark: PassMark, basis: MarkBasis, found: dict[str, Passing | NotEstimated]) -> None:
    from samp_eval.report.prose.pass_mark_sentences import pass_mark_sentence
    from samp_eval.report.tables.bank.pass_mark import panel_table, passing_table

    typer.echo(pass_mark_sentence(mark))
    typer.echo("")
    if mark.experts:
        print_report_table(panel_table(mark))
    if found:
        print_report_table(passing_table(found, basis, mark))
    else:
        echo_status(f"no respondent has marks on the {basis} basis in this study")
