"""What marking by models will take, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.asks import JudgeAsk
from samp_eval.review.markers.model.plan import MarkingPlan
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.cost.tokens import TokenCounter

__all__ = ["MarkingEstimate", "estimate_marking"]

TOKENS_A_VERDICT = 120
"""Two sentences and five field names; a model that reasons before it answers writes many times more."""


@dataclass(frozen=True, slots=True)
class MarkingEstimate:
    """What one model is asked for one purpose.

    Attributes
    ----------
    judge : str
        Label.
    purpose : {"canaries", "key", "judgement"}
    stored, asks : int
        Replies that are there, and requests that would be sent.
    prompt_tokens, completion_tokens : int
        Of the requests as the counter has it; a reply is estimated.
    cost_usd : float or None
        US dollars at list prices, without the discount of a prompt cache; None where the table has no price.
    """

    judge: str
    purpose: str
    stored: int
    asks: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


def estimate_marking(
    plan: MarkingPlan, prices: PriceTable, counters: Mapping[str, TokenCounter], *, batch: bool = False
) -> Iterator[MarkingEstimate]:
    """Canaries that are still open, then all answers by basis, as if the canaries were passed.

    ``counters`` are by model.
    """
    for respondent in plan.respondents:
        name = respondent.settings.id
        by_purpose: dict[str, list[JudgeAsk]] = {}
        if plan.canaries[name] is None:
            by_purpose["canaries"] = [ask for ask in plan.open[name] if ask.is_canary]
        bases: list[MarkBasis] = list(dict.fromkeys(ask.basis for ask in plan.wanted[name]))
        for basis in bases:
            by_purpose[basis] = [ask for ask in plan.wanted[name] if ask.basis == basis]
        for purpose, asks in by_purpose.items():
            yield _estimate(plan, respondent, purpose, asks, prices, counters[respondent.settings.model], batch)


def _estimate(
    plan: MarkingPlan,
    respondent: RespondentPlan,
    purpose: str,
    asks: Sequence[JudgeAsk],
    prices: PriceTable,
    counter: TokenCounter,
    batch: bool,
) -> MarkingEstimate:
    settings = respondent.settings
    of_purpose = replace(plan, open={settings.id: asks})
    compose = of_purpose.composer()
    known = {ask.ask_id for ask in asks}
    count = prompt_tokens = 0
    for ask in of_purpose.asks(respondent):
        count += 1
        prompt_tokens += counter.count(compose(ask))
    a_verdict = min(TOKENS_A_VERDICT, settings.max_tokens or TOKENS_A_VERDICT)
    price = prices.price(settings.model, batch=batch)
    return MarkingEstimate(
        judge=settings.id,
        purpose=purpose,
        stored=sum(ask_id in known for ask_id, _ in respondent.stored),
        asks=count,
        prompt_tokens=prompt_tokens,
        completion_tokens=count * a_verdict,
        cost_usd=price.cost(prompt_tokens, count * a_verdict) if price is not None else None,
    )
