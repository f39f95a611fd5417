"""``samp-eval amend``: take a corrected bank into a study that is under way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, printable
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.analysis.score_changes import ScoreChanges
    from samp_eval.literals import MarkBasis
    from samp_eval.review.amendments.amendment import Amendment
    from samp_eval.review.amendments.entry_matching import EntryMap
    from samp_eval.run.respondent import Response
    from samp_eval.store.study_store import StudyStore

__all__ = ["register"]

_MAP = re.compile(r"(?P<question>[^:\s]+):(?P<old>[A-Z]+)=(?P<new>[A-Z]+|-)")


def register(app: typer.Typer) -> None:
    """Attach the command group."""
    group = typer.Typer(no_args_is_help=True, help="Change the bank of a study that is under way.")
    group.callback()(lambda: None)  # with one command alone, typer would take the group for the command
    group.command("key")(key)
    app.add_typer(group, name="amend")


def key(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help="The corrected bank.", show_default="the study's bank on disk"),
    ] = None,
    study: StudyOption = Path(),
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; the report prints it.", show_default=False)
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided it; the report prints it.")] = "",
    entry_map: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="QUESTION:OLD=NEW",
            help="The entry with the letter OLD is the one with the letter NEW now, and keeps its marks; - for an "
            "entry that is gone. Repeat for several.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a corrected bank into the study.

    Marks stay with the entries of the key that they name. Marks that the correction touches are reopened. A question
    that respondents would read differently is another question: its responses leave the study until it is asked again.
    """
    from samp_eval.errors import StudyConflict

    if not dry_run and not reason.strip():
        raise StudyConflict("an amendment needs its reason, which the report prints: --reason TEXT")
    maps = _maps(entry_map or [])
    with existing_study(study) as store:
        if dry_run:
            amendment, shown = _plan(store, study, path, maps)
        else:
            with store.run_lock(echo_status):
                amendment, shown = _plan(store, study, path, maps)
                store.amend_bank(amendment, _deviation(amendment, reason.strip(), by.strip()))
    if as_json:
        print_json({"dry_run": dry_run, **shown})
    else:
        _print(shown, dry_run=dry_run)


def _maps(given: Sequence[str]) -> list[EntryMap]:
    from samp_eval.review.amendments.entry_matching import EntryMap

    maps = []
    for text in given:
        found = _MAP.fullmatch(text.strip())
        if found is None:
            raise typer.BadParameter(f"{text!r} is not of the form QUESTION:OLD=NEW", param_hint="--map")
        maps.append(EntryMap(found["question"], found["old"], found["new"]))
    return maps


def _plan(
    store: StudyStore, folder: Path, path: Path | None, maps: Sequence[EntryMap]
) -> tuple[Amendment, dict[str, Any]]:
    from samp_eval.errors import StudyConflict
    from samp_eval.items.load import load_bank
    from samp_eval.review.amendments.amendment import plan_amendment
    from samp_eval.review.amendments.bank_on_disk import bank_on_disk

    held = study_bank(store)
    corrected = load_bank(bank_on_disk(folder, path, held), echo_status)
    if corrected.sha256 == held.sha256:
        raise StudyConflict(f"{corrected.location} is the study's bank already ({held.sha256[:8]}); nothing to amend")
    amendment = plan_amendment(store.key_history(), corrected, maps, store.marks_as_given())
    _refuse_pending(store, amendment)
    responses = store.responses()
    return amendment, _shown(amendment, responses, _score_changes(store, folder, amendment, responses))


def _refuse_pending(store: StudyStore, amendment: Amendment) -> None:
    """A batch asks a question as it was; its answers would be taken for answers to what it has become."""
    from samp_eval.errors import StudyConflict

    changed = set(amendment.changed_questions)
    pending = {question for name in store.respondents() for question, _ in store.pending(name)} & changed
    if pending:
        raise StudyConflict(
            f"a batch is asking {', '.join(sorted(pending))}, which would read differently; collect it with samp-eval "
            "run --batch, or give it up with --cancel, and amend then"
        )


