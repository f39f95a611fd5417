"""Time the sheets of a study with some 3,400 answer lines, none of them equal: the most there can be to mark.

Run: python benchmarks/review/sheets.py
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank
from samp_eval.review.sheets.exchange import SheetPlan, export_sheets
from samp_eval.review.sheets.sheet_import import import_sheets
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

LINES = 3400


def responses(bank: Bank, lines: int) -> list[Response]:
    """Answers of two respondents over as many rounds as the lines need; every line differs."""
    chance = random.Random(7)  # not for secrets
    words = [word for _, question in bank.asked() for entry in question.key for word in entry.wordings]
    found: list[Response] = []
    asked = list(bank.asked())
    total, number = 0, 0
    while total < lines:
        respondent, round_number = f"model-{number % 2}", number // 2 + 1
        for _, question in asked:
            text = "\n".join(
                f"{one + 1}. {chance.choice(words)} {chance.randrange(10**9)}" for one in range(question.requested)
            )
            found.append(
                Response(Ask(question.id, respondent, round_number, Condition()), Reply(text, respondent), None)
            )
            total += question.requested
            if total >= lines:
                break
        number += 1
    return found


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print export and import time for each format."""
    bank = load_bank()
    stored = responses(bank, LINES)
    now = datetime.now(UTC)
    for one in ("csv", "xlsx"):
        with tempfile.TemporaryDirectory() as folder, StudyStore.open(Path(folder)) as store:
            store.keep_bank(bank)
            for response in stored:
                store.keep_response(response)
            plan = SheetPlan(("A",), (one,))
            exported = seconds(lambda: export_sheets(store, plan, Path(folder), now))  # noqa: B023  # called here
            file = Path(folder) / f"A.{one}"
            fill(file)
            imported = seconds(lambda: import_sheets(store, [file], now))  # noqa: B023  # called here
            kept = len(store.marks())
        print(f"{one}: {kept // 2} rows; export {exported:.2f} s, import {imported:.2f} s; {kept} marks kept")


def fill(file: Path) -> None:
    """Mark every row, as a program other than ours would."""
    if file.suffix == ".csv":
        text = file.read_text(encoding="utf-8-sig").replace(",,,,\n", ",0,1,,\n").replace(",,,,\r\n", ",0,1,,\r\n")
        file.write_text(text, encoding="utf-8-sig", newline="")
        return
    import openpyxl

    workbook = openpyxl.load_workbook(file)
    for row in workbook["Marks"].iter_rows(min_row=2):
        row[8].value, row[9].value = 0, 1
    workbook.save(file)


if __name__ == "__main__":
    main()
