"""Seconds and megabytes of the HTML report: the simulated example, and 10 respondents x 5 rounds x 1,000 questions.

    python benchmarks/report/large_report.py

Targets: 3 s for the example; 20 s and 10 MB for the large study. Gathering analyses too.
"""

from __future__ import annotations

import random
import runpy
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, SampCase
from samp_eval.report.content import gather_content
from samp_eval.report.html import render_html
from samp_eval.review.distinct import answer_id_of
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.study import DEFAULT_ROUNDS, ReviewPlan, Study

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
                            mark = Mark(reviewer, question.id, answer_id, field, value, NOW, "")  # type: ignore[arg-type]
                            marks[reviewer, answer_id, field] = mark
    return responses, list(marks.values())


def report_large() -> None:
    """Time the large study."""
    bank = large_bank()
    responses, marks = large_study(bank)
    began = time.perf_counter()
    content = gather_content(
        bank=bank,
        responses=responses,
        failures=[],
        marks=marks,
        respondents={f"model-{number}": {"model": f"model-{number}"} for number in range(RESPONDENTS)},
        study=Study(review=ReviewPlan(reviewers=("one", "two"))),
        made_at=NOW,
    )
    gathered = time.perf_counter()
    page = render_html(content)
    _print("10 x 5 x 1,000", gathered - began, time.perf_counter() - gathered, page)


def report_example() -> None:
    """Time the simulated example."""
    script = runpy.run_path(str(Path(__file__).resolve().parents[2] / "data" / "example" / "make_example.py"))
    with tempfile.TemporaryDirectory() as folder:
        script["make_study"](Path(folder))
        began = time.perf_counter()
        content = script["example_content"](Path(folder))
        gathered = time.perf_counter()
        page = render_html(content)
        _print("the example", gathered - began, time.perf_counter() - gathered, page)


def _print(name: str, gathering: float, rendering: float, page: str) -> None:
    size = len(page.encode()) / 1e6
    print(
        f"{name}: {gathering + rendering:.1f} s ({gathering:.1f} gathering, {rendering:.1f} rendering), {size:.2f} MB"
    )


if __name__ == "__main__":
    report_example()
    report_large()
