"""Write the stored tables: marks of two and three reviewers, some missing, some skewed, and scores for the ICC."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
QUESTIONS, ANSWERS, REPLICATES = 24, 10, 200
TABLES = {"two": (2, 0.55, 0.15, 0.0), "skewed": (2, 0.95, 0.03, 0.0), "three-missing": (3, 0.6, 0.2, 0.15)}


def main() -> None:
    """Draw everything from one seed."""
    generator = np.random.default_rng(2626)
    rows, scores = [], []
    for table, (reviewers, right, slip, missing) in TABLES.items():
        for question in range(QUESTIONS):
            chance = np.clip(right + generator.normal(0, 0.15), 0.02, 0.99)
            for _ in range(int(generator.integers(3, ANSWERS))):
                truth = generator.random() < chance
                marks = [int(truth) ^ int(generator.random() < slip) for _ in range(reviewers)]
                shown = ["" if generator.random() < missing else str(mark) for mark in marks]
                rows.append([table, question, *shown, *[""] * (3 - reviewers)])
    for question in range(QUESTIONS):
        for _ in range(4):
            first = int(generator.integers(0, 4))
            second = int(np.clip(first + generator.choice([-1, 0, 0, 0, 1]), 0, 3))
            scores.append([question, first * 100 / 3, second * 100 / 3])
    drawn = generator.multinomial(QUESTIONS, np.full(QUESTIONS, 1 / QUESTIONS), size=REPLICATES)
    write("marks.csv", ["table", "question", "r1", "r2", "r3"], rows)
    write("scores.csv", ["question", "r1", "r2"], scores)
    write("drawn.csv", [f"q{number}" for number in range(QUESTIONS)], drawn.tolist())


def write(name: str, header: list[str], rows: Sequence[Sequence[object]]) -> None:
    """Write one CSV file."""
    with (HERE / name).open("w", newline="", encoding="utf-8") as target:
        csv.writer(target, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
