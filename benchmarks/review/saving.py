"""Time from a mark's sending to its being on disk: two reviewers, 20 marks a second together, over HTTP.

Run: python benchmarks/review/saving.py
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from sheets import LINES, responses

from samp_eval.items.load import load_bank
from samp_eval.store.study_store import StudyStore

MARKS_EACH, MARKS_A_SECOND = 200, 10
COMMAND = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()", "review", "serve"]


def reviewer(link: str, took: list[float]) -> None:
    """Send marks at an even pace on one connection, as a browser does."""
    address = urlsplit(link)
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("GET", f"{address.path}work")
    rows = json.loads(connection.getresponse().read())["rows"]
    start = time.perf_counter() + 1
    for number in range(MARKS_EACH):
        time.sleep(max(0.0, start + number / MARKS_A_SECOND - time.perf_counter()))
        body = json.dumps([{"row": rows[number]["row"], "field": "judgement", "value": "1"}])
        sent = time.perf_counter()
        connection.request("POST", f"{address.path}marks", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - sent)
        assert answer.status == 200, answer.status


def main() -> None:
    """Print the median, the 95th percentile and the longest time."""
    bank = load_bank()
    with tempfile.TemporaryDirectory() as folder:
        with StudyStore.open(Path(folder)) as store:
            store.keep_bank(bank)
            for response in responses(bank, LINES):
                store.keep_response(response)
        options = ["--reviewer", "A", "--reviewer", "B", "--port", "0", "--study", folder]
        process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True)  # our own
        assert process.stdout is not None
        links = [process.stdout.readline().split(": ", 1)[1].strip() for _ in range(2)]
        took: list[float] = []
        threads = [threading.Thread(target=reviewer, args=(link, took)) for link in links]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        process.terminate()
        process.wait()
    milliseconds = [1000 * one for one in took]
    cuts = quantiles(milliseconds, n=100)
    shown = f"median {cuts[49]:.1f} ms, 95 % within {cuts[94]:.1f} ms, longest {max(milliseconds):.1f} ms"
    print(f"{len(took)} marks: {shown}")


if __name__ == "__main__":
    main()
