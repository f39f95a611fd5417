"""``samp-eval mark --marker model``: models as markers, asked as a study's respondents are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.asking.asking_options import budget_for, check_keys
from samp_eval.cli.marking.asking_models import ask_models, ask_models_in_batches
from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.printing import echo_status
from samp_eval.cli.shared.study_options import existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.answers.distinct import DistinctAnswer
    from samp_eval.items.samp import Bank
    from samp_eval.literals import MarkBasis
    from samp_eval.review.markers.model.plan import MarkingPlan
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import RespondentSettings, Study

__all__ = ["ModelMarking", "judge_settings", "mark_by_models"]

LOCAL_VERDICT_TOKENS = 300
"""The embedded model does not always end; a verdict takes about 120 tokens."""

_OF_A_RESPONDENT = frozenset({"temperature", "top_p", "max_tokens", "seed", "reasoning_effort", "stop", "prompt"})
"""How a respondent of the study file answers is no matter of how it marks: only its address is used."""


@dataclass(frozen=True, slots=True)
class ModelMarking:
    """The options of the command, resolved against the study file.

    Attributes
    ----------
    judges : list of RespondentSettings
        Each under the label of its marks' reviewer.
    despite_canaries : bool
        Whether a model may mark that failed its canaries.
    """

    folder: Path
    study: Study
    judges: list[RespondentSettings]
    bases: tuple[MarkBasis, ...]
    repeats: int
    only_failed: bool
    despite_canaries: bool
    max_cost: float | None
    batch: bool
    as_json: bool


def judge_settings(
    study: Study, models: list[str], name: str | None, address: Mapping[str, str], options: Mapping[str, object]
) -> list[RespondentSettings]:
    """The models that mark, each with its address, under the label of its marks' reviewer.

    Raises
    ------
    typer.BadParameter
        If an option is wrong; the error names it.
    """
    from samp_eval.cli.shared.respondent_options import resolve_respondents
    from samp_eval.endpoint import is_local
    from samp_eval.review.markers.model.asks import judge_named
    from samp_eval.study import LONGEST_NAME, RespondentSettings

    if not models:
        raise typer.BadParameter("name a model to ask, such as --model gpt-4", param_hint="--model")
    found = []
    for settings in resolve_respondents(study, models, name, address, options):
        label = judge_named(settings.id)
        if len(label) > LONGEST_NAME:
            raise typer.BadParameter("this is too long for a name; give a shorter one", param_hint="--name")
        kept = settings.model_dump(exclude_unset=True, exclude=set(_OF_A_RESPONDENT))
        lengths = {"max_tokens": LOCAL_VERDICT_TOKENS} if is_local(settings.model) else {}
        fields = {**kept, "temperature": 0.0, **lengths, **options, "id": label}
        found.append(RespondentSettings.model_validate(fields))
    return found


def mark_by_models(options: ModelMarking, *, wait: bool, cancel: bool) -> None:
    """Ask the models for the marks that are missing, keep these, and print what they come to."""
    from samp_eval.cli.marking.model_marking_result import print_marking

    budget = budget_for(options.folder, options.judges, options.max_cost, batch=options.batch)
    incomplete = False
    with existing_study(options.folder) as store:
        check_keys(options.judges)
        warn_if_bank_differs(options.folder, store)
        _warn_of_respondents(options, store)
        try:
            ready = partial(_ready, options, store)
            if options.batch:
                incomplete = ask_models_in_batches(store, ready, options.judges, budget, wait=wait, cancel=cancel)
                incomplete = incomplete or _plan(options, store)[0].missing > 0
            else:
                incomplete = ask_models(store, ready, _what_is_asked, budget)
        except KeyboardInterrupt:
            echo_status("interrupted; every verdict that had arrived is stored, and the same command continues")
            raise typer.Exit(130) from None
        finally:
            new = _keep_marks(options, store)
        plan, _, answers = _plan(options, store)
        print_marking(plan, store, answers, new, budget, as_json=options.as_json)
    if plan.refused or incomplete:
        raise typer.Exit(3)


def show_marking_plan(options: ModelMarking) -> None:
    """Print requests, tokens and cost; nothing is sent or stored."""
    from samp_eval.cli.marking.model_marking_result import print_estimates

    with existing_study(options.folder) as store:
        plan, _, _ = _plan(options, store)
    print_estimates(plan, options.folder, batch=options.batch)


def _plan(options: ModelMarking, store: StudyStore) -> tuple[MarkingPlan, Bank, Sequence[DistinctAnswer]]:
    from samp_eval.review.markers.model.plan import plan_marking
    from samp_eval.review.to_mark import answers_to_mark

    excluded = store.exclusions()
    bank = excluded.bank(study_bank(store))
    answers = answers_to_mark(bank, excluded.counting(store.responses())).answers
    plan = plan_marking(
        bank,
        answers,
        options.judges,
        store,
        bases=options.bases,
        repeats=options.repeats,
        limits=options.study.canaries,
        now=datetime.now(UTC),
        only_failed=options.only_failed,
        despite_canaries=options.despite_canaries,
    )
    return plan, bank, answers


def _ready(options: ModelMarking, store: StudyStore) -> MarkingPlan:
    """The plan with everything that is asked now written down, and which answers will be asked again at the end."""
    from samp_eval.review.markers.model.asks import linked_ask

    plan, _, _ = _plan(options, store)
    store.keep_judge_asks(ask for asks in plan.open.values() for ask in asks)
    store.keep_judge_asks(linked_ask(ask, "anchor") for asks in plan.anchored.values() for ask in asks)
    return plan


def _what_is_asked(plan: MarkingPlan) -> str:
    asks = [ask for asks in plan.open.values() for ask in asks]
    if any(ask.is_canary for ask in asks):
        return "marking canaries"
    again = any(ask.purpose == "anchor" for ask in asks)
    return "marking answers, some of them again at the end" if again else "marking answers"


def _keep_marks(options: ModelMarking, store: StudyStore) -> int:
    """Store the marks of all replies that are there, whenever they came; returns how many are new."""
    from samp_eval.review.markers.model.judged import judged_asks, marks_of_judged
    from samp_eval.review.markers.model.plan import judged_of_plan
    from samp_eval.review.markers.model.summary import names_behind

    plan, _, _ = _plan(options, store)
    found = judged_asks(store)
    judged = judged_of_plan(plan, found)
    for settings in options.judges:
        names = sorted(names_behind(settings.id, found))
        if len(names) > 1:
            store.note_deviation(f"{settings.id} answered as {' and as '.join(names)}: the model behind it has changed")
        result, own = plan.canaries[settings.id], any(asked.ask.judge == settings.id for asked in judged)
        if own and result is not None and not result.passed:
            store.note_deviation(f"{settings.id} marked although it failed its canaries: {'; '.join(result.faults)}")
    return store.add_marks(marks_of_judged(judged, datetime.now(UTC)))


def _warn_of_respondents(options: ModelMarking, store: StudyStore) -> None:
    """Say where a model marks its own answers."""
    answering = {settings.get("model"): name for name, settings in store.respondents().items()}
    for settings in options.judges:
        if settings.model in answering:
            echo_status(
                f"{settings.id} also answered in this study (as {answering[settings.model]}), and models favour their "
                "own answers: samp-eval judge agreement shows by how much"
            )
