"""The closing messages of a run in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.printing import counted, echo_status

if TYPE_CHECKING:
    from samp_eval.run.batch.runner import BatchTally
    from samp_eval.run.cost.prices import Budget

__all__ = ["print_batch_summary"]


def print_batch_summary(tally: BatchTally, budget: Budget) -> None:
    """Print what was collected and what is still pending; exit with code 3 if anything is."""
    stored = f"{counted(tally.answered, 'response')} stored, {counted(tally.submitted, 'request')} submitted"
    cost = f", {tally.cost_usd:.2f} US dollars at batch prices of {budget.as_of}" if tally.cost_usd else ""
    echo_status(stored + cost)
    if tally.pending:
        echo_status(
            f"{counted(tally.pending, 'request is', 'requests are')} pending; run the same command again to collect "
            "them, usually within 24 hours"
        )
    if tally.waiting:
        echo_status(f"{counted(tally.waiting, 'request waits', 'requests wait')} for room in the provider's queue")
    if tally.given_up:
        echo_status(
            f"{counted(tally.given_up, 'request has', 'requests have')} failed permanently; submit again with "
            "--retry-failed, or run without --batch"
        )
    if tally.out_of_budget:
        echo_status(f"the next batch might exceed --max-cost {budget.limit_usd:g}; raise the limit to continue")
    if not tally.complete:
        raise typer.Exit(3)
