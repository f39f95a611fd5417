"""Time the agreement of two reviewers over some 3,400 answers, all tables and 2,000 bootstrap replicates.

Run: python benchmarks/review/agreement.py
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sheets import LINES, responses, seconds

from samp_eval.analysis.counted_lines import counted_lines
from samp_eval.analysis.reviewer_agreement import study_agreement
from samp_eval.items.load import load_bank
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.to_mark import answers_to_mark

BASES: tuple[MarkField, ...] = ("key", "judgement")


def main() -> None:
    """Print the seconds."""
    bank = load_bank()
    stored = responses(bank, LINES)
    chance = random.Random(3)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    marks = []
    for number, answer in enumerate(answers_to_mark(bank, stored).answers):
        right = chance.random() < 0.7
        for reviewer in ("A", "B"):
            for basis in BASES:
                value = str(int(right ^ (chance.random() < 0.1)))
                value = "A" if basis == "key" and value == "1" else value
                at = start + timedelta(seconds=number)
                who = Reviewer(reviewer)
                marks.append(Mark(who, answer.question_id, answer.answer_id, basis, value, at, "benchmark"))
    took = seconds(lambda: study_agreement(bank, counted_lines(bank, stored), marks))
    print(f"{len(marks)} marks of 2 reviewers, 2 bases: {took:.2f} s")


if __name__ == "__main__":
    main()
