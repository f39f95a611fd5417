"""What a model's comparison of pairs will take, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from samp_eval.review.markers.model.estimate import MarkingEstimate
from samp_eval.review.pairs.model.plan import PairPlan
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.cost.tokens import TokenCounter

__all__ = ["estimate_pairs"]

TOKENS_A_CHOICE = 80
"""A sentence and two field names; a model that reasons before it answers writes many times more."""


def estimate_pairs(
    plan: PairPlan, prices: PriceTable, counters: Mapping[str, TokenCounter]
) -> Iterator[MarkingEstimate]:
    """What each model is still to be asked; ``counters`` are by model."""
    compose = plan.composer()
    for respondent in plan.respondents:
        settings = respondent.settings
        counter, price = counters[settings.model], prices.price(settings.model, batch=False)
        asks = list(plan.asks(respondent))
        prompt_tokens = sum(counter.count(compose(ask)) for ask in asks)
        completion_tokens = len(asks) * min(TOKENS_A_CHOICE, settings.max_tokens or TOKENS_A_CHOICE)
        yield MarkingEstimate(
            judge=settings.id,
            purpose="pairs",
            stored=len(respondent.stored),
            asks=len(asks),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost_usd=None if price is None else price.cost(prompt_tokens, completion_tokens),
        )
