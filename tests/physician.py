"""What the whole-road tests need of people and models: answers of unequal models, and a filled sheet."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from marked_line import mark_line
from openai_server import Answer, Answerer, Received, Say

from samp_eval.items.samp import Bank
from samp_eval.run.prompt import case_text, question_text


def answers_from_the_key(bank: Bank, skill: dict[str, float], seed: int = 1) -> Answerer:
    """A model that knows each key entry with its own probability and says something wrong otherwise."""
    asked_as = [(case_text(case, question), question_text(case, question), question) for case, question in bank.asked()]
    generator = random.Random(seed)

    def answer(request: Received) -> Answer:
        end = request.text.removesuffix("Answer:\n").rstrip()
        (asked,) = [question for seen, text, question in asked_as if f"{seen}\n" in request.text and end.endswith(text)]
        lines = [
            entry.answer
            if generator.random() < skill[request.body["model"]]
            else generator.choice(["Reassure", "=1+1"])
            for entry in generator.sample(asked.key, asked.requested)
        ]
        return Say("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)))

    return answer


def fill_sheet(sheet: Path, bank: Bank, *, slips: float, seed: int) -> int:
    """Mark every row as a careful reader of the key would, with a share of slips; returns the number of rows."""
    questions = bank.by_question()
    generator = random.Random(seed)
    with sheet.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        letter = mark_line(questions[row["question_id"]][1], row["answer"]).entry
        if generator.random() < slips:
            letter = "0" if letter != "0" else "A"
        row["key_mark"] = letter
        row["judgement_mark"] = "1" if letter != "0" or generator.random() < 0.2 else "0"
    with sheet.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)
