"""What models are still to be asked about pairs: canaries, then the pairs that people compare, each in both orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from samp_eval.items.samp import Bank
from samp_eval.literals import PairChoice
from samp_eval.review.markers.model.asks import linked_id
from samp_eval.review.markers.model.canaries import canary_questions
from samp_eval.review.markers.model.judged import JudgeOutcomes
from samp_eval.review.pairs.model.canaries import PairCanary, PairCanaryResult, pair_canaries, pair_canary_result
from samp_eval.review.pairs.model.replies import ORDERS, PairReplies, pair_choice
from samp_eval.review.pairs.model.request import pair_ask_id, pair_messages, pair_prompt, pair_schema
from samp_eval.review.pairs.pair_rows import PairRow
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.pictures import reference_of, with_pictures
from samp_eval.run.plan import SEED_BY_QUESTION_AND_ROUND, sampling_seed
from samp_eval.run.prompt import OPTIONS_LETTERED
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import CanaryLimits, Condition, RespondentSettings

__all__ = ["PairAsk", "PairPlan", "asked_as", "pair_asks", "plan_pairs"]


@dataclass(frozen=True, slots=True)
class PairAsk:
    """Two texts of responses as a model is asked about them, once for all pairs that read so.

    Attributes
    ----------
    ask_id : str
    question_id : str
    low, high : str
        The texts, in the order of the alphabet.
    rows : tuple of PairRow
        One for each pair of responses with these texts: that of one of the people who compare it. A canary has none.
    orders : tuple of int
        In which it is asked.
    again : bool
        Whether it is the second try of a pair whose first reply had no choice.
    """

    ask_id: str
    question_id: str
    low: str
    high: str
    rows: tuple[PairRow, ...] = ()
    orders: tuple[int, ...] = ORDERS
    again: bool = False

    def texts(self, order: int) -> tuple[str, str]:
        """The responses as an order shows them."""
        return (self.low, self.high) if order == 1 else (self.high, self.low)


@dataclass(frozen=True)
class PairPlan:
    """What is still to be asked of models that compare pairs; it is asked as a study's respondents are.

    Attributes
    ----------
    bank : Bank
    respondents : tuple of RespondentPlan
        The models, each under the name by which it is asked.
    wanted : mapping
        By that name, every pair that the model compares once its canaries are through.
    open : mapping
        What it is asked now: canaries, or pairs with their second tries; nothing where its canaries failed.
    canaries : mapping
        How the model fared; None while canaries are open.
    """

    bank: Bank
    respondents: tuple[RespondentPlan, ...]
    wanted: Mapping[str, Sequence[PairAsk]]
    open: Mapping[str, Sequence[PairAsk]]
    canaries: Mapping[str, PairCanaryResult | None]
    early_rounds: tuple[int, ...] = ()
    by_schema: bool = field(default=True, init=False)

    @property
    def missing(self) -> int:
        """How many asks remain."""
        return sum(respondent.missing for respondent in self.respondents)

    @property
    def refused(self) -> tuple[str, ...]:
        """Names of models that have judged their canaries, failed, and are not to compare."""
        return tuple(
            name
            for name, result in self.canaries.items()
            if result is not None and not result.passed and self.wanted[name] and not self.open[name]
        )

    def asks(self, respondent: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a model, both orders of a pair in turn."""
        settings = respondent.settings
        for pair in self.open[settings.id]:
            for order in pair.orders:
                place = pair.ask_id, order
                if place not in respondent.taken and (respondent.only is None or place in respondent.only):
                    seed = None if settings.seed is None else sampling_seed(settings.seed, *place)
                    yield Ask(pair.ask_id, settings.id, order, Condition(), seed, answer_schema=pair_schema())

    def composer(self) -> Callable[[Ask], list[Message]]:
        """What makes the messages of an ask."""
        by_id = {pair.ask_id: pair for pairs in self.open.values() for pair in pairs}

        def compose(asked: Ask) -> list[Message]:
            pair = by_id[asked.question_id]
            case, question = self._questions[pair.question_id]
            messages = pair_messages(case, question, *pair.texts(asked.round), second_try=pair.again)
            shown = case.pictures_until(question)
            return with_pictures(messages, [reference_of(picture, self.bank.pictures) for picture in shown])

        return compose

    def prompt_hashes(self, respondent: RespondentPlan) -> dict[str, str]:
        """Hash of the prompt."""
        return {f"prompt {pair_prompt().name}": pair_prompt().sha256}

    def facts(self) -> dict[str, Any]:
        """That models compared pairs; the rules are those that a study begins with, should this be its first run."""
        return {
            "compared_by": [respondent.settings.id for respondent in self.respondents],
            "seed_rule": SEED_BY_QUESTION_AND_ROUND,
            "option_rule": OPTIONS_LETTERED,
        }

    @cached_property
    def _questions(self) -> dict[str, Any]:
        return {**canary_questions(), **self.bank.by_question()}


