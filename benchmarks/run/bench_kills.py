"""Twenty kills (-9) at random moments of runs of 385 asks: what is stored in the end, and what is asked again.

Usage: python benchmarks/run/bench_kills.py [kills]
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2] / "tests")]

from bench_asking import write_bank  # noqa: E402
from openai_server import OpenAIServer, Say  # noqa: E402

from samp_eval.store.study_store import StudyStore  # noqa: E402

ASKS, AT_A_TIME = 385, 32


def answer(_: object) -> Say:
    """Answers take 20 to 80 ms; all at the same moment is what no real server does."""
    return Say(delay=random.uniform(0.02, 0.08))


def stored(study: Path) -> int:
    if not (study / "study.db").exists():
        return 0
    with StudyStore.open(study, create=False) as store:
        return len(store.responses())


def program(bank: Path, base_url: str, study: Path) -> list[str]:
    run = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()", "run", "--model", "m"]
    where = ["--items", str(bank), "--base-url", base_url, "--study", str(study)]
    return [*run, *where, "--concurrency", str(AT_A_TIME)]


def main(kills: int = 20) -> None:
    generator = random.Random(1)
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    with tempfile.TemporaryDirectory() as folder, OpenAIServer(answer, keep=False) as server:
        bank, study = write_bank(Path(folder) / "bank", ASKS // 5), Path(folder) / "study0"
        again = []
        for kill in range(kills):
            command = program(bank, server.base_url, study)
            before, held = server.count, stored(study)
            running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            target = before + generator.randint(1, min(200, ASKS - held))
            while server.count < target and running.poll() is None:
                time.sleep(0.001)
            time.sleep(generator.uniform(0, 0.06))
            answered = server.count - server.in_flight
            running.kill()
            running.wait()
            again.append(max(0, answered - before - (stored(study) - held)))
            if stored(study) > ASKS - 40 or kill == kills - 1:
                subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=True)
                assert stored(study) == ASKS
                study = Path(folder) / f"study{kill + 1}"
        print(f"{kills} kills, every study whole in the end ({ASKS}); answered before and asked again: {sorted(again)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