def _deviation(amendment: Amendment, reason: str, by: str) -> str:
    """What the report says of it: reason, who, both hashes, and what was touched."""
    before, after = amendment.before.present.bank, amendment.after.present.bank
    parts = [f"Amendment {after.version - 1} of the bank ({before.sha256[:8]} to {after.sha256[:8]})"]
    parts[0] += f" by {by}: {reason}" if by else f": {reason}"
    named = {
        "key": "The key was corrected of",
        "another question": "Another question now, asked again:",
        "added": "New:",
    }
    for kind, words in named.items():
        questions = [change.question_id for change in amendment.changes if change.kind == kind]
        parts += [f"{words} {', '.join(questions)}"] if questions else []
    people = [mark for mark in amendment.reopened if mark.reviewer.role != "automatic"]
    if people:
        reviewers = len({mark.reviewer for mark in people})
        parts.append(f"{counted(len(people), 'mark')} of {counted(reviewers, 'person', 'people')} reopened")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _score_changes(
    store: StudyStore, folder: Path, amendment: Amendment, responses: Sequence[Response]
) -> dict[MarkBasis, ScoreChanges]:
    from samp_eval.analysis.score_changes import score_changes
    from samp_eval.analysis.scored_study import score_study
    from samp_eval.review.amendments.amendment import latest_given
    from samp_eval.study import load_study

    plan, asked, failures = load_study(folder), list(store.respondents()), store.failures()
    kept = [response for response in responses if response.ask.question_id not in amendment.changed_questions]
    given = list(latest_given(store.marks_as_given()))
    before, after = (
        score_study(
            plan,
            keys.present.bank,
            kept,
            failures,
            [mark for mark in map(keys.today, given) if mark.value],
            asked,
            assignment=store.assignment_plan(),
        )
        for keys in (amendment.before, amendment.after)
    )
    return score_changes(before, after)


def _shown(
    amendment: Amendment, responses: Sequence[Response], scores: dict[MarkBasis, ScoreChanges]
) -> dict[str, Any]:
    """The fields of the JSON."""
    reopened = [mark for mark in amendment.reopened if mark.reviewer.role != "automatic"]
    automatic = len(amendment.reopened) - len(reopened)
    marks = Counter(mark.question_id for mark in reopened)
    answers = {mark.question_id: set[str]() for mark in reopened}
    for mark in reopened:
        answers[mark.question_id].add(mark.answer_id)
    stale = Counter(
        response.ask.question_id for response in responses if response.ask.question_id in amendment.changed_questions
    )
    return {
        "before": amendment.before.present.bank.sha256,
        "after": amendment.after.present.bank.sha256,
        "questions": [
            {
                "question_id": change.question_id,
                "change": change.kind,
                "details": list(change.details),
                "reopened_marks": marks[change.question_id],
                "reopened_answers": len(answers.get(change.question_id, ())),
                "stale_responses": stale[change.question_id],
            }
            for change in amendment.changes
        ],
        "reopened_marks": dict(Counter(mark.reviewer.label for mark in reopened)),
        "returning_marks": dict(Counter(mark.reviewer.label for mark in amendment.returning)),
        "automatic_marks": automatic,
        "stale_responses": sum(stale.values()),
        "scores": {basis: as_mapping(found) for basis, found in scores.items()},
    }


def _print(shown: dict[str, Any], *, dry_run: bool) -> None:
    for question in shown["questions"]:
        typer.echo(f"{question['question_id']} ({question['change']})")
        for detail in question["details"]:
            typer.echo(printable(f"  {detail}"))
        if question["reopened_marks"]:
            marks, answers = (
                counted(question["reopened_marks"], "mark"),
                counted(question["reopened_answers"], "answer"),
            )
            typer.echo(f"  {marks} of {answers} reopened")
        if question["stale_responses"]:
            typer.echo(f"  {counted(question['stale_responses'], 'response')} out of the study until it is asked again")
    for name, number in shown["reopened_marks"].items():
        typer.echo(f"{name}: {counted(number, 'mark')} reopened; samp-eval review export --reopened writes the sheet")
    for name, number in shown["returning_marks"].items():
        typer.echo(f"{name}: {counted(number, 'mark counts', 'marks count')} again")
    if shown["automatic_marks"]:
        typer.echo(f"{counted(shown['automatic_marks'], 'automatic mark')} no longer counted; run samp-eval mark again")
    if shown["stale_responses"]:
        typer.echo("samp-eval run asks the changed questions again.")
    for basis, scores in shown["scores"].items():
        typer.echo(
            f"{basis}: {counted(scores['changed'], 'response')} with another score, {scores['opened']:,} without a "
            f"score until marked, {scores['closed']:,} with a score that had none"
        )
    if not shown["questions"]:
        typer.echo("Nothing changes that a mark or a response rests on.")
    if dry_run:
        echo_status("This was a dry run: nothing was changed.")
