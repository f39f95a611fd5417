"""What models are still to be asked when they mark: canaries, then the answers of the study, then anchors again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, get_args

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.anchors import anchored_asks, due_anchors
from samp_eval.review.markers.model.asks import JudgeAsk, asks_for_answers, asks_for_canaries, linked_ask
from samp_eval.review.markers.model.canaries import CanaryResult, canary_questions
from samp_eval.review.markers.model.judged import (
    SETTLED_FAILURES,
    JudgedAsk,
    MarkingStore,
    canaries_judged,
    judged_asks,
    shown_order,
    with_second_tries,
)
from samp_eval.review.markers.model.prompt import marking_prompt
from samp_eval.review.markers.model.request import marking_messages, verdict_schema
from samp_eval.review.markers.model.verdict import NoVerdict
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.pictures import reference_of, with_pictures
from samp_eval.run.plan import SEED_BY_QUESTION_AND_ROUND, sampling_seed
from samp_eval.run.prompt import OPTIONS_LETTERED
from samp_eval.run.respondent import Ask, Message, ResponseFailure
from samp_eval.study import CanaryLimits, Condition, RespondentSettings

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
    anchored : dict
        By label, the answers that are judged first and asked again at the end.
    numbers : dict
        Numbers of the repeats from 1, of asks that are not asked as often as ``repeats`` says.
    repeats : int
    canaries : dict
        By label, how the model fared; None while canaries are open.
    """

    bank: Bank
    respondents: tuple[RespondentPlan, ...]
    wanted: Mapping[str, Sequence[JudgeAsk]]
    open: Mapping[str, Sequence[JudgeAsk]]
    anchored: Mapping[str, Sequence[JudgeAsk]]
    numbers: Mapping[str, Collection[int]]
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
            first = self._first_asks.get(ask.ask_id, ask)
            for number in self._numbers(ask):
                place = ask.ask_id, number
                if place not in respondent.taken and (respondent.only is None or place in respondent.only):
                    shown_as = place if first is ask else (first.ask_id, 1)
                    seed = sampling_seed(settings.seed, *shown_as) if settings.seed is not None else None
                    yield Ask(ask.ask_id, settings.id, number, Condition(), seed, answer_schema=schema)

    def composer(self) -> Callable[[Ask], list[Message]]:
        """What makes the messages of an ask: the only place where answers become requests."""
        by_id = {ask.ask_id: ask for asks in self.open.values() for ask in asks}

        def compose(asked: Ask) -> list[Message]:
            ask = by_id[asked.question_id]
            case, question = self._questions[ask.question_id]
            first = self._first_asks.get(ask.ask_id, ask)
            order = shown_order(ask, first, asked.round, len(question.key))
            again = ask.purpose == "second_try"
            messages = marking_messages(case, question, ask.basis, ask.text, order, second_try=again)
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

    def _numbers(self, ask: JudgeAsk) -> Collection[int]:
        """Numbers of an ask's repeats from 1; a canary is judged once."""
        return self.numbers.get(ask.ask_id) or range(1, 1 + (1 if ask.is_canary else self.repeats))

    def count_missing(self, respondent: RespondentPlan) -> RespondentPlan:
        """The same with the number of asks that remain."""
        places = ((ask.ask_id, number) for ask in self.open[respondent.settings.id] for number in self._numbers(ask))
        only = respondent.only
        missing = sum(place not in respondent.taken and (only is None or place in only) for place in places)
        return replace(respondent, missing=missing)

    @cached_property
    def _first_asks(self) -> dict[str, JudgeAsk]:
        """The first ask behind each anchor, by the anchor's id."""
        return {linked_ask(ask, "anchor").ask_id: ask for asks in self.anchored.values() for ask in asks}

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
    limits: CanaryLimits,
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
    limits : CanaryLimits
    only_failed : bool
        Only what failed before.
    despite_canaries : bool
        Let a model mark that failed its canaries.
    """
    outcomes, languages = store.of_judges(), {question.id: case.language for case, question in bank.asked()}
    respondents: list[RespondentPlan] = []
    wanted: dict[str, list[JudgeAsk]] = {}
    open_now: dict[str, Sequence[JudgeAsk]] = {}
    anchored: dict[str, list[JudgeAsk]] = {}
    numbers: dict[str, Collection[int]] = {}
    results: dict[str, CanaryResult | None] = {}
    for settings in judges:
        name = settings.id
        held, judged = store.judge_asks(name), judged_asks(store, name)
        probes = [held.get(ask.ask_id, ask) for ask in asks_for_canaries(name, now)]
        results[name] = canaries_judged(probes, judged, limits)
        wanted[name] = [held.get(ask.ask_id, ask) for ask in asks_for_answers(name, bank, answers, bases, now)]
        of_basis = ([ask for ask in wanted[name] if ask.basis == basis] for basis in bases)
        anchored[name] = [ask for asks in of_basis for ask in anchored_asks(asks, held)]
        open_now[name] = ()
        if wanted[name] and results[name] is None:
            open_now[name] = probes
        elif wanted[name] and _may_mark(results[name], despite_canaries):
            asks = _in_turn(wanted[name], anchored[name])
            open_now[name], of_few = _with_linked(asks, anchored[name], judged, repeats, languages)
            numbers |= of_few
        only = outcomes.failed(name) if only_failed else None
        stored, pending = outcomes.stored(name), outcomes.pending(name)
        respondents.append(RespondentPlan(settings, {}, [], stored, only, 0, pending=pending))
    plan = MarkingPlan(bank, tuple(respondents), wanted, open_now, anchored, numbers, repeats, results)
    return replace(plan, respondents=tuple(map(plan.count_missing, respondents)))


def _may_mark(result: CanaryResult | None, despite: bool) -> bool:
    return result is not None and (result.passed or despite)


def _in_turn(asks: Sequence[JudgeAsk], anchored: Sequence[JudgeAsk]) -> list[JudgeAsk]:
    """What is asked again at the end comes first."""
    first = {ask.ask_id for ask in anchored}
    return [*anchored, *(ask for ask in asks if ask.ask_id not in first)]


def _with_linked(
    asks: Sequence[JudgeAsk],
    anchored: Sequence[JudgeAsk],
    judged: Sequence[JudgedAsk],
    repeats: int,
    languages: Mapping[str, str],
) -> tuple[list[JudgeAsk], dict[str, Collection[int]]]:
    """The asks with their second tries and, once all of these are settled, the anchors; and which repeats of these."""
    by_id = {ask.ask_id: ask for ask in asks}
    tries: dict[JudgeAsk, list[int]] = {}
    for found in judged:
        ask = by_id.get(found.ask.ask_id)
        unread = isinstance(found.outcome, NoVerdict) and found.outcome.reason != "unsure" and found.repeat < repeats
        if ask is not None and unread:
            tries.setdefault(linked_ask(ask, "second_try", languages[ask.question_id]), []).append(found.repeat + 1)
    settled = {(found.ask.ask_id, found.repeat + 1) for found in judged if _is_settled(found)}
    numbers: dict[str, Collection[int]] = {ask.ask_id: given for ask, given in tries.items()}
    every = [*asks, *tries]
    places = ((ask.ask_id, number) for ask in every for number in numbers.get(ask.ask_id) or range(1, 1 + repeats))
    if all(place in settled for place in places):
        due = due_anchors(anchored, judged)
        every += [linked_ask(ask, "anchor", languages[ask.question_id]) for ask in anchored]
        numbers |= {name: range(number, number + 1) for name, number in due.items()}
    return every, numbers


def _is_settled(found: JudgedAsk) -> bool:
    """Whether an outcome is not waited for: a reply, or a failure that would come again."""
    return not isinstance(found.outcome, ResponseFailure) or found.outcome.kind in SETTLED_FAILURES


def judged_of_plan(plan: MarkingPlan, judged: Sequence[JudgedAsk]) -> list[JudgedAsk]:
    """What was judged of the study's answers under the key and the prompts that hold, second tries taken in."""
    wanted = {ask.ask_id for asks in plan.wanted.values() for ask in asks}
    return [asked for asked in with_second_tries(judged) if asked.ask.ask_id in wanted]
