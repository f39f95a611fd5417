"""``samp-eval run``: ask the models for the responses that are missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.asking import asking_options as asking
from samp_eval.cli.asking.asking_options import (
    budget_for,
    check_batch_options,
    check_keys,
    given_only,
    parse_concurrency,
)
from samp_eval.cli.asking.run_notices import report_pending, report_waiting
from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.printing import counted, echo_status, print_table
from samp_eval.cli.shared.study_options import StudyOption

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank
    from samp_eval.run.cost.prices import Budget
    from samp_eval.run.execute import RunTally
    from samp_eval.run.plan import RunPlan
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import RespondentSettings, Study

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("run")(run)


@dataclass(frozen=True, slots=True)
class _RunOptions:
    """The options of the command, resolved against the study file."""

    folder: Path
    study: Study
    bank: Bank
    respondents: list[RespondentSettings]
    n_rounds: int | None
    limit: int | None
    only_failed: bool
    ignore_intervals: bool
    max_cost: float | None
    batch: bool = False


def run(
    folder: StudyOption = Path(),
    model: asking.ModelsOption = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the respondent.", show_default="the model's name")
    ] = None,
    items: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Bank of questions: a folder or a file.",
            show_default="study.toml, or the bundled bank",
        ),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Ask only the first N rounds of the protocol.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Ask only the first N questions of the bank.")
    ] = None,
    base_url: asking.BaseUrlOption = None,
    endpoint: asking.EndpointOption = None,
    api_key_env: asking.ApiKeyEnvOption = None,
    temperature: asking.TemperatureOption = None,
    top_p: asking.TopPOption = None,
    max_tokens: asking.MaxTokensOption = None,
    seed: asking.SeedOption = None,
    reasoning_effort: asking.ReasoningEffortOption = None,
    concurrency: asking.ConcurrencyOption = None,
    requests_per_minute: asking.RequestsPerMinuteOption = None,
    tokens_per_minute: asking.TokensPerMinuteOption = None,
    timeout: asking.TimeoutOption = None,
    trust: asking.TrustOption = False,
    trust_variable: asking.TrustVariableOption = None,
    dry_run: asking.DryRunOption = False,
    max_cost: asking.MaxCostOption = None,
    retry_failed: asking.RetryFailedOption = False,
    ignore_intervals: Annotated[
        bool, typer.Option("--ignore-intervals", help="Ask rounds before they are due, and record this as a deviation.")
    ] = False,
    batch: asking.BatchOption = False,
    wait: asking.WaitOption = False,
    cancel: asking.CancelOption = False,
) -> None:
    """Ask the models every question in every round.

    Stores each response as it arrives. When you run the command again, it asks only for what is missing.
    """
    check_batch_options(batch, wait, cancel)
    from samp_eval.cli.asking.trust_prompt import confirm_places
    from samp_eval.cli.shared.respondent_options import resolve_respondents
    from samp_eval.run.providers.credentials import withheld_key_notice
    from samp_eval.study import load_study

    study = load_study(folder)
    settings = given_only(
        {
            "temperature": temperature,
            "top_p": top_p,
            "max_tokens": max_tokens,
            "seed": seed,
            "reasoning_effort": reasoning_effort,
            "concurrency": parse_concurrency(concurrency),
            "requests_per_minute": requests_per_minute,
            "tokens_per_minute": tokens_per_minute,
            "timeout_seconds": timeout,
        }
    )
    where = {"base_url": base_url, "endpoint": endpoint, "api_key_env": api_key_env}
    address = {field: value for field, value in where.items() if value is not None}
    respondents = resolve_respondents(study, model or [], name, address, settings)
    bank = _bank_for(folder, study, items)
    options = _RunOptions(
        folder, study, bank, respondents, rounds, limit, retry_failed, ignore_intervals, max_cost, batch
    )
    notice = withheld_key_notice(respondents)
    if notice:
        echo_status(notice)
    if dry_run:
        _show_plan(options)
        return
    confirm_places(folder, study, respondents, address, trust=trust, named_variables=trust_variable or [])
    if batch:
        _run_batches(options, wait=wait, cancel=cancel)
    else:
        _run(options)


def _bank_for(folder: Path, study: Study, items: Path | None) -> Bank:
    """The bank from the option, else from the study file, else the bundled bank."""
    from samp_eval.items.load import load_bank

    if items is None and study.items:
        items = folder / study.items
    return load_bank(items, echo_status)


def _plan(options: _RunOptions, store: StudyStore | None) -> RunPlan:
    from datetime import UTC, datetime

    from samp_eval.run.plan import plan_run
    from samp_eval.run.prompt import load_prompts

    folders = {settings.id: settings.prompt or options.study.prompt for settings in options.respondents}
    prompts = load_prompts(options.folder, folders)
    return plan_run(
        options.bank,
        options.study.rounds,
        options.respondents,
        store,
        n_rounds=options.n_rounds,
        limit=options.limit,
        now=datetime.now(UTC),
        shuffle_seed=options.study.seed if options.study.order == "shuffled" else None,
        option_seed=options.study.seed if options.study.option_order == "shuffled" else None,
        only_failed=options.only_failed,
        ignore_intervals=options.ignore_intervals,
        prompts=prompts,
    )


def _show_plan(options: _RunOptions) -> None:
    """Print the plan without creating anything: a dry run of a new study leaves no trace."""
    from samp_eval.cli.shared.progress_display import duration
    from samp_eval.run.cost.estimate import estimate_rounds, estimated_seconds
    from samp_eval.run.cost.prices import load_prices
    from samp_eval.run.cost.tokens import token_counter
    from samp_eval.run.providers.embedded_model import refuse_without_batches
    from samp_eval.store.engines.location import study_exists
    from samp_eval.store.study_store import StudyStore

    if options.batch:
        refuse_without_batches(options.respondents)
    if study_exists(options.folder):
        with StudyStore.open(options.folder, create=False, notify=echo_status) as store:
            plan = _plan(options, store)
    else:
        plan = _plan(options, None)
    prices = load_prices(options.folder)
    models = dict.fromkeys(settings.model for settings in options.respondents)
    counters = {model: token_counter(model) for model in models}
    estimates = estimate_rounds(plan, prices, counters, batch=options.batch)
    columns = ["respondent", "round", "condition", "stored", "requests", "tokens in", "tokens out", "USD"]
    rows = [
        (
            estimate.respondent,
            estimate.round,
            estimate.condition,
            estimate.stored,
            estimate.asks,
            f"{estimate.prompt_tokens:,}",
            f"{estimate.completion_tokens:,}",
            "no price" if estimate.cost_usd is None else f"{estimate.cost_usd:.2f}",
        )
        for estimate in estimates
    ]
    print_table(columns, rows)
    report_waiting(plan)
    report_pending(plan)
    cost = sum(estimate.cost_usd or 0.0 for estimate in estimates)
    unpriced = sorted({estimate.respondent for estimate in estimates if estimate.cost_usd is None and estimate.asks})
    if options.batch:
        time, share = "up to 24 hours", f"{prices.batch_factor:.0%} of the "
    else:
        time, share = f"about {duration(estimated_seconds(plan, estimates))}", ""
    echo_status(
        f"{time} and {cost:.2f} US dollars at {share}list prices of {prices.as_of}"
        + (
            f", without {', '.join(unpriced)}, whose prices are unknown (add a prices.toml to the study)"
            if unpriced
            else ""
        )
    )
    for how in dict.fromkeys(counter.how for counter in counters.values()):
        counted_so = ", ".join(model for model, counter in counters.items() if counter.how == how)
        echo_status(f"tokens in, {counted_so}: {how}")
    if plan.bank.pictured:
        echo_status("tokens of pictures: an estimate, by the rule for their size that OpenAI publishes")
    echo_status("tokens out: an estimate (from the usual length of answers in each condition)")
    echo_status(f"{counted(plan.missing, 'request')} would be sent. This was a dry run: nothing was sent.")


def _run(options: _RunOptions) -> None:
    from samp_eval.cli.shared.progress_display import run_progress
    from samp_eval.run.provenance import planned
    from samp_eval.run.study_run import run_study
    from samp_eval.store.engines.location import study_exists
    from samp_eval.store.study_store import StudyStore

    budget = budget_for(options.folder, options.respondents, options.max_cost, batch=options.batch)
    if not study_exists(options.folder):
        check_keys(options.respondents)
    try:
        with StudyStore.open(options.folder, notify=echo_status) as store, store.run_lock(echo_status):
            warn_if_bank_differs(options.folder, store, options.bank)
            plan = _plan(options, store)
            if plan.missing:
                echo_status(
                    f"asking {counted(len(plan.question_ids), 'question')}: {counted(plan.missing, 'request')} to go"
                )
            with run_progress(plan.missing, budget) as progress:
                tally = run_study(
                    plan, store, protocol=planned(options.study), budget=budget, progress=progress, notify=echo_status
                )
            waiting = _plan(options, store) if any(respondent.waiting for respondent in plan.respondents) else plan
    except KeyboardInterrupt:
        echo_status("interrupted; every response that had arrived is stored, and the same command continues from there")
        raise typer.Exit(130) from None
    report_waiting(waiting)
    pending = report_pending(plan)
    if plan.missing:
        _print_summary(tally, budget)
    elif not pending:
        echo_status("nothing to ask: every response in the rounds that are due is stored")
    if pending:
        raise typer.Exit(3)


def _run_batches(options: _RunOptions, *, wait: bool, cancel: bool) -> None:
    from samp_eval.cli.asking.batch_summary import print_batch_summary
    from samp_eval.run.batch.runner import check_batches, run_batches
    from samp_eval.run.provenance import planned
    from samp_eval.store.study_store import StudyStore

    budget = budget_for(options.folder, options.respondents, options.max_cost, batch=options.batch)
    check_batches(options.respondents)
    try:
        with StudyStore.open(options.folder, notify=echo_status) as store:
            warn_if_bank_differs(options.folder, store, options.bank)
            tally = run_batches(
                lambda: _plan(options, store),
                store,
                run_lock=lambda: store.run_lock(echo_status),
                protocol=planned(options.study),
                budget=budget,
                wait=wait,
                cancel=cancel,
                notify=echo_status,
            )
            report_waiting(_plan(options, store))
    except KeyboardInterrupt:
        echo_status("interrupted; the provider continues with the batches, and the same command collects them")
        raise typer.Exit(130) from None
    print_batch_summary(tally, budget)


def _print_summary(tally: RunTally, budget: Budget) -> None:
    summary = f"{counted(tally.answered, 'response')} stored, {tally.failed} failed"
    if tally.rate_limit_waits:
        summary += f", {counted(tally.rate_limit_waits, 'wait')} for a rate limit"
    cost = f", {tally.cost_usd:.2f} US dollars at list prices of {budget.as_of}" if tally.cost_usd else ""
    echo_status(summary + cost)
    if tally.out_of_budget:
        echo_status(
            f"stopped: the next request could exceed --max-cost {budget.limit_usd:g}; raise the limit to continue"
        )
    if tally.failed:
        echo_status(
            "samp-eval status shows why; run the same command again to retry the failed requests too, or with "
            "--retry-failed to retry only those"
        )
    if tally.failed or tally.out_of_budget:
        raise typer.Exit(3)
