"""What experts answered without the key, as recorded answers of people: they can be marked like a model's."""

from __future__ import annotations

import csv
from pathlib import Path

from samp_eval.review.bank.review_rows import BankReview
from samp_eval.run.recorded.answer_rows import COLUMNS
from samp_eval.spreadsheet_cells import escape_formula
from samp_eval.whole_files import whole_file

__all__ = ["write_human_answers"]


def write_human_answers(review: BankReview, file: Path) -> int:
    """Write one row for each question that an expert answered before the key went out; returns how many.

    Experts are numbered, because whoever marks an answer must not know whose it is.
    """
    numbers = {expert: f"physician {number}" for number, expert in enumerate(review.experts, start=1)}
    written = 0
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        for (expert, question_id), opinion in sorted(review.opinions.items()):
            if opinion.answers and opinion.blind:
                text = "\n".join(f"{number}. {answer}" for number, answer in enumerate(opinion.answers, start=1))
                writer.writerow([escape_formula(cell) for cell in (question_id, numbers[expert], "1", "bare", text)])
                written += 1
    return written
