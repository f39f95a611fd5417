"""What a run will take, before anything is sent: asks, tokens, US dollars, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samp_eval.endpoint import is_local
from samp_eval.run.asking_plan import RespondentPlan
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.cost.tokens import TokenCounter
from samp_eval.run.plan import RunPlan, plan_asks

__all__ = ["RoundEstimate", "estimate_rounds", "estimated_seconds"]

PROMPTED_TOKENS_A_LINE = 15
BARE_TOKENS = 400
SECONDS_AN_ANSWER = 2.0
ADAPTED_CONCURRENCY = 16
LOCAL_SECONDS_AN_ANSWER = 6.0
"""Of a model served on this machine, which is asked one at a time; 3 to 10 on two cores."""


@dataclass(frozen=True, slots=True)
class RoundEstimate:
    """One respondent's round.

    Attributes
    ----------
    asks : int
        What would be sent.
    prompt_tokens, completion_tokens : int
        Of the requests as the counter has it; an answer is estimated by its condition, at most ``max_tokens``.
    cost_usd : float or None
        US dollars; None where the table has no price.
    """

    respondent: str
    round: int
    condition: str
    stored: int
    asks: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


def estimate_rounds(
    plan: RunPlan, prices: PriceTable, counters: Mapping[str, TokenCounter], *, batch: bool = False
) -> list[RoundEstimate]:
    """Every round that is due, respondent by respondent, at the prices of batches where these are wanted.

    ``counters`` are by model.
    """
    return [
        _estimate(plan, respondent, number, prices, counters[respondent.settings.model], batch)
        for respondent in plan.respondents
        for number in respondent.rounds
    ]


def _estimate(
    plan: RunPlan, respondent: RespondentPlan, number: int, prices: PriceTable, counter: TokenCounter, batch: bool
) -> RoundEstimate:
    by_question = plan.bank.by_question()
    compose = plan.composer()
    settings, round_asked = respondent.settings, respondent.rounds[number]
    asks = prompt_tokens = completion_tokens = 0
    pictured = plan.bank.pictured
    for ask in plan_asks(
        plan.question_ids,
        settings.id,
        {number: round_asked},
        respondent.taken,
        only=respondent.only,
        pictured=pictured,
    ):
        _, question = by_question[ask.question_id]
        answer = PROMPTED_TOKENS_A_LINE * question.requested if ask.condition.prompted else BARE_TOKENS
        asks += 1
        prompt_tokens += counter.count(compose(ask))
        completion_tokens += min(answer, settings.max_tokens) if settings.max_tokens else answer
    price = prices.price(settings.model, batch=batch)
    return RoundEstimate(
        respondent=settings.id,
        round=number,
        condition=round_asked.condition.label,
        stored=sum((question, number) in respondent.stored for question in plan.question_ids),
        asks=asks,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost_usd=price.cost(prompt_tokens, completion_tokens) if price is not None else None,
    )


def estimated_seconds(plan: RunPlan, estimates: list[RoundEstimate]) -> float:
    """Seconds within the given limits, the respondents side by side; about two seconds for an answer.

    Models that are served on this machine share it: theirs add up.
    """
    longest = local = 0.0
    for settings in (respondent.settings for respondent in plan.respondents):
        own = [estimate for estimate in estimates if estimate.respondent == settings.id]
        asks = sum(estimate.asks for estimate in own)
        tokens = sum(estimate.prompt_tokens + estimate.completion_tokens for estimate in own)
        seconds = asks * SECONDS_AN_ANSWER / (settings.concurrency or ADAPTED_CONCURRENCY)
        if is_local(settings.model):
            local += asks * LOCAL_SECONDS_AN_ANSWER
            seconds = local
        if settings.requests_per_minute:
            seconds = max(seconds, 60.0 * asks / settings.requests_per_minute)
        if settings.tokens_per_minute:
            seconds = max(seconds, 60.0 * tokens / settings.tokens_per_minute)
        longest = max(longest, seconds)
    return longest
