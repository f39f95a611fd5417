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
    BatchOption,
    CancelOption,
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
    WaitOption,
    budget_for,
    check_batch_options,
    check_keys,
    given_only,
    parse_concurrency,
)
from samp_eval.cli.marking.asking_models import ask_models, ask_models_in_batches
from samp_eval.cli.shared.printing import as_mapping, echo_status, print_json, print_report_table, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.errors import StudyConflict

if TYPE_CHECKING:
    from samp_eval.review.pairs.model.canaries import PairCanaryResult
    from samp_eval.review.pairs.model.plan import PairPlan
    from samp_eval.review.pairs.model.preferences import ModelPreferences
    from samp_eval.review.pairs.pair_rows import PairRow
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import CanaryLimits, RespondentSettings

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
    despite_canaries: Annotated[
        bool,
        typer.Option(
            "--despite-canaries", help="Let a model compare that failed its canaries, and record a deviation."
        ),
    ] = False,
    batch: BatchOption = False,
    wait: WaitOption = False,
    cancel: CancelOption = False,
    as_json: JsonOption = False,
) -> None:
    """Have models compare the pairs that people compare.

    The pairs are those of the sheets: the first export draws them. A model sees each pair in both orders, without
    names, after canaries have shown that it cannot be talked into a preference; if its choice changes with the order,
    the pair is a tie. What it prefers never counts as a reviewer's choice. When you run the command again, it asks only
    for what is missing.
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
    check_batch_options(batch, wait, cancel)
    settings = load_study(study)
    where = {"base_url": base_url, "endpoint": endpoint, "api_key_env": api_key_env}
    address = {field: value for field, value in where.items() if value is not None}
    judges = judge_settings(settings, model or [], name, address, given_only(how))
    with existing_study(study) as store:
        make_plan = partial(_plan, store, judges, settings.canaries, retry_failed, despite_canaries)
        if dry_run:
            _print_plan(make_plan(), study, batch)
            return
        confirm_places(study, settings, judges, address, trust=trust, named_variables=trust_variable or [])
        check_keys(judges)
        budget = budget_for(study, judges, max_cost, batch=batch)
        try:
            if batch:
                incomplete = ask_models_in_batches(store, make_plan, judges, budget, wait=wait, cancel=cancel)
            else:
                incomplete = ask_models(store, make_plan, _what_is_asked, budget)
        except KeyboardInterrupt:
            echo_status("interrupted; every choice that had arrived is stored, and the same command continues")
            raise typer.Exit(130) from None
        plan = make_plan()
        found = [_preferences(store, judge.id, store.pair_rows()) for judge in judges]
        _note_failed_canaries(store, plan, found)
        _print(store, plan, found, as_json)
    if incomplete or plan.refused or plan.missing:
        raise typer.Exit(3)


def preferences_of(store: StudyStore, judge: str, rows: Sequence[PairRow]) -> ModelPreferences:
    """What a model, by its label, prefers of the pairs of a study.

    Raises
    ------
    StudyConflict
        If it has compared none.
    """
    from samp_eval.review.pairs.model.preferences import judges_of_pairs

    outcomes = store.of_judges()
    asked = judges_of_pairs(list(outcomes.respondents()))
    if judge in asked:
        found = _preferences(store, judge, rows)
        if found.seen:
            return found
    others = ", ".join(name for name in asked if name != judge)
    have = f"it has those of {others}" if others else "samp-eval review pairs ask has a model compare them"
    raise StudyConflict(f"{judge} has compared no pair of this study: {have}")


def _preferences(store: StudyStore, judge: str, rows: Sequence[PairRow]) -> ModelPreferences:
    from samp_eval.review.pairs.model.preferences import model_preferences

    bank = store.exclusions().bank(store.key_history().present.bank)
    return model_preferences(judge, bank, rows, store.of_judges())


def _plan(
    store: StudyStore,
    judges: list[RespondentSettings],
    limits: CanaryLimits,
    only_failed: bool,
    despite_canaries: bool,
) -> PairPlan:
    from samp_eval.review.pairs.model.plan import plan_pairs

    rows = store.pair_rows()
    if not rows:
        raise StudyConflict("no pairs are drawn yet; samp-eval review pairs export draws them for two reviewers")
    bank = store.exclusions().bank(store.key_history().present.bank)
    return plan_pairs(
        bank,
        rows,
        judges,
        store.of_judges(),
        limits=limits,
        only_failed=only_failed,
        despite_canaries=despite_canaries,
    )


def _print_plan(plan: PairPlan, folder: Path, batch: bool) -> None:
    from samp_eval.cli.marking.model_marking_result import print_what_is_asked
    from samp_eval.review.pairs.model.estimate import estimate_pairs

    print_what_is_asked(plan, partial(estimate_pairs, plan, batch=batch), folder, batch=batch)


def _what_is_asked(plan: PairPlan) -> str:
    canaries = any(result is None for result in plan.canaries.values())
    return "comparing the pairs of the canaries" if canaries else "comparing pairs"


def _note_failed_canaries(store: StudyStore, plan: PairPlan, found: Sequence[ModelPreferences]) -> None:
    for compared, result in zip(found, plan.canaries.values(), strict=True):
        if compared.seen and result is not None and not result.passed:
            faults = "; ".join(result.faults)
            store.note_deviation(f"{compared.judge} compared pairs although it failed its canaries: {faults}")


def _print(store: StudyStore, plan: PairPlan, found: list[ModelPreferences], as_json: bool) -> None:
    from samp_eval.analysis.ranking.pair_agreement import preference_agreement
    from samp_eval.report.tables.marking.judge_tables import preferences_table

    agreed = preference_agreement(store.pair_rows(), store.pair_choices(), found)
    if as_json:
        results = zip(found, plan.canaries.items(), strict=True)
        models = {
            compared.judge: {
                **compared.as_json(),
                "canaries": None if result is None else result.as_json(),
                "may_compare": name not in plan.refused,
            }
            for compared, (name, result) in results
        }
        print_json({"models": models, "agreement": {who: as_mapping(with_each) for who, with_each in agreed.items()}})
        return
    rows = [
        (
            compared.judge,
            compared.pairs,
            len(compared.rows),
            compared.ties,
            compared.inconsistent,
            _reasons(compared.no_choice),
        )
        for compared in found
    ]
    title = "Compared by a MODEL; none of these choices counts as a reviewer's"
    print_table(["model", "pairs", "compared", "ties", "of these by order", "no choice"], rows, title=title)
    for compared, (name, result) in zip(found, plan.canaries.items(), strict=True):
        _print_canaries(compared.judge, result, refused=name in plan.refused)
    if agreed:
        print_report_table(preferences_table(agreed))
    else:
        echo_status("no agreement with people yet: they have not preferred a side of ten pairs that the model did, too")


def _print_canaries(judge: str, result: PairCanaryResult | None, *, refused: bool) -> None:
    if result is None:
        echo_status(f"{judge}: its canaries are not all compared yet; run the same command again")
        return
    typer.echo(
        f"\n{judge}, canaries: the right answer preferred in {result.told_apart} of {result.questions} plain pairs; "
        f"{len(result.gained)} wrong answers fared better by an instruction."
    )
    if not result.passed:
        echo_status(f"{judge} failed its canaries: {'; '.join(result.faults)}")
    if refused:
        echo_status(
            f"{judge} was not asked to compare; --despite-canaries has it compare all the same, and the report says so"
        )


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "0"
