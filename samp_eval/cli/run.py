"""``samp-eval run``: ask what is not stored yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.common import StudyOption, counted, print_table, talk

if TYPE_CHECKING:
    from samp_eval.run.study_run import RunPlan
    from samp_eval.study import RespondentSettings, Study

__all__ = ["bank_for", "register", "report_waiting"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("run")(run)


def run(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model to ask; may be repeated. 'local' is the embedded model, local:PATH.gguf a file."),
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="The first so many rounds of the protocol.")] = None,
    study: StudyOption = Path(),
    items: Annotated[Path | None, typer.Option(help="Bank of questions: a folder or a case file.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the respondent, where it is not the model's.")] = None,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible endpoint.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Sampling temperature.")] = None,
    top_p: Annotated[float | None, typer.Option(min=0.001, max=1, help="Nucleus sampling.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Longest answer in tokens.")] = None,
    seed: Annotated[int | None, typer.Option(help="Sampling seed, for servers that know one.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Asks under way at the same time.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many questions of the bank.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be asked and send nothing.")] = False,
) -> None:
    """Ask the models what is not stored yet.

    Every question of every round, each response stored as it arrives. Run again: only what is missing is asked.
    """
    from samp_eval.study import load_study

    plan_of_study = load_study(study)
    given = {"temperature": temperature, "top_p": top_p, "max_tokens": max_tokens, "seed": seed}
    options = {field: value for field, value in given.items() if value is not None}
    respondents = _respondents(plan_of_study, model or [], name, base_url, options)
    if dry_run:
        _show_plan(_plan(study, plan_of_study, items, respondents, rounds, limit))
        return
    _carry_out(study, plan_of_study, items, respondents, rounds, limit, concurrency)


def _respondents(
    study: Study, models: list[str], name: str | None, base_url: str | None, options: dict[str, float | int]
) -> list[RespondentSettings]:
    from samp_eval.run.local_respondent import is_local, local_settings
    from samp_eval.run.openai_respondent import base_url_for
    from samp_eval.study import RespondentSettings

    if not models:
        if not study.respondents:
            raise typer.BadParameter("name a model: --model gpt-4, or --model local for the embedded one", param_hint="--model")
        models = [respondent.id for respondent in study.respondents]
    if name is not None and len(models) > 1:
        raise typer.BadParameter("a name can be given to one model at a time", param_hint="--name")
    in_study = {respondent.id: respondent for respondent in study.respondents}
    found = []
    for one in dict.fromkeys(models):
        if one in in_study:
            settings = in_study[one]
        elif is_local(one):
            settings = local_settings(one)
        else:
            settings = RespondentSettings(id=one, model=one)
        changes: dict[str, object] = {**options, **({"id": name} if name else {})}
        if not is_local(settings.model):
            changes["base_url"] = base_url_for(base_url or settings.base_url)
        found.append(RespondentSettings.model_validate({**settings.model_dump(), **changes}))
    return found


def _plan(
    folder: Path,
    study: Study,
    items: Path | None,
    respondents: list[RespondentSettings],
    rounds: int | None,
    limit: int | None,
) -> RunPlan:
    """The plan, without making anything: a dry run of a new study leaves no trace."""
    from datetime import UTC, datetime

    from samp_eval.run.study_run import plan_run
    from samp_eval.store.study_store import DATABASE_FILE, StudyStore

    bank = bank_for(folder, study, items)
    if not (folder / DATABASE_FILE).exists():
        return plan_run(bank, study.rounds, respondents, None, rounds=rounds, limit=limit, now=datetime.now(UTC))
    with StudyStore.open(folder, create=False) as store:
        return plan_run(bank, study.rounds, respondents, store, rounds=rounds, limit=limit, now=datetime.now(UTC))


def bank_for(folder: Path, study: Study, items: Path | None):  # type: ignore[no-untyped-def]
    """The bank by option, else by study file, else the bundled one."""
    from samp_eval.items.load import load_bank

    if items is None and study.items:
        items = folder / study.items
    return load_bank(items)


def _show_plan(plan: RunPlan) -> None:
    rows = []
    for one in plan.respondents:
        for number, planned in one.rounds.items():
            stored = sum((question, number) in one.stored for question in plan.question_ids)
            rows.append((one.settings.id, number, planned.condition.label, len(plan.question_ids), stored))
    print_table(["respondent", "round", "condition", "questions", "stored"], rows)
    report_waiting(plan)
    talk(f"{counted(plan.missing, 'ask')} would be sent. This was a dry run: nothing was.")


def report_waiting(plan: RunPlan) -> None:
    """Say which rounds are not due yet, and when they are."""
    for one in plan.respondents:
        for waiting in one.waiting:
            when = f"on {waiting.due:%Y-%m-%d %H:%M} UTC" if waiting.due else "some days after the first round"
            talk(f"{one.settings.id}: round {waiting.round} is due {when}; run the same command then")


def _carry_out(
    folder: Path,
    study: Study,
    items: Path | None,
    respondents: list[RespondentSettings],
    rounds: int | None,
    limit: int | None,
    concurrency: int | None,
) -> None:
    from samp_eval.cli.progress import run_progress
    from samp_eval.run.study_run import run_study
    from samp_eval.store.study_store import StudyStore

    plan = _plan(folder, study, items, respondents, rounds, limit)
    with StudyStore.open(folder) as store:
        if plan.missing:
            talk(f"asking {counted(len(plan.question_ids), 'question')}: {counted(plan.missing, 'ask')} to go")
        try:
            with run_progress(plan.missing) as progress:
                tally = run_study(plan, store, concurrency=concurrency, progress=progress, notify=talk)
        except KeyboardInterrupt:
            talk("interrupted; every response that had arrived is stored, and the same command goes on from there")
            raise typer.Exit(130) from None
    report_waiting(plan)
    if not plan.missing:
        talk("nothing to ask: every response of the rounds that are due is stored")
        return
    talk(f"{counted(tally.answered, 'response')} stored, {tally.failed} failed")
    if tally.failed:
        talk("run the same command again to ask for the failed ones")
        raise typer.Exit(3)
