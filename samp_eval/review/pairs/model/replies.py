"""What a model replied about pairs: each reply with its choice, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samp_eval.literals import PairChoice
from samp_eval.review.markers.model.asks import linked_id
from samp_eval.review.markers.model.judged import SETTLED_FAILURES, JudgeOutcomes
from samp_eval.review.pairs.model.request import read_choice
from samp_eval.run.respondent import Response

__all__ = ["ORDERS", "PairReplies", "PairReply", "pair_choice"]

ORDERS = (1, 2)
"""In the order of the alphabet, and the other way round."""

_TURNED: Mapping[PairChoice, PairChoice] = {"first": "second", "second": "first", "equal": "equal", "poor": "poor"}


@dataclass(frozen=True, slots=True)
class PairReply:
    """What came of a pair in one order.

    Attributes
    ----------
    choice : PairChoice or None
        As the pair was shown.
    reason : str or None
        Why there is no choice: of a reply, or of a request that failed.
    response : Response or None
        None where the request failed.
    """

    choice: PairChoice | None
    reason: str | None
    response: Response | None


@dataclass(frozen=True, slots=True)
class PairReplies:
    """Everything that came of a model's asks about pairs, by ask id and order, second tries under ids of their own."""

    by_place: Mapping[tuple[str, int], PairReply]

    @classmethod
    def of(cls, outcomes: JudgeOutcomes, name: str) -> PairReplies:
        """What came of everything that was asked under a name."""
        found = {
            (failure.ask.question_id, failure.ask.round): PairReply(None, failure.kind, None)
            for failure in outcomes.failures()
            if failure.ask.respondent == name
        }
        for response in outcomes.each_response():
            if response.ask.respondent == name:
                found[response.ask.question_id, response.ask.round] = PairReply(*read_choice(response.reply), response)
        return cls(found)

    def reply(self, ask_id: str, order: int) -> PairReply | None:
        """What counts of a pair in one order: a second try in the place of a reply without a choice."""
        first = self.by_place.get((ask_id, order))
        if not self.unread(ask_id, order):
            return first
        return self.by_place.get((linked_id(ask_id, "second_try"), order), first)

    def unread(self, ask_id: str, order: int) -> bool:
        """Whether the first reply came and has no choice, so that it is asked for once more."""
        first = self.by_place.get((ask_id, order))
        return first is not None and first.response is not None and first.choice is None

    def is_settled(self, ask_id: str, order: int) -> bool:
        """Whether nothing more is waited for: a reply came, or a failure that would come again."""
        first = self.by_place.get((ask_id, order))
        return first is not None and (first.response is not None or first.reason in SETTLED_FAILURES)


def pair_choice(replies: PairReplies, ask_id: str) -> tuple[PairChoice | None, bool]:
    """What both orders of a pair come to, as order 1 shows it, and whether they agree; None while one has no choice."""
    first, second = (replies.reply(ask_id, order) for order in ORDERS)
    if first is None or second is None or first.choice is None or second.choice is None:
        return None, True
    agreed = first.choice == _TURNED[second.choice]
    return (first.choice if agreed else "equal"), agreed
