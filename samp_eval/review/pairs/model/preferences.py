"""What a model's replies about pairs come to: a side chosen in both orders is preferred, else the pair is a tie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samp_eval.items.samp import Bank
from samp_eval.literals import PairChoice
from samp_eval.review.markers.model.judged import JudgeOutcomes
from samp_eval.review.pairs.model.plan import asked_as, pair_asks
from samp_eval.review.pairs.model.replies import ORDERS, PairReplies, pair_choice
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.run.respondent import Response

__all__ = ["ModelPreferences", "judges_of_pairs", "model_preferences"]


@dataclass(frozen=True, slots=True)
class ModelPreferences:
    """What a model prefers of the pairs that people compare.

    Attributes
    ----------
    judge : str
        Its label, ``model:NAME``.
    pairs : int
        That it was to compare.
    rows : tuple of PairRow
        One for each pair with a choice in both orders, as of the reviewer ``judge``.
    chosen : mapping of row id to ChosenPair
        The same side in both orders, or ``equal`` (``poor``, where both said so).
    seen : tuple of PairRow
        Each order with a choice.
    chosen_in_order : mapping of row id to ChosenPair
        Of ``seen``.
    inconsistent : int
        Pairs whose choice changed with the order; they are ties.
    no_choice : mapping of str to int
        Replies without a choice and requests that failed, by reason.
    """

    judge: str
    pairs: int
    rows: tuple[PairRow, ...]
    chosen: Mapping[str, ChosenPair]
    seen: tuple[PairRow, ...]
    chosen_in_order: Mapping[str, ChosenPair]
    inconsistent: int
    no_choice: Mapping[str, int]

    @property
    def ties(self) -> int:
        """Pairs of which no side is preferred."""
        return sum(chosen.choice in ("equal", "poor") for chosen in self.chosen.values())

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval review pairs ask --json``."""
        firsts = sum(chosen.choice == "first" for chosen in self.chosen_in_order.values())
        seconds = sum(chosen.choice == "second" for chosen in self.chosen_in_order.values())
        return {
            "pairs": self.pairs,
            "compared": len(self.rows),
            "ties": self.ties,
            "inconsistent": self.inconsistent,
            "preferred_first": firsts,
            "preferred_second": seconds,
            "no_choice": dict(self.no_choice),
        }


def judges_of_pairs(names: Sequence[str]) -> list[str]:
    """Labels of the models that were asked about pairs, given everything under which models were asked."""
    ending = asked_as("")
    return [name.removesuffix(ending) for name in names if name.endswith(ending)]


def model_preferences(judge: str, bank: Bank, rows: Sequence[PairRow], outcomes: JudgeOutcomes) -> ModelPreferences:
    """Read a model's replies about the pairs that people compare.

    Parameters
    ----------
    judge : str
        Its label.
    bank : Bank
    rows : sequence of PairRow
        That went out to people.
    outcomes : JudgeOutcomes
    """
    asks, replies = pair_asks(judge, bank, rows), PairReplies.of(outcomes, asked_as(judge))
    reasons = Counter[str]()
    whole: dict[str, tuple[PairRow, ChosenPair]] = {}
    seen: dict[str, tuple[PairRow, ChosenPair]] = {}
    inconsistent = 0
    for ask in asks:
        shown = {order: replies.reply(ask.ask_id, order) for order in ORDERS}
        for order, reply in shown.items():
            reasons.update([] if reply is None or reply.reason is None else [reply.reason])
            if reply is not None and reply.choice is not None and reply.response is not None:
                row = _as_shown(ask.rows[0], judge, f"{ask.ask_id}-{order}", *ask.texts(order))
                seen[row.row_id] = row, _chosen(row, reply.choice, reply.response)
        choice, agreed = pair_choice(replies, ask.ask_id)
        first = shown[ORDERS[0]]
        if choice is not None and first is not None and first.response is not None:
            inconsistent += len(ask.rows) * (not agreed)
            for number, pair in enumerate(ask.rows):
                row = _as_shown(pair, judge, f"{ask.ask_id}-pair-{number}", ask.low, ask.high)
                whole[row.row_id] = row, _chosen(row, choice, first.response)
    return ModelPreferences(
        judge,
        sum(len(ask.rows) for ask in asks),
        tuple(row for row, _ in whole.values()),
        {row_id: chosen for row_id, (_, chosen) in whole.items()},
        tuple(row for row, _ in seen.values()),
        {row_id: chosen for row_id, (_, chosen) in seen.items()},
        inconsistent,
        dict(reasons.most_common()),
    )


def _as_shown(row: PairRow, judge: str, row_id: str, first: str, second: str) -> PairRow:
    """A pair with its responses in the order of these texts."""
    sides = (row.first, row.second) if row.first_text == first else (row.second, row.first)
    return PairRow(row_id, judge, row.question_id, *sides, first, second, row.exported_at)


def _chosen(row: PairRow, choice: PairChoice, response: Response) -> ChosenPair:
    at = response.asked_at or row.exported_at
    return ChosenPair(row.row_id, choice, "", at, response.reply.model_returned)
