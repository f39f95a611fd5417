"""What models are still to be asked about the pairs that people compare: each pair in both orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from samp_eval.items.samp import Bank
from samp_eval.review.markers.model.judged import JudgeOutcomes
from samp_eval.review.pairs.model.request import pair_ask_id, pair_messages, pair_prompt, pair_schema
from samp_eval.review.pairs.pair_rows import PairRow
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.pictures import reference_of, with_pictures
from samp_eval.run.plan import SEED_BY_QUESTION_AND_ROUND, sampling_seed
from samp_eval.run.prompt import OPTIONS_LETTERED
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import Condition, RespondentSettings

__all__ = ["ORDERS", "PairAsk", "PairPlan", "asked_as", "pair_asks", "plan_pairs"]

ORDERS = (1, 2)
"""In the order of the alphabet, and the other way round."""


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
        One for each pair of responses with these texts: that of one of the people who compare it.
    """

    ask_id: str
    question_id: str
    low: str
    high: str
    rows: tuple[PairRow, ...]

    def texts(self, order: int) -> tuple[str, str]:
        """The responses as an order shows them."""
        return (self.low, self.high) if order == 1 else (self.high, self.low)


@dataclass(frozen=True)
class PairPlan:
    """What is still to be asked of models that compare pairs; it is asked as a study's respondents are."""

    bank: Bank
    respondents: tuple[RespondentPlan, ...]
    open: Mapping[str, Sequence[PairAsk]]
    early_rounds: tuple[int, ...] = ()
    by_schema: bool = field(default=True, init=False)

    @property
    def missing(self) -> int:
        """How many asks remain."""
        return sum(respondent.missing for respondent in self.respondents)

    def asks(self, respondent: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a model, both orders of a pair in turn."""
        settings = respondent.settings
        for pair in self.open[settings.id]:
            for order in ORDERS:
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
            messages = pair_messages(case, question, *pair.texts(asked.round))
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
        return self.bank.by_question()


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
    only_failed: bool = False,
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
    only_failed : bool
        Only what failed before.
    """
    respondents, open_now = [], {}
    for settings in judges:
        own = settings.model_copy(update={"id": asked_as(settings.id)})
        open_now[own.id] = pair_asks(settings.id, bank, rows)
        only = outcomes.failed(own.id) if only_failed else None
        respondents.append(
            RespondentPlan(own, {}, [], outcomes.stored(own.id), only, 0, pending=outcomes.pending(own.id))
        )
    plan = PairPlan(bank, tuple(respondents), open_now)
    counted = (replace(one, missing=sum(1 for _ in plan.asks(one))) for one in plan.respondents)
    return replace(plan, respondents=tuple(counted))
