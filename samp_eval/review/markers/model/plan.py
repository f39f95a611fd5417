"""What models are still to be asked when they mark: first the canaries, then the answers of the study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, get_args

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.asks import JudgeAsk, asks_for_answers, asks_for_canaries
from samp_eval.review.markers.model.canaries import CanaryResult, canary_questions
from samp_eval.review.markers.model.judged import JudgedAsk, MarkingStore, canaries_judged, judged_asks
from samp_eval.review.markers.model.prompt import marking_prompt
from samp_eval.review.markers.model.request import entry_order, marking_messages, verdict_schema
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.pictures import reference_of, with_pictures
from samp_eval.run.plan import SEED_BY_QUESTION_AND_ROUND, sampling_seed
from samp_eval.run.prompt import OPTIONS_LETTERED
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import Condition, RespondentSettings

__all__ = ["MarkingPlan", "judged_of_plan", "plan_marking"]


@dataclass(frozen=True)
class MarkingPlan:
    """What is still to be asked of models that mark; it is asked as a study's respondents are.

    Attributes
    ----------
    bank : Bank
    respondents : tuple of RespondentPlan
        The models, each under the label of its marks' reviewer.
    wanted : dict
        By label, everything that the model marks of this study once its canaries are through, asked or not.
    open : dict
        By label, what it is asked now: canaries, or answers of the study; nothing where its canaries failed.
    repeats : int
    canaries : dict
        By label, how the model fared; None while canaries are open.
    """

    bank: Bank
    respondents: tuple[RespondentPlan, ...]
    wanted: Mapping[str, Sequence[JudgeAsk]]
    open: Mapping[str, Sequence[JudgeAsk]]
    repeats: int
    canaries: Mapping[str, CanaryResult | None]
    early_rounds: tuple[int, ...] = ()
    by_schema: bool = field(default=True, init=False)

    @property
    def missing(self) -> int:
        """How many asks remain now."""
        return sum(respondent.missing for respondent in self.respondents)

    @property
    def refused(self) -> tuple[str, ...]:
        """Labels of models that have judged their canaries, failed, and are not to mark."""
        return tuple(
            name
            for name, result in self.canaries.items()
            if result is not None and not result.passed and self.wanted[name] and not self.open[name]
        )

    def asks(self, respondent: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a model, repeats of an answer in turn."""
        settings = respondent.settings
        for ask in self.open[settings.id]:
            _, question = self._questions[ask.question_id]
            schema = verdict_schema(ask.basis, len(question.key))
            for number in _rounds(ask, self.repeats):
                place = ask.ask_id, number
                if place not in respondent.taken and (respondent.only is None or place in respondent.only):
                    seed = sampling_seed(settings.seed, *place) if settings.seed is not None else None
                    yield Ask(ask.ask_id, settings.id, number, Condition(), seed, answer_schema=schema)

    def composer(self) -> Callable[[Ask], list[Message]]:
        """What makes the messages of an ask: the only place where answers become requests."""
        by_id = {ask.ask_id: ask for asks in self.open.values() for ask in asks}

        def compose(asked: Ask) -> list[Message]:
            ask = by_id[asked.question_id]
            case, question = self._questions[ask.question_id]
            order = entry_order(ask.ask_id, asked.round, len(question.key))
            messages = marking_messages(case, question, ask.basis, ask.text, order)
            shown = case.pictures_until(question)
            return with_pictures(messages, [reference_of(picture, self.bank.pictures) for picture in shown])

        return compose

    def prompt_hashes(self, respondent: RespondentPlan) -> dict[str, str]:
        """Hashes of the prompts for both bases."""
        languages = {case.language for case, _ in self.bank.asked()}
        prompts = (marking_prompt(basis, language) for basis in get_args(MarkBasis) for language in languages)
        return {f"prompt {prompt.name}": prompt.sha256 for prompt in prompts}

    def facts(self) -> dict[str, Any]:
        """That models marked, and how often; the rules are those that a study begins with, should this be its first."""
        return {
            "marked_by": [respondent.settings.id for respondent in self.respondents],
            "repeats": self.repeats,
            "seed_rule": SEED_BY_QUESTION_AND_ROUND,
            "option_rule": OPTIONS_LETTERED,
        }

    @cached_property
    def _questions(self) -> dict[str, tuple[SampCase, Question]]:
        return {**canary_questions(), **self.bank.by_question()}


def plan_marking(
    bank: Bank,
    answers: Sequence[DistinctAnswer],
    judges: Sequence[RespondentSettings],
    store: MarkingStore,
    *,
    bases: Sequence[MarkBasis],
    repeats: int,
    now: datetime,
    only_failed: bool = False,
    despite_canaries: bool = False,
) -> MarkingPlan:
    """Work out what is still to be asked; nothing is sent or stored.

    Parameters
    ----------
    bank : Bank
        Of the study, without what is excluded.
    answers : sequence of DistinctAnswer
    judges : sequence of RespondentSettings
        Each under the label of its marks' reviewer.
    now : datetime
        UTC.
    only_failed : bool
        Only what failed before.
    despite_canaries : bool
        Let a model mark that failed its canaries.
    """
    respondents, wanted, open_now, results = [], {}, {}, {}
    outcomes = store.of_judges()
    for settings in judges:
        name = settings.id
        held = store.judge_asks(name)
        judged = judged_asks(store, name)
        probes = [held.get(ask.ask_id, ask) for ask in asks_for_canaries(name, now)]
        wanted[name] = [held.get(ask.ask_id, ask) for ask in asks_for_answers(name, bank, answers, bases, now)]
        results[name] = canaries_judged(probes, judged)
        open_now[name] = _open(probes, wanted[name], results[name], despite_canaries)
        stored, pending = outcomes.stored(name), outcomes.pending(name)
        only = outcomes.failed(name) if only_failed else None
        plan = RespondentPlan(settings, {}, [], stored, only, 0, pending=pending)
        respondents.append(replace(plan, missing=_missing(plan, open_now[name], repeats)))
    return MarkingPlan(bank, tuple(respondents), wanted, open_now, repeats, results)


def _open(
    probes: Sequence[JudgeAsk], answers: Sequence[JudgeAsk], result: CanaryResult | None, despite: bool
) -> Sequence[JudgeAsk]:
    if not answers:
        return ()
    if result is None:
        return probes
    return answers if result.passed or despite else ()


def _rounds(ask: JudgeAsk, repeats: int) -> range:
    """Numbers of an ask's repeats from 1; a canary is judged once."""
    return range(1, 1 + (1 if ask.canary else repeats))


def _missing(plan: RespondentPlan, asks: Sequence[JudgeAsk], repeats: int) -> int:
    places = ((ask.ask_id, number) for ask in asks for number in _rounds(ask, repeats))
    return sum(place not in plan.taken and (plan.only is None or place in plan.only) for place in places)


def judged_of_plan(plan: MarkingPlan, judged: Sequence[JudgedAsk]) -> list[JudgedAsk]:
    """What was judged of the study's answers under the key and the prompts that hold."""
    wanted = {ask.ask_id for asks in plan.wanted.values() for ask in asks}
    return [asked for asked in judged if asked.ask.ask_id in wanted]
