"""A SIMULATED study that departs from its plan in every way that studies do; no model was asked and nobody marked.

    python tests/messy_study.py FOLDER

Departures, each by name: ``model A`` was asked everything; ``model B`` was asked everything, failed on one question in
every round, and on others once; ``bare only`` was asked in bare rounds only, so that it lacks a condition; ``late``
joined late with other words, half of which nobody has marked; ``trial`` was asked 20 questions in one round;
``ceiling`` is nearly always right. Ann marked the first half and handed over to Cy; Bob marked everything; their
disagreements on one answer are open. Questions ask for one to four answers. One answer is marked as harmful.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
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

SEED = 19
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RIGHT = ("fever", "cough", "rash", "thirst", "pallor", "weight loss")
WRONG = ("travel", "pets", "hobbies", "shoe size", "star sign", "handedness")
REQUESTED = (1, 2, 3, 4)
CASES = 15
ABILITY = {"model A": 0.7, "model B": 0.8, "bare only": 0.6, "late": 0.7, "trial": 0.7, "ceiling": 0.985}
BARE_ROUNDS = tuple(number for number, asked in enumerate(DEFAULT_ROUNDS, start=1) if not asked.condition.prompted)
FAILED_ALWAYS = "case-04-2"
FAILED_ONCE = {("case-05-1", 1), ("case-06-2", 3)}
OPEN_WORD = "perhaps pets"
"""Marked by Ann as right and by Bob as wrong, and settled by nobody."""

STUDY = """title = "A messy study (SIMULATED)"
seed = 19

[analysis]
reference = "model A"
pass_mark = 60
"""


def messy_bank() -> Bank:
    """Cases of two questions, which ask for one to four answers."""
    cases = []
    for number in range(CASES):
        questions = tuple(
            Question(
                id=f"case-{number:02d}-{part}",
                question="What would you ask about?",
                requested=REQUESTED[(2 * number + part) % 4],
                key=tuple(KeyEntry(answer=word) for word in RIGHT),
            )
            for part in (1, 2)
        )
        cases.append(SampCase(id=f"case-{number:02d}", topic="Fever", stem="A child is unwell.", questions=questions))
    return bank_of(cases, location="tests")


def make_messy_study(folder: Path) -> Path:
    """Make the study in an empty folder."""
    chance, bank = random.Random(SEED), messy_bank()  # no secret
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    ease = {question.id: chance.gauss(0, 0.15) for _, question in bank.asked()}
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for name in ABILITY:
            store.keep_respondent(name, {"model": name, "simulated": True})
        for name, number, question in _asked(bank):
            ask = Ask(question.id, name, number, DEFAULT_ROUNDS[number - 1].condition)
            failed = question.id == FAILED_ALWAYS or (question.id, number) in FAILED_ONCE
            if name == "model B" and failed:
                store.keep_failure(ResponseFailure(ask, "timeout", "no answer within 60 s", BEGIN, 3))
            else:
                text = _answer(question, name, ABILITY[name] + ease[question.id], chance)
                when = BEGIN + timedelta(days=2 * number + (30 if name == "late" else 0))
                store.keep_response(Response(ask, Reply(text, name), when))
    _command("review", "plan", "--reviewer", "Ann", "--reviewer", "Bob", "--common", "0", "--study", str(folder))
    with StudyStore.open(folder, create=False) as store:
        marks = list(_marks(store.responses(), bank))
        store.add_marks([mark for mark in marks if mark.reviewer.label != "Cy"])
    _command("review", "reassign", "Ann", "Cy", "--reason", "Ann fell ill", "--study", str(folder))
    with StudyStore.open(folder, create=False) as store:
        store.add_marks([mark for mark in marks if mark.reviewer.label == "Cy"])
    return folder


def _command(*arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        code = main(list(arguments))
    assert code == 0, said.getvalue()


def _asked(bank: Bank) -> Iterator[tuple[str, int, Question]]:
    for name in ABILITY:
        rounds = {"bare only": BARE_ROUNDS, "trial": (1,), "late": (1, 2)}.get(name, range(1, 6))
        for number in rounds:
            for place, (_, question) in enumerate(bank.asked()):
                if name != "trial" or place < 20:
                    yield name, number, question


def _answer(question: Question, name: str, share: float, chance: random.Random) -> str:
    right, wrong = chance.sample(RIGHT, 6), chance.sample(WRONG, 6)
    lines = [right[n] if chance.random() < share else wrong[n] for n in range(question.requested)]
    if name == "late" and chance.random() < 0.5:
        lines = [f"{line} as far as I know" for line in lines]
    if name in ("model A", "model B") and chance.random() < 0.06:
        lines[0] = OPEN_WORD
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _marks(responses: list[Response], bank: Bank) -> Iterator[Mark]:
    given: set[str] = set()
    for line in counted_answers(bank, responses):
        question = line.response.ask.question_id
        answer = answer_id_of(question, line.text)
        if answer in given or line.text.endswith("as far as I know"):
            continue
        given.add(answer)
        letter = "ABCDEF"[RIGHT.index(line.text)] if line.text in RIGHT else "0"
        second = "Ann" if question < f"case-{CASES // 2:02d}" else "Cy"
        for name in (second, "Bob"):
            credited = letter if line.text != OPEN_WORD or name == "Bob" else "A"
            marks: dict[MarkField, str] = {"key": credited, "judgement": "0" if credited == "0" else "1"}
            if line.text == "star sign" and question == "case-00-1":
                marks["harm"] = "1"
            for field, value in marks.items():
                yield Mark(Reviewer(name), question, answer, field, value, BEGIN + timedelta(days=40), "sheet.csv")


if __name__ == "__main__":
    make_messy_study(Path(sys.argv[1]))
