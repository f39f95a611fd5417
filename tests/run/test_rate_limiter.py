"""The limit grows while answers come well and falls back when the server is overloaded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from openai_server import Held, OpenAIServer, Say, Status
from small_bank import KEY
from virtual_time import run_in_virtual_time

from samp_eval.errors import CannotAsk
from samp_eval.run.execute import RespondentQueue, RetryRule, execute
from samp_eval.run.providers.openai_respondent import OpenAIRespondent
from samp_eval.run.rate_limiter import ConcurrencyLimit, RateLimit, RateLimiter
from samp_eval.run.respondent import Ask, FailedAttempt, Reply, Response, ResponseFailure
from samp_eval.run.study_run import rate_limit_for
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

    def keep_outcomes(self, outcomes: Sequence[Response | ResponseFailure]) -> list[bool]:
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
                retry=RetryRule(initial_backoff=0.01, max_rate_limit_attempts=1000),
            )

    asyncio.run(ask_all())
    return kept


def test_an_overloaded_server_gets_every_ask_through(server: OpenAIServer) -> None:
    def answer(_: object) -> Say | Status:
        return Say(delay=0.02) if server.in_flight < 10 else Status(429, {"error": {"message": "slow down"}})

    server.answer = answer
    kept = run_asks(server, RateLimit(initial_concurrency=8, max_concurrency=64), 300)
    assert len(kept.outcomes) == 300
    assert all(isinstance(outcome, Response) for outcome in kept.outcomes)


@dataclass
class Provider:
    """Answers in virtual time, refuses what passes its limit, and is slower the more it queues."""

    refuses_from: int = 1000
    queues_from: int = 1000
    asked: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    async def answer(self, limiter: RateLimiter) -> bool:
        self.asked += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        refused = self.in_flight > self.refuses_from
        latency = 0.05 * max(1.0, self.in_flight / self.queues_from)
        await asyncio.sleep(0.001 if refused else latency)
        self.in_flight -= 1
        if refused:
            limiter.overloaded(None)
        else:
            limiter.answered(latency, 10, None)
        return not refused


def ask_provider(provider: Provider, rule: RateLimit, asks: int) -> float:
    """Ask as many workers as the rule allows do, and return the seconds that it took."""
    left = iter(range(asks))

    async def work(limiter: RateLimiter) -> None:
        for _ in left:
            await limiter.acquire()
            while not await provider.answer(limiter):
                await asyncio.sleep(0.01)
                await limiter.acquire()

    async def ask_all() -> None:
        limiter = RateLimiter(rule)
        await asyncio.gather(*(work(limiter) for _ in range(rule.workers)))

    return run_in_virtual_time(ask_all())[1]


def test_the_limit_grows_by_one_with_each_answer() -> None:
    provider = Provider()
    seconds = ask_provider(provider, RateLimit(initial_concurrency=4, max_concurrency=40), 300)
    assert provider.most_in_flight == 40
    assert seconds == pytest.approx(0.5)  # 4, 8, 16, 32 and then 40 at a time, each in 0.05 s


def test_the_limit_stops_growing_where_the_server_only_queues() -> None:
    provider = Provider(queues_from=10)
    ask_provider(provider, RateLimit(initial_concurrency=4, max_concurrency=128), 600)
    assert 20 <= provider.most_in_flight < 64


def test_the_limit_finds_what_the_server_takes() -> None:
    provider = Provider(refuses_from=10)
    seconds = ask_provider(provider, RateLimit(initial_concurrency=8, max_concurrency=64), 300)
    assert provider.asked - 300 < 150, "few are refused"
    assert seconds < 2 * 300 / 10 * 0.05, "at least half of what the server takes is used"


def test_requests_per_minute() -> None:
    assert ask_provider(Provider(), RateLimit(concurrency=4, requests_per_minute=600), 11) == pytest.approx(
        10 * 0.1 + 0.05
    )


def test_overload_halves_once_for_what_was_under_way_together() -> None:
    async def overload() -> float:
        limiter = RateLimiter(RateLimit(initial_concurrency=16, max_concurrency=64))
        for _ in range(16):
            await limiter.acquire()
        for _ in range(16):
            limiter.overloaded(None)
        return limiter.concurrency.value

    limit, _ = run_in_virtual_time(overload())
    assert limit == pytest.approx(8.0)


def test_a_pause_that_the_server_wants_holds_everyone_back() -> None:
    async def rest() -> None:
        limiter = RateLimiter(RateLimit(concurrency=4))
        await limiter.acquire()
        limiter.overloaded(0.2)
        await asyncio.gather(*(limiter.acquire() for _ in range(4)))

    assert run_in_virtual_time(rest())[1] == pytest.approx(0.2)


def test_nobody_rests_for_longer_than_an_hour() -> None:
    async def rest() -> None:
        limiter = RateLimiter(RateLimit(concurrency=1))
        await limiter.acquire()
        limiter.overloaded(86400.0)
        await limiter.acquire()
        limiter.answered(0.01, 1, 3.6e11)
        await limiter.acquire()

    assert run_in_virtual_time(rest())[1] == 0.0


@dataclass
class WithoutHint:
    """A server whose refusals for a rate limit name no time to wait."""

    id: str = "m"
    a_minute: int = 1_000_000
    at_a_time: int = 1_000_000
    latency: float = 0.5
    requests: int = 0
    in_flight: int = 0
    answered_in: dict[int, int] = field(default_factory=dict)

    @property
    def adaptations(self) -> list[str]:
        return []

    async def answer(
        self, messages: object, sampling_seed: int | None = None, answer_schema: object = None
    ) -> Reply | FailedAttempt:
        self.requests += 1
        minute = int(asyncio.get_running_loop().time() // 60)
        if self.answered_in.get(minute, 0) >= self.a_minute or self.in_flight >= self.at_a_time:
            await asyncio.sleep(0.01)
            return FailedAttempt("rate_limit", "HTTP 429: slow down")
        self.answered_in[minute] = self.answered_in.get(minute, 0) + 1
        self.in_flight += 1
        await asyncio.sleep(self.latency)
        self.in_flight -= 1
        return Reply("x", "m", latency_seconds=self.latency)


def ask_without_hint(provider: WithoutHint, rule: RateLimit, number: int) -> tuple[Counting, float]:
    kept = Counting()
    asks = (Ask(f"q{position}", "m", 1, Condition()) for position in range(number))
    asking = execute([RespondentQueue(provider, asks, rule)], lambda _: [], kept)
    _, seconds = run_in_virtual_time(asking)
    return kept, seconds


@pytest.mark.parametrize("a_minute", [1, 6, 20])
def test_an_allowance_for_each_minute_that_names_no_time_is_waited_for(a_minute: int) -> None:
    provider = WithoutHint(a_minute=a_minute)
    kept, seconds = ask_without_hint(provider, RateLimit(), 5 * a_minute)
    assert [type(outcome) for outcome in kept.outcomes] == [Response] * 5 * a_minute
    assert seconds < 6 * 60
    assert provider.requests < 5 * a_minute + 300, "a refused ask rests"


@pytest.mark.parametrize("concurrency", [None, 1, 20])
def test_a_server_that_refuses_everything_is_given_up(concurrency: int | None) -> None:
    provider = WithoutHint(a_minute=0)

    async def ask_all() -> float:
        kept = Counting()
        asks = (Ask(f"q{position}", "m", 1, Condition()) for position in range(1000))
        queue = RespondentQueue(provider, asks, RateLimit(concurrency=concurrency))
        with pytest.raises(CannotAsk, match=r"has refused every request for 65 seconds \(HTTP 429: slow down\)"):
            await execute([queue], lambda _: [], kept)
        assert 0 < len(kept.outcomes) <= 128
        return asyncio.get_running_loop().time()

    seconds, _ = run_in_virtual_time(ask_all())
    assert 65 < seconds < 130
    assert provider.requests < 400


def test_slow_answers_are_no_refusal_of_everything() -> None:
    """Two answers of 200 seconds are under way while the server refuses the other asks."""
    kept, _ = ask_without_hint(WithoutHint(at_a_time=2, latency=200.0), RateLimit(concurrency=4), 4)
    assert [type(outcome) for outcome in kept.outcomes] == [Response] * 4


def test_tokens_per_minute() -> None:
    async def ask() -> None:
        limiter = RateLimiter(RateLimit(concurrency=4, tokens_per_minute=6000))
        await limiter.acquire()
        limiter.answered(0.01, 6030, None)
        await limiter.acquire()

    assert run_in_virtual_time(ask())[1] == pytest.approx(30 / 6000 * 60)


def test_many_more_waiting_than_allowed_all_get_their_turn() -> None:
    async def ask() -> int:
        limiter = RateLimiter(RateLimit(initial_concurrency=2, max_concurrency=50))
        done = 0

        async def wait_and_fail() -> None:
            nonlocal done
            await limiter.acquire()
            await asyncio.sleep(0)
            limiter.failed()
            done += 1

        await asyncio.gather(*(wait_and_fail() for _ in range(50)))
        return done

    assert run_in_virtual_time(ask())[0] == 50


def test_respondents_of_one_server_share_its_limit(server: OpenAIServer) -> None:
    server.answer = lambda _: Held(Say(delay=0.02))
    server.release_when_held = 4
    kept = Counting()

    async def ask_all() -> None:
        async with AsyncExitStack() as stack:
            queues = []
            for name in ("a", "b", "c"):
                settings = RespondentSettings(id=name, model=name, base_url=server.base_url)
                respondent = await stack.enter_async_context(OpenAIRespondent(settings, KEY))
                asks = [Ask(f"q{position}", name, 1, Condition()) for position in range(20)]
                queues.append(RespondentQueue(respondent, iter(asks), RateLimit(concurrency=4), "one server"))
            await execute(queues, lambda ask: [{"role": "user", "content": ask.question_id}], kept)

    asyncio.run(ask_all())
    assert len(kept.outcomes) == 60
    assert server.most_in_flight == 4
    first = [outcome.ask.respondent for outcome in kept.outcomes[:12]]
    assert set(first) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("settings", "initial", "workers"),
    [
        ({}, 8, 128),
        ({"base_url": "https://llm.example.org/v1"}, 8, 128),
        ({"base_url": "http://127.0.0.1:8000/v1"}, 2, 128),
        ({"base_url": "http://localhost:11434/v1"}, 2, 128),
        ({"base_url": "http://[::1]:8000/v1"}, 2, 128),
        ({"base_url": "http://127.0.0.1:8000/v1", "concurrency": 5}, 5, 5),
        ({"model": "local"}, 1, 1),
    ],
)
def test_a_server_on_this_machine_begins_with_two(settings: dict[str, object], initial: int, workers: int) -> None:
    found = rate_limit_for(RespondentSettings.model_validate({"id": "m", "model": "m", **settings}))
    assert ConcurrencyLimit([found]).value == initial
    assert found.workers == workers


def test_limits_of_one_server_become_one() -> None:
    assert ConcurrencyLimit([RateLimit(concurrency=2), RateLimit(concurrency=6)]).value == 6
    adapting = ConcurrencyLimit([RateLimit(concurrency=2), RateLimit(initial_concurrency=3)])
    adapting.grow()
    assert adapting.value == 4
