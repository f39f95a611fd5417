"""Processor time to load and to check a bank of 2,000 questions, in each form.

Usage: python benchmarks/marker/bench_large_bank.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, NotAccepted, Question, SampCase
from samp_eval.review.markers.bank_check import check_bank

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

QUESTIONS_PER_CASE = 4
CASES = 500
STEM = "A woman of forty is seen in the office. " + "She has been well until now and takes no drugs at all. " * 6
WORDS = (
    "fever",
    "cough",
    "chest pain",
    "weight loss",
    "rash",
    "joint swelling",
    "headache",
    "vomiting",
    "night sweats",
)


def made_case(number: int) -> SampCase:
    questions = []
    for place in range(QUESTIONS_PER_CASE):
        key = tuple(
            KeyEntry(
                answer=f"{word} {number} {place}",
                alternatives=(f"new {word} of {number} {place}", f"{word}s noticed {number} {place}"),
            )
            for word in WORDS[:5]
        )
        refused = tuple(NotAccepted(answer=f"{word} only {number}", reason="Too vague.") for word in WORDS[5:8])
        questions.append(
            Question(
                id=f"c{number}-{place}", question="What would you ask?", requested=3, key=key, not_accepted=refused
            )
        )
    return SampCase(id=f"c{number}", topic=f"Topic {number}", stem=STEM, questions=tuple(questions))


def main() -> None:
    cases = [made_case(number) for number in range(CASES)]
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("", ".jsonl", ".csv", ".xlsx", ".md"):
            path = Path(folder) / f"bank{ending}"
            write_cases(cases, path)
            start = time.process_time()
            load_bank(path)
            loaded = time.process_time()
            _, count = check_bank(path)
            checked = time.process_time()
            form = ending or "folder"
            record(f"bank of 2,000 questions, {form}", load_seconds=loaded - start, check_seconds=checked - loaded)
            print(f"{form:<8} load {loaded - start:.2f} s, load and check {checked - loaded:.2f} s, {count} questions")


if __name__ == "__main__":
    main()
