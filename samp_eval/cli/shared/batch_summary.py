"""How a run in batches says what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.study_options import counted, echo_status

if TYPE_CHECKING:
    from samp_eval.run.batch.batch_run import BatchTally

__all__ = ["conclude_batches"]


def conclude_batches(tally: BatchTally, max_cost: float | None) -> None:
    """Say what was collected and what there is to come back for; exit 3 where there is something."""
    said = f"{counted(tally.answered, 'response')} stored, {counted(tally.submitted, 'ask')} submitted"
    echo_status(f"{said}, {tally.cost_usd:.2f} US dollars at the prices of batches" if tally.cost_usd else said)
    if tally.pending:
        echo_status(
            f"{counted(tally.pending, 'ask is', 'asks are')} pending; run the same command again to collect, within 24 "
            "hours as a rule"
        )
    if tally.waiting:
        echo_status(f"{counted(tally.waiting, 'ask waits', 'asks wait')} for room in the provider's queue")
    if tally.given_up:
        echo_status(
            f"{counted(tally.given_up, 'ask has', 'asks have')} failed for good; submit again with --retry-failed, "
            "or run without --batch"
        )
    if tally.out_of_budget:
        echo_status(f"more might cost more than --max-cost {max_cost:g}; a larger one goes on from here")
    if not tally.complete:
        raise typer.Exit(3)
