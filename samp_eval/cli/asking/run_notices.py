"""What is said of requests that a run does not send: of later rounds, pending batches and excluded respondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.cli.shared.printing import counted, echo_status

if TYPE_CHECKING:
    from samp_eval.run.asking_plan import AskingPlan

__all__ = ["report_pending", "report_waiting"]


def report_waiting(plan: AskingPlan) -> None:
    """Print who is excluded, which rounds are not due yet, and when they will be."""
    for respondent in plan.respondents:
        if respondent.excluded:
            echo_status(
                f"{respondent.settings.id} is excluded and is not asked; samp-eval include respondent undoes it"
            )
        for waiting in respondent.waiting:
            when = f"on {waiting.due:%Y-%m-%d %H:%M} UTC" if waiting.due else "some days after the first round"
            echo_status(f"{respondent.settings.id}: round {waiting.round} is due {when}; run the same command then")


def report_pending(plan: AskingPlan) -> int:
    """Print how many requests a batch holds and how to collect or release them; return their number."""
    for respondent in plan.respondents:
        if respondent.pending:
            requests = counted(len(respondent.pending), "request is", "requests are")
            echo_status(
                f"{respondent.settings.id}: {requests} pending in a batch and will not be repeated; collect with "
                "--batch, or release with --batch --cancel"
            )
    return sum(len(respondent.pending) for respondent in plan.respondents)
