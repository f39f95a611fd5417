"""Time the marking page with 50 reviewers at once: first load, marks, and marks while idle connections are held open.

Run: python benchmarks/review/bench_marking_page.py [LINES]   (answer lines of the study; default 173)
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sheets import responses

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

from samp_eval.items.load import load_bank
from samp_eval.store.study_store import StudyStore

REVIEWERS, MARKS_EACH, IDLE_CONNECTIONS = 50, 40, 1100
COMMAND = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()", "review", "serve"]
JSON = {"content-type": "application/json"}


class Reviewer:
    """A reviewer's browser: one connection, kept open."""

    def __init__(self, link: str) -> None:
        self.address: SplitResult = urlsplit(link)
        self.rows: list[dict[str, Any]] = []
        self.connection = http.client.HTTPConnection(self.address.netloc, timeout=60)

    def request(self, method: str, path: str, body: str | None = None) -> bytes:
        for again in (True, False):
            try:
                self.connection.request(method, self.address.path + path, body, JSON if body else {})
                answer = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionError):  # an idle connection was closed meanwhile
                self.connection.close()
                if not again:
                    raise
        content = answer.read()
        assert answer.status == 200, (answer.status, content[:200])
        return content

    def open(self) -> None:
        """The page and its work, as a browser asks for them."""
        self.request("GET", "")
        self.rows = json.loads(self.request("GET", "work"))["rows"]

    def mark(self, number: int) -> None:
        """One judgement; the answer says that it is on disk."""
        mark = {"id": secrets.token_hex(16), "row": self.rows[number % len(self.rows)]["row"], "seen": ""}
        self.request("POST", "marks", json.dumps([{**mark, "field": "judgement", "value": str(number % 2)}]))


def at_once(reviewers: list[Reviewer], act: Callable[[Reviewer, int], None], times: int, pause: float) -> list[float]:
    """Milliseconds of each act where all reviewers begin together and each rests ``pause`` seconds between acts."""
    took: list[float] = []
    together = threading.Barrier(len(reviewers))

    def acts(reviewer: Reviewer, place: int) -> None:
        together.wait()
        time.sleep(pause * place / len(reviewers))
        for number in range(times):
            start = time.perf_counter()
            act(reviewer, number)
            took.append(1000 * (time.perf_counter() - start))
            time.sleep(pause)

    threads = [threading.Thread(target=acts, args=(one, place)) for place, one in enumerate(reviewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == len(reviewers) * times, "a reviewer was refused"
    return took


def shown(name: str, milliseconds: list[float]) -> float:
    """Print the times; returns the seconds within which 95 % of them are."""
    cuts = quantiles(milliseconds, n=100)
    print(f"{name}: median {cuts[49]:.0f} ms, 95 % within {cuts[94]:.0f} ms, longest {max(milliseconds):.0f} ms")
    return cuts[94] / 1000


def main() -> None:
    """Print the times."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 173
    bank = load_bank()
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        with StudyStore.open(Path(folder)) as store:
            store.keep_bank(bank)
            store.keep_outcomes(responses(bank, lines))
        names = [option for number in range(REVIEWERS) for option in ("--reviewer", f"R{number}")]
        process = subprocess.Popen(  # our own
            [*COMMAND, *names, "--port", "0", "--study", folder], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            links = [process.stdout.readline().split(": ", 1)[1].strip() for _ in range(REVIEWERS)]
            reviewers = [Reviewer(link) for link in links]
            first = shown(f"{REVIEWERS} loads of {lines} answers", at_once(reviewers, lambda one, _: one.open(), 1, 0))
            paced = shown("a mark a second each", at_once(reviewers, Reviewer.mark, 10, 1.0))
            start = time.perf_counter()
            fast = shown("marks as fast as they can", at_once(reviewers, Reviewer.mark, MARKS_EACH, 0))
            print(f"  {REVIEWERS * MARKS_EACH / (time.perf_counter() - start):.0f} marks a second")
            host, port = reviewers[0].address.hostname, reviewers[0].address.port
            idle = [socket.create_connection((host, port), timeout=10) for _ in range(IDLE_CONNECTIONS)]
            beside = shown(f"beside {IDLE_CONNECTIONS} idle connections", at_once(reviewers, Reviewer.mark, 10, 0))
            for one in idle:
                one.close()
            print(f"log: {log.seek(0, 2):,} bytes")
            figures = {"load": first, "paced_mark": paced, "fast_mark": fast, "mark_beside_idle": beside}
            record(f"marking page, {REVIEWERS} reviewers, {lines} answers, p95 seconds", **figures)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
