"""What a model's comparison of pairs will take, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from samp_eval.review.markers.model.estimate import MarkingEstimate
from samp_eval.review.pairs.model.plan import PairPlan
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.cost.tokens import TokenCounter

__all__ = ["estimate_pairs"]

TOKENS_A_CHOICE = 80
"""A sentence and two field names; a model that reasons before it answers writes many times more."""


def estimate_pairs(
    plan: PairPlan, prices: PriceTable, counters: Mapping[str, TokenCounter], *, batch: bool = False
) -> Iterator[MarkingEstimate]:
    """Canaries that are still open, then all pairs, as if the canaries were passed; ``counters`` are by model."""
    for respondent in plan.respondents:
        settings = respondent.settings
        counter, price = counters[settings.model], prices.price(settings.model, batch=batch)
        by_purpose = {"canaries": plan.open[settings.id]} if plan.canaries[settings.id] is None else {}
        for purpose, asked in {**by_purpose, "pairs": plan.wanted[settings.id]}.items():
            of_purpose = replace(plan, open={settings.id: asked})
            compose, known = of_purpose.composer(), {pair.ask_id for pair in asked}
            prompts = [counter.count(compose(ask)) for ask in of_purpose.asks(respondent)]
            completion_tokens = len(prompts) * min(TOKENS_A_CHOICE, settings.max_tokens or TOKENS_A_CHOICE)
            yield MarkingEstimate(
                judge=settings.id,
                purpose=purpose,
                stored=sum(ask_id in known for ask_id, _ in respondent.stored),
                asks=len(prompts),
                prompt_tokens=sum(prompts),
                completion_tokens=completion_tokens,
                cost_usd=None if price is None else price.cost(sum(prompts), completion_tokens),
            )
