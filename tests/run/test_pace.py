"""The pace grows while answers come well and falls back when the server is overloaded."""

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
        async with OpenAIRespondent(settings, KEY, at_a_time=rule.workers) as respondent:
            asks = (Ask(f"q{position}", "m", 1, Condition()) for position in range(number))
            await execute(
                [RespondentQueue(respondent, asks, rule)],
                lambda ask: [{"role": "user", "content": ask.question_id}],
                kept,
                retry=RetryRule(first_wait=0.01, rate_limit_tries=1000),
            )

    asyncio.run(ask_all())
    return kept


def test_an_adapting_pace_grows(server: OpenAIServer) -> None:
    server.answer = lambda _: Say(delay=0.05)
    assert len(run_asks(server, RateLimit(first=4, most=40), 300).outcomes) == 300
    assert server.most_in_flight > 20


def test_an_adapting_pace_finds_what_the_server_takes(server: OpenAIServer) -> None:
    def answer(_: object) -> Say | Status:
        return Say(delay=0.02) if server.in_flight < 10 else Status(429, {"error": {"message": "slow down"}})

    server.answer = answer
    kept = run_asks(server, RateLimit(first=8, most=64), 300)
    assert all(isinstance(one, Response) for one in kept.outcomes)
    assert len(kept.outcomes) == 300
    assert server.count < 600


def test_overload_halves_once_for_what_was_under_way_together() -> None:
    async def overload() -> float:
        pace = RateLimiter(RateLimit(first=16, most=64))
        for _ in range(16):
            await pace.turn()
        for _ in range(16):
            pace.overloaded(None)
        return pace.limit

    assert asyncio.run(overload()) == pytest.approx(8.0)


def test_a_pause_that_the_server_wants_holds_everyone_back() -> None:
    async def rest() -> float:
        pace = RateLimiter(RateLimit(at_a_time=4))
        await pace.turn()
        pace.overloaded(0.2)
        began = time.monotonic()
        await asyncio.gather(*(pace.turn() for _ in range(4)))
        return time.monotonic() - began

    assert asyncio.run(rest()) >= 0.2


def test_nobody_rests_for_longer_than_an_hour() -> None:
    async def rest() -> None:
        pace = RateLimiter(RateLimit(at_a_time=1))
        await pace.turn()
        pace.overloaded(86400.0)
        await pace.turn()
        pace.answered(0.01, 1, 3.6e11)
        await asyncio.wait_for(pace.turn(), 1)

    asyncio.run(asyncio.wait_for(rest(), 5))


def test_tokens_per_minute() -> None:
    async def ask() -> float:
        pace = RateLimiter(RateLimit(at_a_time=4, tokens_per_minute=6000))
        began = time.monotonic()
        await pace.turn()
        pace.answered(0.01, 6030, None)
        await pace.turn()
        return time.monotonic() - began

    assert 0.25 <= asyncio.run(ask()) < 2.0


def test_many_more_waiting_than_allowed_all_get_their_turn() -> None:
    async def ask() -> int:
        pace = RateLimiter(RateLimit(first=2, most=50))
        done = 0

        async def one() -> None:
            nonlocal done
            await pace.turn()
            await asyncio.sleep(0)
            pace.failed()
            done += 1

        await asyncio.wait_for(asyncio.gather(*(one() for _ in range(50))), 5)
        return done

    assert asyncio.run(ask()) == 50
