"""The limit grows while answers come well and falls back when the server is overloaded."""

from __future__ import annotations

import asyncio
import time

import pytest
from openai_server import OpenAIServer, Say, Status
from small_bank import KEY

from samp_eval.run.execute import RespondentQueue, RetryRule, execute
from samp_eval.run.providers.openai_respondent import OpenAIRespondent
from samp_eval.run.rate_limiter import RateLimit, RateLimiter
from samp_eval.run.respondent import Ask, Response, ResponseFailure
from samp_eval.study import Condition, RespondentSettings


class Counting:
    """Keeps what a store would."""

    def __init__(self) -> None:
        self.outcomes: list[Response | ResponseFailure] = []

    def journal_outcome(self, outcome: Response | ResponseFailure) -> None:
        pass

    def rotate_journal(self) -> None:
        pass

    def drop_journal(self) -> None:
        pass

    def keep_outcomes(self, outcomes: list[Response | ResponseFailure]) -> list[bool]:
        self.outcomes += outcomes
        return [True] * len(outcomes)


def run_asks(server: OpenAIServer, rule: RateLimit, number: int) -> Counting:
    kept = Counting()
    settings = RespondentSettings(id="m", model="m", base_url=server.base_url)

    async def ask_all() -> None:
        async with OpenAIRespondent(settings, KEY, connections=rule.workers) as respondent:
            asks = (Ask(f"q{position}", "m", 1, Condition()) for position in range(number))
            await execute(
                [RespondentQueue(respondent, asks, rule)],
                lambda ask: [{"role": "user", "content": ask.question_id}],
                kept,
                retry=RetryRule(initial_backoff=0.01, max_rate_limit_attempts=1000, max_unhinted_refusals=1000),
            )

    asyncio.run(ask_all())
    return kept


def test_an_adapting_pace_grows(server: OpenAIServer) -> None:
    server.answer = lambda _: Say(delay=0.05)
    assert len(run_asks(server, RateLimit(initial_concurrency=4, max_concurrency=40), 300).outcomes) == 300
    assert server.most_in_flight > 20


def test_an_adapting_pace_finds_what_the_server_takes(server: OpenAIServer) -> None:
    def answer(_: object) -> Say | Status:
        return Say(delay=0.02) if server.in_flight < 10 else Status(429, {"error": {"message": "slow down"}})

    server.answer = answer
    kept = run_asks(server, RateLimit(initial_concurrency=8, max_concurrency=64), 300)
    assert all(isinstance(one, Response) for one in kept.outcomes)
    assert len(kept.outcomes) == 300
    assert server.count < 600


def test_overload_halves_once_for_what_was_under_way_together() -> None:
    async def overload() -> float:
        limiter = RateLimiter(RateLimit(initial_concurrency=16, max_concurrency=64))
        for _ in range(16):
            await limiter.acquire()
        for _ in range(16):
            limiter.overloaded(None)
        return limiter.limit

    assert asyncio.run(overload()) == pytest.approx(8.0)


def test_a_pause_that_the_server_wants_holds_everyone_back() -> None:
    async def rest() -> float:
        limiter = RateLimiter(RateLimit(concurrency=4))
        await limiter.acquire()
        limiter.overloaded(0.2)
        began = time.monotonic()
        await asyncio.gather(*(limiter.acquire() for _ in range(4)))
        return time.monotonic() - began

    assert asyncio.run(rest()) >= 0.2


def test_nobody_rests_for_longer_than_an_hour() -> None:
    async def rest() -> None:
        limiter = RateLimiter(RateLimit(concurrency=1))
        await limiter.acquire()
        limiter.overloaded(86400.0)
        await limiter.acquire()
        limiter.answered(0.01, 1, 3.6e11)
        await asyncio.wait_for(limiter.acquire(), 1)

    asyncio.run(asyncio.wait_for(rest(), 5))


def test_tokens_per_minute() -> None:
    async def ask() -> float:
        limiter = RateLimiter(RateLimit(concurrency=4, tokens_per_minute=6000))
        began = time.monotonic()
        await limiter.acquire()
        limiter.answered(0.01, 6030, None)
        await limiter.acquire()
        return time.monotonic() - began

    assert 0.25 <= asyncio.run(ask()) < 2.0


def test_many_more_waiting_than_allowed_all_get_their_turn() -> None:
    async def ask() -> int:
        limiter = RateLimiter(RateLimit(initial_concurrency=2, max_concurrency=50))
        done = 0

        async def one() -> None:
            nonlocal done
            await limiter.acquire()
            await asyncio.sleep(0)
            limiter.failed()
            done += 1

        await asyncio.wait_for(asyncio.gather(*(one() for _ in range(50))), 5)
        return done

    assert asyncio.run(ask()) == 50
