"""Anchors: answers that are judged first and asked again at the end, by which a change of the model shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from samp_eval.review.markers.model.asks import JudgeAsk, linked_ask
from samp_eval.review.markers.model.judged import JudgedAsk
from samp_eval.review.markers.model.verdict import Verdict

__all__ = ["ANCHORS", "FEWEST_FOR_ANCHORS", "AnchorPair", "anchor_pairs", "anchored_asks", "due_anchors"]

ANCHORS = 20
"""Answers of each basis that are asked again."""

FEWEST_FOR_ANCHORS = 100
"""Answers of a basis below which none is asked again: it would be more than a fifth of the requests."""

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnchorPair:
    """An answer at its first asking and at its last, which showed the same request.

    Attributes
    ----------
    ask : JudgeAsk
        The first one.
    first, last : bool
        Whether the model credited it.
    """

    ask: JudgeAsk
    first: bool
    last: bool


def anchored_asks(asks: Sequence[JudgeAsk], held: Mapping[str, JudgeAsk]) -> list[JudgeAsk]:
    """Which asks of one basis are asked again at the end: what was chosen before, else one of each of 20 questions.

    Parameters
    ----------
    asks : sequence of JudgeAsk
        All that a model marks on the basis.
    held : mapping of ask id to JudgeAsk
        What the model was asked so far, its anchors among them.
    """
    chosen = [ask for ask in asks if linked_ask(ask, "anchor").ask_id in held]
    if chosen or len(asks) < FEWEST_FOR_ANCHORS:
        return chosen
    of_question: dict[str, int] = {}
    turns = []
    for ask in sorted(asks, key=lambda ask: hashlib.sha256(ask.ask_id.encode()).digest()):
        of_question[ask.question_id] = of_question.get(ask.question_id, 0) + 1
        turns.append((of_question[ask.question_id], ask))
    return [ask for _, ask in sorted(turns, key=lambda turn: turn[0])][:ANCHORS]


def due_anchors(anchored: Iterable[JudgeAsk], judged: Sequence[JudgedAsk]) -> dict[str, int]:
    """How often each anchor is to have been asked by now, by its id, once everything else has been asked.

    Anchors are asked again after each marking that brought something new, as a whole.

    Parameters
    ----------
    anchored : iterable of JudgeAsk
        The first asks.
    judged : sequence of JudgedAsk
        Everything that the model was asked and that has an outcome.
    """
    names = [linked_ask(ask, "anchor").ask_id for ask in anchored]
    times = {"anchor": _LONG_AGO, "mark": _LONG_AGO}
    asked: dict[str, int] = {}
    for found in judged:
        purpose = "anchor" if found.ask.purpose == "anchor" else "mark"
        if found.response is not None and not found.ask.is_canary:
            times[purpose] = max(times[purpose], found.response.asked_at or _LONG_AGO)
        if purpose == "anchor":
            asked[found.ask.ask_id] = max(asked.get(found.ask.ask_id, 0), found.repeat + 1)
    last = max((asked.get(name, 0) for name in names), default=0)
    due = last + 1 if not last or times["mark"] > times["anchor"] else last
    return dict.fromkeys(names, due)


def anchor_pairs(judged: Sequence[JudgedAsk]) -> list[AnchorPair]:
    """Anchors with a verdict at the first asking and at the last one that brought a verdict."""
    last: dict[str, JudgedAsk] = {}
    for found in judged:
        if found.ask.purpose == "anchor" and isinstance(found.outcome, Verdict):
            held = last.get(found.ask.ask_id)
            last[found.ask.ask_id] = found if held is None or held.repeat < found.repeat else held
    pairs = []
    for found in judged:
        if found.ask.purpose == "mark" and found.repeat == 0 and isinstance(found.outcome, Verdict):
            again = last.get(linked_ask(found.ask, "anchor").ask_id)
            if again is not None and isinstance(again.outcome, Verdict):
                pairs.append(AnchorPair(found.ask, found.outcome.value != "0", again.outcome.value != "0"))
    return pairs
