"""Peak memory and processor time of inputs at each limit: the largest that is read, and small ones that are refused.

    python benchmarks/input_files/limits.py

Each command runs in a process of its own; `doctor`'s import of the same libraries is the first row, to compare with.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT / "tests" / "input_files")]

from record import record  # noqa: E402
from test_input_limits import BANKS, CHILD, write_bank, zipped  # noqa: E402

MB = 1_000_000
Make = Callable[[Path], object]


def measured(*arguments: str | Path) -> tuple[int, float, float, str]:
    """Exit code, peak megabytes, seconds of processor time and the first line of what a command says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = float(done.stdout.rpartition("PEAK ")[2] or "nan")
    said = done.stderr.strip().splitlines()
    return done.returncode, peak, seconds, said[-1][-110:] if said else ""


def question(number: int) -> str:
    return (
        f"case-{number},case-{number}-1,Fever,{'A child has been hot for two days. ' * 50},What is it?,write-in,1,"
        "A. fever,,,,,\n"
    )


HEADER = "case_id,question_id,topic,stem,question,format,requested,key,setting,vitals,update,options,source\n"


def large_csv(file: Path) -> None:
    """A bank of 49 MB."""
    count = 49 * MB // len(question(10_000))
    file.write_text(HEADER + "".join(map(question, range(count))), encoding="utf-8")


def large_jsonl(file: Path) -> None:
    """A bank of 49 MB, a case a line."""
    asked = {"question": "What is it?", "requested": 1, "key": [{"answer": "fever"}]}
    case = {"topic": "Fever", "stem": "A child has been hot for two days. " * 50}
    lines = (
        json.dumps({"id": f"case-{number}", **case, "questions": [{"id": f"case-{number}-1", **asked}]}) + "\n"
        for number in range(49 * MB // 1950)
    )
    file.write_text("".join(lines), encoding="utf-8")


def wide_workbook(file: Path) -> None:
    """A workbook that reaches over three million cells, nearly all of them empty."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "case_id")
        sheet.write(299_999, 9, "x")


def large_log(file: Path) -> None:
    """A log with a sample of 31 MB."""
    sample = {"id": "a-1", "epoch": 1, "output": {"model": "m", "choices": [{"message": {"content": "x" * 31 * MB}}]}}
    header = {"eval": {"model": "openai/m"}}
    zipped(file, {"header.json": json.dumps(header).encode(), "samples/a.json": json.dumps(sample).encode()})


def bomb_log(file: Path) -> None:
    """A log whose header unpacks into 300 MB."""
    zipped(file, {}, ("header.json", b"a"))


BANK_ROWS: list[tuple[str, str, Make]] = [
    ("a bank as CSV, 49 MB", "bank.csv", large_csv),
    ("a bank as JSONL, 49 MB", "bank.jsonl", large_jsonl),
    ("a workbook over 3 million cells", "bank.xlsx", wide_workbook),
    *(
        (name, BANKS[name][0], BANKS[name][1])
        for name in (
            "anchors",
            "nested yaml",
            "many json values",
            "long line",
            "many cells",
            "far cell",
            "many strings",
        )
    ),
]
LOG_ROWS: list[tuple[str, str, Make]] = [
    ("a log, a sample of 31 MB", "log.eval", large_log),
    ("a log that unpacks into 300 MB", "log.eval", bomb_log),
]


def main() -> None:
    """Print a row for each input."""
    print(f"{'input':38} {'bytes':>11} {'code':>4} {'MB':>5} {'s':>6}  says")
    most = 0.0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        small = write_bank(place / "small.yaml")
        rows: list[tuple[str, Path, list[str | Path]]] = [
            ("a bank of one case", small, ["items", "list", "--items", small])
        ]
        for number, (name, filename, make) in enumerate([*BANK_ROWS, *LOG_ROWS]):
            file = place / str(number) / filename
            file.parent.mkdir()
            make(file)
            command: list[str | Path] = ["items", "list", "--items", file]
            if file.suffix == ".eval":
                command = ["responses", "import", file, "--items", small, "--study", file.parent / "study"]
            rows.append((name, file, command))
        for name, file, command in rows:
            code, peak, seconds, said = measured(*command)
            size = file.stat().st_size
            print(f"{name:38} {size:>11,} {code:>4} {peak:>5.0f} {seconds:>6.1f}  {said}", flush=True)
            most = max(most, peak)
    record("peak memory of any input", megabytes=most)


if __name__ == "__main__":
    main()
