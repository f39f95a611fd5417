"""Seconds and megabytes of the HTML report: the simulated example, and 10 respondents x 5 rounds x 1,000 questions.

    python benchmarks/report/bench_report_speed.py

From start to exit. Targets: 3 s for the example; 20 s and 10 MB for the large study. The example's peer is the bare
script beside this one, in turns with the report: two models in statsmodels and five figures, and nothing else.
"""

from __future__ import annotations

import os
import random
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.answers.distinct import answer_id_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, SampCase
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import DEFAULT_ROUNDS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

CASES, QUESTIONS_PER_CASE, RESPONDENTS = 250, 4, 10
NOW = datetime(2026, 11, 23, tzinfo=UTC)
RIGHT = ("Neck stiffness", "Bulging fontanelle", "Non-blanching rash")
WRONG = (
    "Runny nose",
    "Red ear drum",
    "Cough",
    "Loose stools",
    "Poor feeding",
    "Crying",
    "Pallor",
    "Mild fever",
    "Rash",
)


def large_bank() -> Bank:
    """250 cases of four questions, three answers each."""
    key = [{"answer": word, "alternatives": [f"{word} on examination"]} for word in RIGHT]
    cases = []
    for case in range(CASES):
        asked = [
            {"id": f"c{case}-{part}", "question": "Which findings?", "requested": 3, "key": key}
            for part in range(QUESTIONS_PER_CASE)
        ]
        stem = f"Case {case}. " + "A child of two years is brought by her father because of fever since yesterday. " * 7
        cases.append(SampCase.model_validate({"id": f"c{case}", "topic": "Fever", "stem": stem, "questions": asked}))
    return bank_of(cases, location="benchmark")


def large_study(bank: Bank) -> tuple[list[Response], list[Mark]]:
    """50,000 responses of three lines, marked by two reviewers on both bases."""
    chance = random.Random(1)  # a benchmark
    responses, marks = [], {}
    for respondent in range(RESPONDENTS):
        for number, one in enumerate(DEFAULT_ROUNDS, start=1):
            for _, question in bank.asked():
                lines = [right if chance.random() < 0.5 + respondent / 25 else chance.choice(WRONG) for right in RIGHT]
                ask = Ask(question.id, f"model-{respondent}", number, one.condition)
                responses.append(Response(ask, Reply("\n".join(lines), "model"), NOW))
                for line in lines:
                    letter = "ABC"[RIGHT.index(line)] if line in RIGHT else "0"
                    answer_id = answer_id_of(question.id, line)
                    for reviewer in ("one", "two"):
                        for field, value in (("key", letter), ("judgement", "0" if letter == "0" else "1")):
                            mark = Mark(Reviewer(reviewer), question.id, answer_id, field, value, NOW, "")  # type: ignore[arg-type]
                            marks[reviewer, answer_id, field] = mark
    return responses, list(marks.values())


def keep_large_study(folder: Path) -> None:
    """Store the large study."""
    bank = large_bank()
    responses, marks = large_study(bank)
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for number in range(RESPONDENTS):
            store.keep_respondent(f"model-{number}", {"model": f"model-{number}"})
        store.keep_outcomes(responses)
        store.add_marks(marks)
    (folder / "study.toml").write_text('[review]\nreviewers = ["one", "two"]\n', encoding="utf-8")


def seconds(command: list[str]) -> float:
    """From start to exit."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def samp_eval(*arguments: str) -> list[str]:
    """A command of this installation."""
    return [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()", *arguments]


def size_of(study: Path) -> str:
    """Megabytes of a study's report, and how busy this machine is."""
    size = (study / "reports" / "report.html").stat().st_size / 1e6
    return f"{size:.2f} MB (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)"


def example(study: Path, turns: int = 7) -> None:
    """The example's report, in turns with the bare script."""
    subprocess.run(
        samp_eval("export", "--study", str(study), "--out", str(study / "export")),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    bare = [sys.executable, str(Path(__file__).with_name("bare_script.py")), str(study / "export" / "scores.csv")]
    found = [(seconds(samp_eval("report", "--study", str(study))), seconds([*bare, str(study)])) for _ in range(turns)]
    ours, theirs = (statistics.median(one) for one in zip(*found, strict=True))
    ratio = statistics.median(one / other for one, other in found)
    record("report of the example", seconds=ours, ratio_to_a_bare_script=ratio)
    print(f"the example: {ours:.1f} s; the bare script: {theirs:.1f} s; ratio {ratio:.2f}; {size_of(study)}")


def large(study: Path) -> None:
    """The large study's report."""
    keep_large_study(study)
    took = statistics.median(seconds(samp_eval("report", "--study", str(study))) for _ in range(3))
    record(
        "report of 50,000 responses", seconds=took, megabytes=(study / "reports" / "report.html").stat().st_size / 1e6
    )
    print(f"10 x 5 x 1,000: {took:.1f} s; {size_of(study)}")


if __name__ == "__main__":
    script = runpy.run_path(str(Path(__file__).resolve().parents[2] / "data" / "example" / "make_example.py"))
    with tempfile.TemporaryDirectory() as temporary:
        script["make_study"](Path(temporary) / "example")
        example(Path(temporary) / "example")
        (Path(temporary) / "large").mkdir()
        large(Path(temporary) / "large")
