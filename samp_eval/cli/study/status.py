"""``samp-eval status``: the progress of the study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.printing import print_json, print_table, printable
from samp_eval.cli.shared.reading_notice import print_readings
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.review.status import StudyStatus

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("status")(status)


def status(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Show the progress of the study.

    Shows what has been asked, what failed, what has been marked, the cost, and when the next round is due.
    """
    from datetime import UTC, datetime

    from samp_eval.review.status import study_status
    from samp_eval.run.cost.prices import load_prices
    from samp_eval.study import load_study

    protocol = dict(enumerate(load_study(study).rounds, start=1))
    prices = load_prices(study)
    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        excluded = store.exclusions()
        found = study_status(
            study_bank(store),
            protocol,
            store.respondents(),
            store.responses(),
            store.failures(),
            store.marks(),
            batches=store.live_batches(),
            excluded=excluded,
            draw=store.draw(),
            prices=prices,
            now=datetime.now(UTC),
        )
        deviations, draw = store.deviations(), store.draw()
    if as_json:
        print_json({**found.as_json(), "excluded": [decision.as_json() for decision in excluded.holding]})
        return
    if draw is not None:
        typer.echo(f"{draw.in_words()}.\n")
    _show_rounds(found, prices.as_of, "without what is excluded, " if excluded else "")
    if found.failures:
        typer.echo("\nFailed requests, which the next samp-eval run repeats:")
    for reason, number in found.failures.items():
        typer.echo(printable(f"  {number:,} x {reason}"))
    for failed in found.failed_questions:
        typer.echo(printable(f"  {failed.respondent}, round {failed.round}: {', '.join(failed.questions)}"))
    typer.echo(f"\n{found.lines:,} answer lines count, with {found.distinct_answers:,} distinct answers to mark.")
    print_readings(found.readings)
    if found.batches:
        batches = [
            (
                batch.respondent,
                batch.batch or "not sent yet",
                batch.status or "",
                batch.asks,
                batch.completed,
                batch.failed,
            )
            for batch in found.batches
        ]
        typer.echo("")
        print_table(["respondent", "batch", "last known status", "requests", "answered", "failed"], batches)
    if found.marked:
        marked = [(reviewer, counts["key"], counts["judgement"]) for reviewer, counts in found.marked.items()]
        typer.echo("")
        print_table(["reviewer", "marked by key", "marked by judgement"], marked)
    if excluded:
        typer.echo("\nExcluded from every figure:")
    for decision in excluded.holding:
        typer.echo(printable(f"  {decision.in_words()}: {decision.reason}"))
    if deviations:
        typer.echo("\nDeviations from the plan:")
    for what, noted_at in deviations:
        typer.echo(printable(f"  {noted_at:%Y-%m-%d}  {what}"))


def _show_rounds(found: StudyStatus, prices_of: str, left_out: str) -> None:
    """Print the rounds as a table, their cost, and which of them have to wait."""
    if not found.rounds:
        typer.echo("No respondent has been asked yet.")
        return
    print_table(
        ["respondent", "round", "condition", "planned", "stored", "failed", "tokens", "USD"],
        [
            (
                asked.respondent,
                asked.round,
                asked.condition,
                asked.planned,
                asked.stored,
                asked.failed,
                f"{asked.prompt_tokens + asked.completion_tokens:,}",
                "" if asked.cost_usd is None else f"{asked.cost_usd:.2f}",
            )
            for asked in found.rounds
        ],
    )
    costs = [asked.cost_usd for asked in found.rounds if asked.cost_usd is not None]
    if costs:
        typer.echo(f"\n{sum(costs):.2f} US dollars so far, {left_out}at list prices of {prices_of}.")
    for asked in found.rounds:
        if asked.due:
            when = asked.due.replace("T", " ").replace("+00:00", " UTC")
            on = "on " if when[0].isdecimal() else ""
            typer.echo(printable(f"{asked.respondent}: round {asked.round} is due {on}{when}."))
