"""What ``samp-eval exclude`` and ``samp-eval include`` have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import counted, echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.literals import ExclusionKind

__all__ = ["exclusion_group"]

ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the report prints it.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided it; the report prints it.")]
QuestionArgument = Annotated[str, typer.Argument(metavar="QUESTION", help="Id of the question.")]
RespondentArgument = Annotated[str, typer.Argument(metavar="RESPONDENT", help="Name of the respondent.")]
RoundArgument = Annotated[int, typer.Argument(metavar="ROUND", min=1, help="Number of the round.")]


def exclusion_group(*, exclude: bool) -> typer.Typer:
    """The commands for a question, a respondent and a response, and the list."""
    does = "Take out of every figure" if exclude else "Take into the figures again"
    group = typer.Typer(no_args_is_help=True, help=f"{does}: a question, a respondent or a response.")

    def question(
        question_id: QuestionArgument, study: StudyOption = Path(), reason: ReasonOption = "", by: ByOption = ""
    ) -> None:
        _decide(study, "question", question_id, None, None, exclude=exclude, reason=reason, by=by)

    def respondent(
        name: RespondentArgument, study: StudyOption = Path(), reason: ReasonOption = "", by: ByOption = ""
    ) -> None:
        _decide(study, "respondent", None, name, None, exclude=exclude, reason=reason, by=by)

    def response(
        question_id: QuestionArgument,
        name: RespondentArgument,
        round_number: RoundArgument,
        study: StudyOption = Path(),
        reason: ReasonOption = "",
        by: ByOption = "",
    ) -> None:
        _decide(study, "response", question_id, name, round_number, exclude=exclude, reason=reason, by=by)

    verb = "Exclude" if exclude else "Include again"
    for command, what in ((question, "a question"), (respondent, "a respondent"), (response, "a single response")):
        group.command(command.__name__, help=f"{verb} {what}.")(command)
    group.command("list")(list_exclusions)
    return group


def list_exclusions(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """List what is excluded now, with the reasons."""
    with existing_study(study) as store:
        holding = store.exclusions().holding
    if as_json:
        print_json([decision.as_json() for decision in holding])
        return
    if not holding:
        typer.echo("Nothing is excluded.")
        return
    rows = [
        (decision.in_words(), decision.reason, decision.decided_by, f"{decision.decided_at:%Y-%m-%d}")
        for decision in holding
    ]
    print_table(["excluded", "reason", "decided by", "on"], rows)


def _decide(
    folder: Path,
    kind: ExclusionKind,
    question_id: str | None,
    respondent: str | None,
    round_number: int | None,
    *,
    exclude: bool,
    reason: str,
    by: str,
) -> None:
    from samp_eval.analysis.scored_study import in_planned_order
    from samp_eval.errors import StudyConflict
    from samp_eval.review.exclusions import Decision, check_decision
    from samp_eval.study import load_study

    if not reason.strip():
        raise StudyConflict("a decision on what counts needs its reason, which the report prints: --reason TEXT")
    decision = Decision(
        kind, question_id, respondent, round_number, exclude, reason.strip(), by.strip(), datetime.now(UTC)
    )
    with existing_study(folder) as store:
        responses, respondents, held = store.responses(), store.respondents(), store.exclusions()
        reference = None
        if exclude and kind == "respondent":
            reference = next(iter(in_planned_order(held.respondents(respondents), load_study(folder))), None)
        check_decision(decision, held, study_bank(store), responses, respondents, reference)
        store.decide(decision)
        left = len(store.exclusions().counting(responses))
    echo_status(
        f"{decision.in_words()} is {'excluded' if exclude else 'included again'}; "
        f"{counted(left, 'response')} of {len(responses):,} in the figures"
    )
