"""``samp-eval status``: the study at a glance."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.common import JsonOption, StudyOption, existing_study, print_json, print_table, printable, study_bank

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("status")(status)


def status(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Show what is asked, failed, marked and open."""
    from samp_eval.review.study_status import study_status
    from samp_eval.study import load_study

    protocol = dict(enumerate(load_study(study).rounds, start=1))
    with existing_study(study) as store:
        found = study_status(
            study_bank(store),
            protocol,
            list(store.respondents()),
            store.responses(),
            store.failures(),
            store.marks(),
            store.live_batches(),
        )
        deviations = store.deviations()
    if as_json:
        print_json(found.as_json())
        return
    rounds = [(one.respondent, one.round, one.condition, one.planned, one.stored, one.failed) for one in found.rounds]
    print_table(["respondent", "round", "condition", "planned", "stored", "failed"], rounds)
    typer.echo(f"\n{found.lines:,} answer lines count; {found.distinct_answers:,} distinct answers are to be marked.")
    if found.batches:
        batches = [
            (one.respondent, one.batch or "not sent yet", one.status or "", one.asks, one.completed, one.failed)
            for one in found.batches
        ]
        typer.echo("")
        print_table(["respondent", "batch", "status when last looked at", "asks", "answered", "failed"], batches)
    if found.marked:
        marked = [(reviewer, counts["key"], counts["judgement"]) for reviewer, counts in found.marked.items()]
        typer.echo("")
        print_table(["reviewer", "marked by key", "marked by judgement"], marked)
    if deviations:
        typer.echo("\nDone otherwise than planned:")
    for what, noted_at in deviations:
        typer.echo(printable(f"  {noted_at:%Y-%m-%d}  {what}"))
