"""What the requests of a model that marks tell beside its marks: the order of the entries, and anchors asked again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from samp_eval.analysis.judging.results import Drift
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import entry_letter
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.anchors import ANCHORS, FEWEST_FOR_ANCHORS, anchor_pairs
from samp_eval.review.markers.model.judged import JudgedAsk, with_second_tries
from samp_eval.review.markers.model.verdict import Verdict
from samp_eval.statistics.exact_tests import exact_mcnemar
from samp_eval.statistics.judging.error_rates import clustered_rate
from samp_eval.statistics.judging.order_effect import OrderEffect, order_effect

__all__ = ["drift_of", "order_of"]


def order_of(judged: Sequence[JudgedAsk], judge: str, answers: Collection[str]) -> OrderEffect:
    """Whether a model credits the entry that it sees first more often, over all its marks of these answers by the key.

    Raises
    ------
    CannotEstimate
        Where no mark credits an entry of a key with two or more.
    """
    shown = []
    for found in with_second_tries(judged):
        ask, outcome = found.ask, found.outcome
        own = (ask.judge, ask.basis, ask.purpose) == (judge, "key", "mark") and ask.answer_id in answers
        if own and isinstance(outcome, Verdict) and outcome.value != "0":
            letters = [entry_letter(place) for place in found.order]
            shown.append((ask.question_id, letters.index(outcome.value), len(letters)))
    questions = np.unique(np.array([question for question, _, _ in shown], dtype=object), return_inverse=True)[1]
    places = np.array([(place, entries) for _, place, entries in shown], dtype=np.int64).reshape(-1, 2)
    return order_effect(places[:, 0], places[:, 1], questions.astype(np.int64))


def drift_of(judged: Sequence[JudgedAsk], judge: str, basis: MarkBasis) -> Drift:
    """Whether a model marks at the end as it did at the start.

    Raises
    ------
    CannotEstimate
        Where no answer was asked again.
    """
    own = [found for found in judged if found.ask.judge == judge and found.ask.basis == basis]
    pairs = anchor_pairs(own)
    if not pairs:
        raise CannotEstimate(
            f"No answer was asked again at the end. samp-eval mark asks {ANCHORS} again where a model marks "
            f"{FEWEST_FOR_ANCHORS} answers or more."
        )
    first, last = (np.array([getattr(pair, end) for pair in pairs]) for end in ("first", "last"))
    questions = np.unique(np.array([pair.ask.question_id for pair in pairs], dtype=object), return_inverse=True)[1]
    test = exact_mcnemar(first, last)
    lost = int(test.statistic)
    return Drift(
        clustered_rate(first != last, questions.astype(np.int64)), lost, test.n_discordant - lost, test.p_value
    )
