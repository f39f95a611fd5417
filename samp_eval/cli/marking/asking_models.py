"""How models are asked that mark or compare: canaries first, then the rest, until nothing is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import typer

from samp_eval.cli.asking.run_notices import report_pending
from samp_eval.cli.shared.printing import counted, echo_status

if TYPE_CHECKING:
    from samp_eval.run.asking_plan import AskingPlan
    from samp_eval.run.cost.prices import Budget
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import RespondentSettings

__all__ = ["ask_models", "ask_models_in_batches"]

Plan = TypeVar("Plan", bound="AskingPlan")


def ask_models(store: StudyStore, ready: Callable[[], Plan], what: Callable[[Plan], str], budget: Budget) -> bool:
    """Ask what is missing, and what is missing after that; whether something is left.

    Parameters
    ----------
    ready : callable
        Works out what is missing, and writes down what the replies are read by.
    what : callable
        What is asked now, such as ``marking canaries``.
    """
    from samp_eval.cli.shared.progress_display import run_progress
    from samp_eval.run.study_run import run_study

    with store.run_lock(echo_status):
        plan = ready()
        while True:
            missing = _missing(plan)
            if missing:
                echo_status(f"{what(plan)}: {counted(missing, 'request')} to go")
            with run_progress(missing, budget) as progress:
                tally = run_study(plan, store.of_judges(), budget=budget, progress=progress, notify=echo_status)
            if tally.out_of_budget:
                echo_status(f"stopped: the next request could exceed --max-cost {budget.limit_usd:g}; raise the limit")
            if tally.failed or tally.out_of_budget:
                return True
            plan = ready()
            if not _missing(plan):
                break
        return report_pending(plan) > 0


def ask_models_in_batches(
    store: StudyStore,
    ready: Callable[[], AskingPlan],
    judges: Sequence[RespondentSettings],
    budget: Budget,
    *,
    wait: bool,
    cancel: bool,
) -> bool:
    """Collect and submit batches; whether something is left."""
    from samp_eval.cli.asking.batch_summary import print_batch_summary
    from samp_eval.run.batch.runner import check_batches, run_batches

    check_batches(judges)
    tally = run_batches(
        ready,
        store.of_judges(),
        run_lock=lambda: store.run_lock(echo_status),
        protocol=None,
        budget=budget,
        wait=wait,
        cancel=cancel,
        notify=echo_status,
    )
    try:
        print_batch_summary(tally, budget)
    except typer.Exit:
        return True
    return False


def _missing(plan: AskingPlan) -> int:
    return sum(respondent.missing for respondent in plan.respondents)
