"""Wall time from start to exit of the run engine and its peers, in turns against one local server.

Usage: python benchmarks/run/bench_asking.py [--repeats N] [--large ASKS] [--inspect PYTHON]

The server answers after 50 ms, on a core of its own where there is one. ``PYTHON`` is an interpreter that has Inspect
AI; it is asked 385 times only, and writes a full transcript of every sample, which is part of its cost.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("peers.py")
DELAY = 0.05


@contextmanager
def local_server() -> Iterator[str]:
    command = [sys.executable, str(ROOT / "tests" / "openai_server.py"), "--delay", str(DELAY)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(server.pid, {1})
        os.sched_setaffinity(0, {0})
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait()


def write_bank(folder: Path, questions: int) -> Path:
    folder.mkdir()
    stem = "A boy has been hot for two days. " * 20
    for case in range(0, questions, 7):
        lines = [f"id: case{case}", "topic: Fever", f"stem: {stem}", "questions:"]
        for number in range(case, min(case + 7, questions)):
            lines += [f"  - id: q{number}", "    question: What is it?", "    requested: 2"]
            lines += ["    key:", "      - answer: fever", "      - answer: cough"]
        (folder / f"case{case}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def timed(command: list[str]) -> tuple[float, float]:
    """Wall time and processor time of a program, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    wall = time.perf_counter() - began
    assert done.returncode == 0, done.stderr[-2000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(asks: int, at_a_time: int, base_url: str, repeats: int, inspect: str | None) -> None:
    walls: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        bank = write_bank(Path(folder) / "bank", asks // 5)
        for repeat in range(repeats):
            study = Path(folder) / f"study{repeat}"
            engine = [
                sys.executable,
                "-c",
                "from samp_eval.cli.main import entry_point; entry_point()",
                "run",
                "--model",
                "m",
            ]
            engine += [
                "--items",
                str(bank),
                "--base-url",
                base_url,
                "--study",
                str(study),
                "--concurrency",
                str(at_a_time),
            ]
            commands = {"samp-eval": engine}
            for name in ("create", "aiohttp"):
                commands[name] = [sys.executable, str(PEERS), name, base_url, str(asks), str(at_a_time)]
            if inspect:
                commands["inspect"] = [inspect, str(PEERS), "inspect", base_url, str(asks), str(at_a_time)]
            for name, command in commands.items():
                wall, cpu = timed(command)
                walls.setdefault(name, []).append(wall)
                processor.setdefault(name, []).append(cpu)
    ours = statistics.median(walls["samp-eval"])
    print(f"{asks} asks, {at_a_time} at a time; latency alone {asks * DELAY / at_a_time:.2f} s; medians of {repeats}")
    for name, values in walls.items():
        wall, cpu = statistics.median(values), statistics.median(processor[name])
        print(f"  {name:10} {wall:6.2f} s wall, {cpu:6.2f} s processor; ours is {ours / wall:.2f} times that")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--large", type=int, default=10_000)
    parser.add_argument("--inspect", help="interpreter that has Inspect AI")
    options = parser.parse_args()
    with local_server() as base_url:
        compare(385, 32, base_url, options.repeats, options.inspect)
        if options.large:
            compare(options.large, 256, base_url, 1, None)


if __name__ == "__main__":
    main()
