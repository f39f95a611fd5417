"""Banks as people keep them, for the tests of what is read and found."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from samp_eval.review.markers.bank_check import check_bank

HEADER = (
    *("case_id", "question_id", "topic", "stem", "question", "format", "requested"),
    *("key", "options", "not_accepted", "source"),
)
STEM = (
    "A fifty-year-old baker comes to the office because her right knee has been swollen and sore for five days. She "
    "fell on the stairs of her shop last week and could walk afterwards. She takes no drugs, has never been operated "
    "on, and drinks a glass of wine on Sundays. The knee is warm, holds fluid and cannot be bent beyond a right angle."
)


def row(number: int = 1, cells: Mapping[str, str] | None = None, **more: str) -> list[str]:
    plain = {
        "case_id": f"c{number}",
        "question_id": f"c{number}-1",
        "topic": "Knee pain",
        "stem": STEM if number == 1 else "",
        "question": f"What would you look for in examination {number}?",
        "format": "write-in",
        "requested": "1",
        "key": "A. Effusion",
        "source": "Knees; A society; 2023",
    }
    return [(plain | dict(cells or {}) | more).get(name, "") for name in HEADER]


def csv_bank(folder: Path, *rows: Sequence[str], header: Sequence[str] = HEADER, above: str = "") -> Path:
    file = folder / "bank.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        target.write(above)
        csv.writer(target).writerows([header, *rows])
    return file


def findings(path: Path) -> list[str]:
    return [f"{fault.place}: {fault.problem}" for fault in check_bank(path)[0]]
