"""The peers of the run engine, each a program of its own: python peers.py NAME BASE_URL ASKS AT_A_TIME.

``create`` is a bare script on openai's client, ``aiohttp`` a bare HTTP client; ``inspect``, ``inspect-retry`` and
``lm-eval`` need those programs. ``lm-eval`` prints how many seconds of its time it asked.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionUserMessageParam

HERE = Path(__file__).parent
QUESTION = "A boy has been hot for two days. What is it? " * 65
MESSAGES: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": QUESTION}]


async def create(base_url: str, asks: int, at_a_time: int) -> None:
    import openai

    client = openai.DefaultAioHttpClient(timeout=60)
    async with openai.AsyncOpenAI(api_key="none", base_url=base_url, http_client=client) as api:

        async def ask(limit: asyncio.Semaphore) -> str:
            async with limit:
                found = await api.chat.completions.create(model="m", messages=MESSAGES)
                return found.choices[0].message.content or ""

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
    """Write the log into the folder INSPECT_LOGS, or into one that does not last."""
    from inspect_ai import eval
    from inspect_ai.model import get_model

    os.chdir(HERE)  # it knows a task by the relative path of its file
    with tempfile.TemporaryDirectory() as folder:
        logs = eval(
            "inspect_task.py",
            task_args={"asks": asks},
            model=get_model("openai/m", base_url=base_url, api_key="none", responses_api=False),
            max_connections=at_a_time,
            max_samples=at_a_time,
            log_dir=os.environ.get("INSPECT_LOGS", folder),
            display="none",
        )
        assert logs[0].status == "success", logs[0].error


def inspect_retry(at_a_time: int) -> None:
    """Go on with the log of a killed run."""
    from inspect_ai import eval_retry
    from inspect_ai.log import list_eval_logs

    os.chdir(HERE)
    found = list_eval_logs(os.environ["INSPECT_LOGS"])
    where = {"log_dir": os.environ["INSPECT_LOGS"], "display": "none"}
    logs = eval_retry(found, max_connections=at_a_time, max_samples=at_a_time, **where)
    assert logs[0].status == "success", logs[0].error


def lm_eval(base_url: str, asks: int, at_a_time: int) -> None:
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    from lm_eval import simple_evaluate
    from lm_eval.models.openai_completions import LocalChatCompletion

    class Timed(LocalChatCompletion):  # type: ignore[misc]  # lm-eval has no types
        def generate_until(self, *arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            found = super().generate_until(*arguments, **named)
            print(f"asking {time.perf_counter() - began}")
            return found

    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder) / "questions.jsonl"
        rows = [{"q": f"{number} {MESSAGES[0]['content']}", "a": "Fever"} for number in range(asks)]
        questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        task = {
            "task": "bench",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(questions)}, "cache_dir": folder},
            "test_split": "test",
            "output_type": "generate_until",
            "doc_to_text": "{{q}}",
            "doc_to_target": "{{a}}",
            "generation_kwargs": {"until": [], "max_gen_toks": 50},
            "metric_list": [{"metric": "exact_match"}],
        }
        address = f"{base_url}/chat/completions"
        model = Timed(model="m", base_url=address, num_concurrent=at_a_time, tokenized_requests=False)
        assert simple_evaluate(model=model, tasks=[task], apply_chat_template=True, bootstrap_iters=0)


if __name__ == "__main__":
    name, base_url, asks, at_a_time = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if name in ("create", "aiohttp"):
        asyncio.run({"create": create, "aiohttp": aiohttp}[name](base_url, asks, at_a_time))
    elif name == "inspect-retry":
        inspect_retry(at_a_time)
    else:
        {"inspect": inspect, "lm-eval": lm_eval}[name](base_url, asks, at_a_time)
