"""A small marked study on disk: two simulated models in five rounds, and a person who answered once."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.answers.distinct import answer_id_of
from samp_eval.answers.readings import counted_answers
from samp_eval.cli.main import main
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response, ResponseFailure
from samp_eval.store.study_store import StudyStore
from samp_eval.study import DEFAULT_ROUNDS

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SKILLS = {"old model": 0.45, "new model": 0.7}
PERSON = "a resident"
RIGHT, WRONG = ("fever", "cough", "rash"), ("=1+1", "headache", "travel")
FAILED = {("case-03-1", "old model", 2), ("case-05-3", "new model", 4), ("case-07-3", "new model", 5)}


def marked_bank(cases: int = 20) -> Bank:
    """Cases of two questions: one asks for one answer, one for three."""
    return bank_of(
        [
            SampCase(
                id=f"case-{number:02d}",
                topic="Fever",
                stem="A child is unwell.",
                questions=tuple(
                    Question(
                        id=f"case-{number:02d}-{size}",
                        question="What would you ask about?",
                        requested=size,
                        key=tuple(KeyEntry(answer=word) for word in RIGHT),
                    )
                    for size in (1, 3)
                ),
            )
            for number in range(cases)
        ],
        location="tests",
    )


def make_marked_study(folder: Path) -> Path:
    """Store answers, failures and marks; the person's answers come in through ``responses import``."""
    chance = random.Random(11)  # no secret
    bank = marked_bank()
    ease = {question.id: chance.uniform(-0.3, 0.3) for _, question in bank.asked()}
    texts = {
        (question.id, name, number): _answer(question.requested, skill + ease[question.id], chance)
        for name, skill in SKILLS.items()
        for number in range(1, 6)
        for _, question in bank.asked()
    }
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for name in SKILLS:
            store.keep_respondent(name, {"model": name, "simulated": True})
        for place, text in texts.items():
            ask = Ask(*place, DEFAULT_ROUNDS[place[2] - 1].condition)
            if place in FAILED:
                store.keep_failure(ResponseFailure(ask, "timeout", "no answer within 60 s", MOMENT, 3))
            else:
                store.keep_response(Response(ask, Reply(text, place[1]), MOMENT))
    _import_person(folder, {question.id: _answer(question.requested, 0.8, chance) for _, question in bank.asked()})
    with StudyStore.open(folder, create=False) as store:
        store.add_marks(_marks(store.responses(), bank))
    return folder


def _answer(requested: int, share: float, chance: random.Random) -> str:
    lines = [right if chance.random() < share else wrong for right, wrong in zip(RIGHT, WRONG, strict=True)]
    given = lines[: requested if chance.random() < 0.95 else max(requested - 1, 1)]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(given, 1))


def _import_person(folder: Path, answers: dict[str, str]) -> None:
    file = folder / "resident.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["question_id", "respondent", "round", "condition", "text"])
        writer.writerows([question_id, PERSON, 1, "prompted", text] for question_id, text in answers.items())
    assert main(["responses", "import", str(file), "--study", str(folder)]) == 0


def _marks(responses: list[Response], bank: Bank) -> list[Mark]:
    found = {}
    for line in counted_answers(bank, responses):
        question_id = line.response.ask.question_id
        identifier = answer_id_of(question_id, line.text)
        letter = "ABC"[RIGHT.index(line.text)] if line.text in RIGHT else "0"
        judged = "0" if line.text == "=1+1" else "1"
        for reviewer in ("A", "B"):
            given: dict[MarkField, str] = {"key": letter, "judgement": judged}
            for field, value in given.items():
                found[reviewer, identifier, field] = Mark(
                    Reviewer(reviewer), question_id, identifier, field, value, MOMENT, "sheet.csv"
                )
    return list(found.values())
