"""The peers of the run engine, each a program of its own: python peers.py NAME BASE_URL ASKS AT_A_TIME.

``create`` is a bare script on openai's client, ``aiohttp`` a bare HTTP client, ``inspect`` needs Inspect AI.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile

MESSAGES = [{"role": "user", "content": "A boy has been hot for two days. What is it? " * 65}]


async def create(base_url: str, asks: int, at_a_time: int) -> None:
    import openai

    client = openai.DefaultAioHttpClient(timeout=60)
    async with openai.AsyncOpenAI(api_key="none", base_url=base_url, http_client=client) as api:

        async def ask(limit: asyncio.Semaphore) -> str:
            async with limit:
                found = await api.chat.completions.create(model="m", messages=MESSAGES)
                return found.choices[0].message.content

        limit = asyncio.Semaphore(at_a_time)
        assert all(await asyncio.gather(*(ask(limit) for _ in range(asks))))


async def aiohttp(base_url: str, asks: int, at_a_time: int) -> None:
    import aiohttp

    left = iter(range(asks))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_a_time)) as session:

        async def work() -> None:
            for _ in left:
                async with session.post(
                    f"{base_url}/chat/completions", json={"model": "m", "messages": MESSAGES}
                ) as got:
                    assert (await got.json())["choices"]

        await asyncio.gather(*(work() for _ in range(at_a_time)))


def inspect(base_url: str, asks: int, at_a_time: int) -> None:
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import get_model
    from inspect_ai.solver import generate

    samples = [Sample(id=f"q{number}", input=MESSAGES[0]["content"]) for number in range(asks)]
    with tempfile.TemporaryDirectory() as folder:
        logs = eval(
            Task(dataset=samples, solver=generate()),
            model=get_model("openai/m", base_url=base_url, api_key="none", responses_api=False),
            max_connections=at_a_time,
            max_samples=at_a_time,
            log_dir=folder,
            display="none",
        )
        assert logs[0].status == "success", logs[0].error


if __name__ == "__main__":
    name, base_url, asks, at_a_time = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if name == "inspect":
        inspect(base_url, asks, at_a_time)
    else:
        asyncio.run({"create": create, "aiohttp": aiohttp}[name](base_url, asks, at_a_time))