def asked_as(judge: str) -> str:
    """The name under which a model's comparisons are asked for: its marks are asked for under its label alone."""
    return f"{judge} (pairs)"


def pair_asks(judge: str, bank: Bank, rows: Sequence[PairRow]) -> list[PairAsk]:
    """Every pair that people compare, in both orders; pairs that read alike go to no model either."""
    asked = bank.by_question()
    pairs = {row.pair: row for row in sorted(rows, key=lambda row: row.row_id, reverse=True) if row.reviewer}
    alike: dict[tuple[str, str, str], list[PairRow]] = {}
    for row in sorted(pairs.values(), key=lambda row: row.row_id):
        if row.question_id in asked:
            low, high = sorted((row.first_text, row.second_text))
            alike.setdefault((row.question_id, low, high), []).append(row)
    return [
        PairAsk(pair_ask_id(judge, *asked[question_id], low, high), question_id, low, high, tuple(same))
        for (question_id, low, high), same in alike.items()
    ]


def plan_pairs(
    bank: Bank,
    rows: Sequence[PairRow],
    judges: Sequence[RespondentSettings],
    outcomes: JudgeOutcomes,
    *,
    limits: CanaryLimits,
    only_failed: bool = False,
    despite_canaries: bool = False,
) -> PairPlan:
    """Work out what is still to be asked; nothing is sent or stored.

    Parameters
    ----------
    bank : Bank
        Of the study, without what is excluded.
    rows : sequence of PairRow
        That went out to people.
    judges : sequence of RespondentSettings
        Each under the label of the model.
    outcomes : JudgeOutcomes
    limits : CanaryLimits
    only_failed : bool
        Only what failed before.
    despite_canaries : bool
        Let a model compare that failed its canaries.
    """
    respondents = []
    wanted: dict[str, Sequence[PairAsk]] = {}
    open_now: dict[str, Sequence[PairAsk]] = {}
    results: dict[str, PairCanaryResult | None] = {}
    for settings in judges:
        own = settings.model_copy(update={"id": asked_as(settings.id)})
        replies, probes = PairReplies.of(outcomes, own.id), _canary_asks(settings.id)
        wanted[own.id] = pair_asks(settings.id, bank, rows)
        result = results[own.id] = _canaries_compared(probes, replies, limits)
        open_now[own.id] = ()
        if wanted[own.id] and result is None:
            open_now[own.id] = list(probes.values())
        elif result is not None and (result.passed or despite_canaries):
            open_now[own.id] = [*wanted[own.id], *_second_tries(wanted[own.id], replies)]
        only = outcomes.failed(own.id) if only_failed else None
        stored, pending = outcomes.stored(own.id), outcomes.pending(own.id)
        respondents.append(RespondentPlan(own, {}, [], stored, only, 0, pending=pending))
    plan = PairPlan(bank, tuple(respondents), wanted, open_now, results)
    counted = (replace(respondent, missing=sum(1 for _ in plan.asks(respondent))) for respondent in plan.respondents)
    return replace(plan, respondents=tuple(counted))


def _canary_asks(judge: str) -> dict[PairCanary, PairAsk]:
    found = {}
    for canary in pair_canaries():
        case, question = canary_questions()[canary.question_id]
        low, high = sorted((canary.right, canary.wrong))
        found[canary] = PairAsk(pair_ask_id(judge, case, question, low, high), question.id, low, high)
    return found


def _canaries_compared(
    probes: Mapping[PairCanary, PairAsk], replies: PairReplies, limits: CanaryLimits
) -> PairCanaryResult | None:
    """How a model fared; None while a canary has no outcome, or failed and may be asked again."""
    if not all(replies.is_settled(ask.ask_id, order) for ask in probes.values() for order in ask.orders):
        return None
    chosen: dict[PairCanary, PairChoice] = {}
    for canary, ask in probes.items():
        choice, _ = pair_choice(replies, ask.ask_id)
        if choice is not None:
            of_right: PairChoice = "first" if ask.low == canary.right else "second"
            decided = choice in ("first", "second")
            chosen[canary] = ("first" if choice == of_right else "second") if decided else choice
    return pair_canary_result(chosen, limits)


def _second_tries(asks: Iterable[PairAsk], replies: PairReplies) -> Iterator[PairAsk]:
    """Replies without a choice, asked for once more in the same order and under an id of their own."""
    for ask in asks:
        orders = tuple(order for order in ask.orders if replies.unread(ask.ask_id, order))
        if orders:
            yield replace(ask, ask_id=linked_id(ask.ask_id, "second_try"), orders=orders, again=True)
