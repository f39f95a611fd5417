"""``samp-eval review pairs ask``: models compare the pairs that people compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.asking.asking_options import (
    ApiKeyEnvOption,
    BaseUrlOption,
    ConcurrencyOption,
    DryRunOption,
    EndpointOption,
    MaxCostOption,
    MaxTokensOption,
    ModelsOption,
    ReasoningEffortOption,
    RequestsPerMinuteOption,
    RetryFailedOption,
    SeedOption,
    TemperatureOption,
    TimeoutOption,
    TokensPerMinuteOption,
    TrustOption,
    TrustVariableOption,
    budget_for,
    check_keys,
    given_only,
    parse_concurrency,
)
from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_report_table, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.errors import StudyConflict

if TYPE_CHECKING:
    from samp_eval.review.pairs.model.plan import PairPlan
    from samp_eval.review.pairs.model.preferences import ModelPreferences
    from samp_eval.review.pairs.pair_rows import PairRow
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import RespondentSettings

__all__ = ["ask", "preferences_of"]


def ask(
    study: StudyOption = Path(),
    model: ModelsOption = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the model's preferences.", show_default="the model's name"),
    ] = None,
    base_url: BaseUrlOption = None,
    endpoint: EndpointOption = None,
    api_key_env: ApiKeyEnvOption = None,
    temperature: TemperatureOption = None,
    max_tokens: MaxTokensOption = None,
    seed: SeedOption = None,
    reasoning_effort: ReasoningEffortOption = None,
    concurrency: ConcurrencyOption = None,
    requests_per_minute: RequestsPerMinuteOption = None,
    tokens_per_minute: TokensPerMinuteOption = None,
    timeout: TimeoutOption = None,
    trust: TrustOption = False,
    trust_variable: TrustVariableOption = None,
    dry_run: DryRunOption = False,
    max_cost: MaxCostOption = None,
    retry_failed: RetryFailedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Have models compare the pairs that people compare.

    The pairs are those of the sheets: the first export draws them. A model sees each pair in both orders, without
    names; if its choice changes with the order, the pair is a tie. What it prefers never counts as a reviewer's choice.
    When you run the command again, it asks only for what is missing.
    """
    from samp_eval.cli.asking.trust_prompt import confirm_places
    from samp_eval.cli.marking.model_marking import judge_settings
    from samp_eval.study import load_study

    how = {
        "temperature": temperature,
        "max_tokens": max_tokens,
        "seed": seed,
        "reasoning_effort": reasoning_effort,
        "concurrency": parse_concurrency(concurrency),
        "requests_per_minute": requests_per_minute,
        "tokens_per_minute": tokens_per_minute,
        "timeout_seconds": timeout,
    }
    settings = load_study(study)
    where = {"base_url": base_url, "endpoint": endpoint, "api_key_env": api_key_env}
    address = {field: value for field, value in where.items() if value is not None}
    judges = judge_settings(settings, model or [], name, address, given_only(how))
    with existing_study(study) as store:
        plan = _plan(store, judges, retry_failed)
        if dry_run:
            _print_plan(plan, study)
            return
        confirm_places(study, settings, judges, address, trust=trust, named_variables=trust_variable or [])
        check_keys(judges)
        incomplete = _ask(store, judges, study, max_cost, retry_failed)
        found = [preferences_of(store, judge.id, store.pair_rows()) for judge in judges]
        _print(store, found, as_json)
    if incomplete:
        raise typer.Exit(3)


def preferences_of(store: StudyStore, judge: str, rows: Sequence[PairRow]) -> ModelPreferences:
    """What a model, by its label, prefers of the pairs of a study.

    Raises
    ------
    StudyConflict
        If it was not asked about any.
    """
    from samp_eval.review.pairs.model.preferences import judges_of_pairs, model_preferences

    outcomes = store.of_judges()
    asked = judges_of_pairs(list(outcomes.respondents()))
    if judge not in asked:
        have = f"it has those of {', '.join(asked)}" if asked else "no model was asked; samp-eval review pairs ask does"
        raise StudyConflict(f"{judge} has compared no pair of this study: {have}")
    bank = store.exclusions().bank(store.key_history().present.bank)
    return model_preferences(judge, bank, rows, outcomes)


def _plan(store: StudyStore, judges: list[RespondentSettings], only_failed: bool) -> PairPlan:
    from samp_eval.review.pairs.model.plan import plan_pairs

    rows = store.pair_rows()
    if not rows:
        raise StudyConflict("no pairs are drawn yet; samp-eval review pairs export draws them for two reviewers")
    bank = store.exclusions().bank(store.key_history().present.bank)
    return plan_pairs(bank, rows, judges, store.of_judges(), only_failed=only_failed)


def _print_plan(plan: PairPlan, folder: Path) -> None:
    from samp_eval.cli.marking.model_marking_result import print_what_is_asked
    from samp_eval.review.pairs.model.estimate import estimate_pairs

    print_what_is_asked(plan, partial(estimate_pairs, plan), folder)


def _ask(
    store: StudyStore, judges: list[RespondentSettings], folder: Path, max_cost: float | None, only_failed: bool
) -> bool:
    """Ask what is missing; whether something is left."""
    from samp_eval.cli.shared.progress_display import run_progress
    from samp_eval.run.study_run import run_study

    with store.run_lock(echo_status):
        plan = _plan(store, judges, only_failed)
        asked = [respondent.settings for respondent in plan.respondents]
        budget = budget_for(folder, asked, max_cost, batch=False)
        echo_status(f"comparing pairs: {counted(plan.missing, 'request')} to go")
        try:
            with run_progress(plan.missing, budget) as progress:
                tally = run_study(plan, store.of_judges(), budget=budget, progress=progress, notify=echo_status)
        except KeyboardInterrupt:
            echo_status("interrupted; every choice that had arrived is stored, and the same command continues")
            raise typer.Exit(130) from None
    if tally.out_of_budget:
        echo_status(f"stopped: the next request could exceed --max-cost {budget.limit_usd:g}; raise the limit")
    return bool(tally.failed or tally.out_of_budget)


def _print(store: StudyStore, found: list[ModelPreferences], as_json: bool) -> None:
    from samp_eval.analysis.ranking.pair_agreement import preference_agreement
    from samp_eval.report.tables.marking.judge_tables import preferences_table

    agreed = preference_agreement(store.pair_rows(), store.pair_choices(), found)
    if as_json:
        models = {one.judge: one.as_json() for one in found}
        print_json({"models": models, "agreement": {who: as_mapping(with_each) for who, with_each in agreed.items()}})
        return
    rows = [(one.judge, one.pairs, len(one.rows), one.ties, one.inconsistent, _reasons(one.no_choice)) for one in found]
    title = "Compared by a MODEL; none of these choices counts as a reviewer's"
    print_table(["model", "pairs", "compared", "ties", "of these by order", "no choice"], rows, title=title)
    if agreed:
        print_report_table(preferences_table(agreed))
    else:
        echo_status("no agreement with people yet: they have not preferred a side of ten pairs that the model did, too")


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "0"
