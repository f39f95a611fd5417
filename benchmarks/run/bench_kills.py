"""Kills (-9) at random moments of runs of 385 asks: what is stored in the end, and what is asked and paid for again.

Usage: python benchmarks/run/bench_kills.py [--kills N] [--inspect-kills N] [--inspect PYTHON]

An answer counts as paid for once it has left the server. Inspect AI goes on as its documents say, with a retry of the
log; it is killed fewer times, since each of its starts takes seconds.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent),
    str(Path(__file__).resolve().parents[1]),
    str(Path(__file__).resolve().parents[2] / "tests"),
]

from bench_asking import PEERS, engine, inspect_python, write_bank  # noqa: E402
from openai_server import OpenAIServer, Say  # noqa: E402
from record import record  # noqa: E402

from samp_eval.store.study_store import StudyStore  # noqa: E402

ASKS, AT_A_TIME = 385, 32
ENVIRONMENT = {**os.environ, "OPENAI_API_KEY": "none"}


def answer(_: object) -> Say:
    """Answers take 20 to 80 ms; all at the same moment is what no real server does."""
    return Say(delay=random.uniform(0.02, 0.08))


def stored(study: Path) -> int:
    with StudyStore.open(study, create=False) as store:
        return len(store.responses())


def killed_at(command: list[str], server: OpenAIServer, asked: int, environment: dict[str, str]) -> int:
    """Kill a program some moments after so many asks; returns how many answers had left the server by then."""
    before = server.count
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while server.count < before + asked and running.poll() is None:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.06))
    answered = server.count - server.in_flight - before
    running.kill()
    running.wait()
    return answered


def ours(kills: int, folder: Path, server: OpenAIServer) -> list[int]:
    bank, again = write_bank(folder / "bank", ASKS // 5), []
    for kill in range(kills):
        command = engine(bank, server.base_url, folder / f"study{kill}", AT_A_TIME)
        answered = killed_at(command, server, random.randint(20, 360), ENVIRONMENT)
        again.append(answered - stored(folder / f"study{kill}"))
        subprocess.run(command, env=ENVIRONMENT, stderr=subprocess.DEVNULL, check=True)
        assert stored(folder / f"study{kill}") == ASKS
    return again


def inspects(kills: int, folder: Path, server: OpenAIServer, python: str) -> list[int]:
    again = []
    for kill in range(kills):
        environment = {**ENVIRONMENT, "INSPECT_LOGS": str(folder / f"logs{kill}")}
        rest = [server.base_url, str(ASKS), str(AT_A_TIME)]
        answered = killed_at([python, str(PEERS), "inspect", *rest], server, random.randint(20, 360), environment)
        before = server.count
        subprocess.run([python, str(PEERS), "inspect-retry", *rest], env=environment, check=True, capture_output=True)
        again.append(server.count - before - (ASKS - answered))
    return again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--inspect-kills", type=int, default=5)
    parser.add_argument("--inspect", help="interpreter that has Inspect AI; one is made where none is named")
    options = parser.parse_args()
    random.seed(1)
    print(f"{ASKS} asks, {AT_A_TIME} at a time, one kill each; then the rest; every study was whole in the end")
    print("paid for and asked again, kill by kill:")
    with tempfile.TemporaryDirectory() as folder, OpenAIServer(answer, keep=False) as server:
        rows = {"samp-eval": ours(options.kills, Path(folder), server)}
        if options.inspect_kills:
            python = options.inspect or inspect_python()
            rows["inspect"] = inspects(options.inspect_kills, Path(folder), server, python)
    record(f"{ASKS} requests with a kill", paid_again_at_most=max(rows["samp-eval"]))
    for name, again in rows.items():
        print(f"  {name:10} median {statistics.median(again):g}, most {max(again)}: {sorted(again)}")


if __name__ == "__main__":
    main()
