"""``samp-eval mark``: automatic marks by the answer key, or by models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from samp_eval.cli.asking import asking_options as asking
from samp_eval.cli.asking.asking_options import check_batch_options, given_only, parse_concurrency
from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table
from samp_eval.cli.shared.reading_notice import print_readings
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.store.study_store import StudyStore

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("mark")(mark)


def mark(
    study: StudyOption = Path(),
    marker: Annotated[
        Literal["key", "model"],
        typer.Option(help="The marker; key: by the answer key; model: a language model, compared with physicians."),
    ] = "key",
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Mark every answer again if the study's marks are of an older marker.")
    ] = False,
    unvalidated: Annotated[
        bool,
        typer.Option("--unvalidated", help="Also mark free text in languages in which the marker is not validated."),
    ] = False,
    model: asking.ModelsOption = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the model's marks.", show_default="the model's name")
    ] = None,
    basis: Annotated[
        Literal["key", "judgement"] | None,
        typer.Option(help="Mark by the answer key, or by the model's own knowledge without it.", show_default="both"),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, max=99, metavar="N", help="Ask for each mark N times; the repeats vote.")
    ] = 1,
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
    despite_canaries: Annotated[
        bool,
        typer.Option("--despite-canaries", help="Let a model mark that failed its canaries, and record a deviation."),
    ] = False,
    batch: asking.BatchOption = False,
    wait: asking.WaitOption = False,
    cancel: asking.CancelOption = False,
    as_json: JsonOption = False,
) -> None:
    """Mark every answer AUTOMATICALLY, by the answer key or by a model.

    Automatic marks never count as a reviewer's marks. The marker by the key is validated for free text in English only;
    options are chosen and not read, so they are marked in any language.

    A model marks each answer by itself, without seeing who gave it or what others made of it, after canaries have shown
    that it cannot be talked into a mark. When you run the command again, it asks only for what is missing.
    """
    how = {
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
    where = {"base_url": base_url, "endpoint": endpoint, "api_key_env": api_key_env}
    flags = {
        "trust": trust,
        "dry_run": dry_run,
        "retry_failed": retry_failed,
        "despite_canaries": despite_canaries,
        "batch": batch,
        "wait": wait,
        "cancel": cancel,
    }
    other = {"model": model, "name": name, "basis": basis, "trust_variable": trust_variable, "max_cost": max_cost}
    if marker == "key":
        repeated = {"repeats": repeats if repeats > 1 else None}
        _refuse_given({**how, **where, **flags, **other, **repeated}, "use this only with --marker model")
        _mark_by_key(study, upgrade=upgrade, unvalidated=unvalidated, as_json=as_json)
        return
    _refuse_given({"upgrade": upgrade, "unvalidated": unvalidated}, "use this only with --marker key")
    check_batch_options(batch, wait, cancel)
    from samp_eval.cli.asking.trust_prompt import confirm_places
    from samp_eval.cli.marking.model_marking import ModelMarking, judge_settings, mark_by_models, show_marking_plan
    from samp_eval.study import load_study

    plan = load_study(study)
    address = {field: value for field, value in where.items() if value is not None}
    options = ModelMarking(
        folder=study,
        study=plan,
        judges=judge_settings(plan, model or [], name, address, given_only(how)),
        bases=(basis,) if basis else ("key", "judgement"),
        repeats=repeats,
        only_failed=retry_failed,
        despite_canaries=despite_canaries,
        max_cost=max_cost,
        batch=batch,
        as_json=as_json,
    )
    if dry_run:
        show_marking_plan(options)
        return
    confirm_places(study, plan, options.judges, address, trust=trust, named_variables=trust_variable or [])
    mark_by_models(options, wait=wait, cancel=cancel)


def _refuse_given(values: Mapping[str, object], remedy: str) -> None:
    """Refuse the options of the other marker."""
    for field, value in values.items():
        if value:
            raise typer.BadParameter(remedy, param_hint=f"--{field.removesuffix('_seconds').replace('_', '-')}")


def _mark_by_key(study: Path, *, upgrade: bool, unvalidated: bool, as_json: bool) -> None:
    from samp_eval.answers.reading_counts import attention_of
    from samp_eval.cli.shared.progress_display import counted_progress
    from samp_eval.errors import StudyConflict
    from samp_eval.items.languages import LANGUAGE_NAMES
    from samp_eval.review.markers.automatic_marks import mark_by_key, not_validated
    from samp_eval.review.markers.key_marker import MARKER_VERSION

    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        older = _older_versions(store)
        if older and not upgrade:
            raise StudyConflict(
                f"the automatic marks are by {', '.join(older)}, and this samp-eval has {MARKER_VERSION}, which may "
                "mark otherwise. Nothing was changed; --upgrade marks every answer again, and the report says so"
            )
        excluded = store.exclusions()
        bank, responses = excluded.bank(study_bank(store)), excluded.counting(store.responses())
        foreign = not_validated(bank)
        if foreign and not unvalidated:
            bank = replace(bank, excluded=bank.excluded | {name for names in foreign.values() for name in names})
        progress = partial(counted_progress, noun="responses read and marked")
        result = mark_by_key(bank, responses, datetime.now(UTC), progress)
        added = store.add_marks(result.marks, repeat_same=bool(older))
        readings = attention_of(result.readings)
        if foreign:
            _say_not_validated(foreign, unvalidated)
        if foreign and unvalidated and added:
            languages = ", ".join(LANGUAGE_NAMES.get(code, code) for code in foreign)
            store.note_deviation(f"Free text in {languages} was marked by a marker that is not validated in it")
        if older:
            store.note_deviation(f"Automatic marks by {', '.join(older)} were replaced by those of {MARKER_VERSION}")
    if as_json:
        respondents = [{**as_mapping(credit), "percent": credit.percent} for credit in result.respondents]
        print_json(
            {
                "reviewer": result.reviewer.label,
                "marks": len(result.marks),
                "new": added,
                "open": result.open,
                "respondents": respondents,
                "readings": readings,
            }
        )
        return
    rows = [
        (credit.respondent, credit.lines, credit.credited, f"{credit.percent:.1f}") for credit in result.respondents
    ]
    title = "AUTOMATIC marks by the key; no person made these marks"
    print_table(["respondent", "lines", "credited", "percent"], rows, title=title)
    marked = counted(len(result.marks), "distinct answer")
    typer.echo(f"\n{marked} marked automatically, {counted(added, 'mark')} new or changed.")
    if result.open:
        typer.echo(
            f"{counted(result.open, 'answer')} can be read in two ways and earned nothing: a person has to mark them. "
            f"`samp-eval review history --all --reviewer {result.reviewer.label}` says why."
        )
    typer.echo("Percentages are of the lines given; scores are percentages of the lines requested.")
    print_readings(readings)


def _older_versions(store: StudyStore) -> list[str]:
    """Other versions of the marker than this samp-eval's, by which the study's automatic marks were made."""
    from samp_eval.review.markers.key_marker import MARKER_VERSION
    from samp_eval.review.people.reviewers import KEY_MARKER

    versions = {mark.source.partition(":")[0] for mark in store.marks() if mark.reviewer == KEY_MARKER}
    return sorted(versions - {MARKER_VERSION})


def _say_not_validated(foreign: dict[str, list[str]], marked: bool) -> None:
    from samp_eval.items.languages import LANGUAGE_NAMES

    for code, questions in foreign.items():
        what = f"{counted(len(questions), 'question')} with free text in {LANGUAGE_NAMES.get(code, code)}"
        done = "were marked all the same" if marked else "were not marked; people mark them, or --unvalidated does"
        echo_status(f"The marker is not validated in this language: {what} {done}.")
