"""Wall time, processor time and memory, start to exit, of the run engine and its peers, in turns against one server.

Usage: python benchmarks/run/bench_asking.py [--repeats N] [--large ASKS] [--memory ASKS] [--lm-eval PYTHON]

The server answers after 50 ms, on a core of its own where there is one. Inspect AI gets an environment of its own in
build/peers, made at the first call; it writes a full transcript of every sample, which is part of its cost. ``PYTHON``
is an interpreter that has lm-eval (its installation brings PyTorch): most of its time is start-up, so the time that it
asked is shown apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("peers.py")
DELAY = 0.05
REPEATS_OF_LONG_RUNS = 1


@dataclass(frozen=True)
class Took:
    """Seconds and megabytes of one whole program; ``asking`` only where it says so itself."""

    wall: float
    processor: float
    megabytes: float
    asking: float | None
    requests: float = 0.0
    """Seconds from the first request to the last, as the server saw them."""


@contextmanager
def local_server(*options: str) -> Iterator[str]:
    command = [sys.executable, str(ROOT / "tests" / "openai_server.py"), "--delay", str(DELAY), *options]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
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


def engine(bank: Path, base_url: str, study: Path, at_a_time: int) -> list[str]:
    program = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()"]
    where = ["--items", str(bank), "--base-url", base_url, "--study", str(study)]
    return [*program, "run", "--model", "m", *where, "--concurrency", str(at_a_time)]


def inspect_python() -> str:
    """An interpreter with Inspect AI, installed at the first call."""
    folder = ROOT / "build" / "peers" / "inspect"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "installed").exists():
        print("installing Inspect AI into build/peers/inspect", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "inspect-ai", "openai"], check=True)
        (folder / "installed").touch()
    return str(python)


def took(command: list[str], base_url: str) -> Took:
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        running = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        said = out.read().decode().splitlines()
        assert status == 0, err.read()[-2000:].decode()
    asking = next((float(line.split()[1]) for line in said if line.startswith("asking ")), None)
    with urllib.request.urlopen(base_url.removesuffix("/v1") + "/counts") as counts:
        seconds = json.load(counts)["seconds"]
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, asking, seconds)


def compare(asks: int, at_a_time: int, repeats: int, interpreters: dict[str, str]) -> None:
    """Print a table of medians; ``interpreters`` of the peers by their names."""
    rows: dict[str, list[Took]] = {}
    with tempfile.TemporaryDirectory() as folder, local_server() as base_url:
        bank = write_bank(Path(folder) / "bank", asks // 5)
        for repeat in range(repeats):
            commands = {"samp-eval": engine(bank, base_url, Path(folder) / f"study{repeat}", at_a_time)}
            for name, python in interpreters.items():
                commands[name] = [python, str(PEERS), name, base_url, str(asks), str(at_a_time)]
            for name, command in commands.items():
                if repeat < REPEATS_OF_LONG_RUNS or name not in ("inspect", "lm-eval"):
                    rows.setdefault(name, []).append(took(command, base_url))
    print(f"{asks:,} asks, {at_a_time} at a time; latency alone {asks * DELAY / at_a_time:.2f} s; medians of {repeats}")
    ours = statistics.median(one.wall for one in rows["samp-eval"])
    for name, all_of_it in rows.items():
        wall, cpu, megabytes, requests = (
            statistics.median(getattr(one, figure) for one in all_of_it)
            for figure in ("wall", "processor", "megabytes", "requests")
        )
        apart = f"; {all_of_it[0].asking:.2f} s of it asking by its own clock" if all_of_it[0].asking else ""
        print(
            f"  {name:10} {wall:7.2f} s wall, {cpu:7.2f} s processor, {megabytes:5.0f} MB; ours is {ours / wall:.2f} "
            f"times that; {requests:.2f} s from first to last request{apart}",
            flush=True,
        )
    figures = {f"ratio_to_{name}": ours / statistics.median(one.wall for one in rows[name]) for name in interpreters}
    record(f"{asks} requests", seconds=ours, **figures)


def memory(asks: int) -> None:
    """Peak memory for ten times as many asks."""
    peaks = []
    for number in (asks // 10, asks):
        with tempfile.TemporaryDirectory() as folder, local_server() as base_url:
            bank = write_bank(Path(folder) / "bank", number // 5)
            peaks.append(took(engine(bank, base_url, Path(folder) / "study", 256), base_url).megabytes)
    few, many = peaks
    record(f"memory of {asks} requests", megabytes=many, ratio_to_a_tenth=many / few)
    print(f"peak memory: {few:.0f} MB for {asks // 10:,} asks, {many:.0f} MB for {asks:,}: {many / few:.2f} times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", type=int, default=10_000, help="asks of the large comparison; 0 leaves it out")
    parser.add_argument("--memory", type=int, default=100_000, help="asks of the memory comparison; 0 leaves it out")
    parser.add_argument("--inspect", help="interpreter that has Inspect AI; one is made where none is named")
    parser.add_argument("--lm-eval", help="interpreter that has lm-eval")
    options = parser.parse_args()
    interpreters = dict.fromkeys(("create", "aiohttp"), sys.executable)
    interpreters["inspect"] = options.inspect or inspect_python()
    if options.lm_eval:
        interpreters["lm-eval"] = options.lm_eval
    compare(385, 32, options.repeats, interpreters)
    if options.large:
        compare(options.large, 256, min(options.repeats, 3), interpreters)
    if options.memory:
        memory(options.memory)


if __name__ == "__main__":
    main()
