"""Time and peak memory of a large partly marked study: 5,000 questions, 8 respondents, 3 rounds, 120,000 responses.

Usage: python bench_large_draw.py FOLDER

Makes a SIMULATED study in an empty FOLDER (a minute or two; kept for the next run), draws 30 % of the questions, has
them marked, and times ``review plan --questions``, ``analyze`` and ``power --pilot --share``, each in a process of its
own.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.answers.distinct import answer_id_of
from samp_eval.answers.readings import counted_answers
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import DEFAULT_ROUNDS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

CASES, QUESTIONS_A_CASE, RESPONDENTS, ROUNDS, DRAWN = 1250, 4, 8, 3, 1500
RIGHT, WRONG = (
    ("fever", "cough", "rash", "stridor"),
    ("headache", "travel", "vaccines", "pets", "diet", "sleep", "work"),
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def large_bank() -> Bank:
    """Cases of four questions, which ask for one to three answers."""
    return bank_of(
        [
            SampCase(
                id=f"case-{case:04d}",
                topic="Fever",
                stem="A child is unwell.",
                questions=tuple(
                    Question(
                        id=f"case-{case:04d}-{place}",
                        question="What would you ask about?",
                        requested=1 + place % 3,
                        key=tuple(KeyEntry(answer=word) for word in RIGHT),
                    )
                    for place in range(QUESTIONS_A_CASE)
                ),
            )
            for case in range(CASES)
        ],
        location="benchmark",
    )


def make_study(folder: Path) -> None:
    """Store answers and the automatic marks."""
    chance, bank = random.Random(1), large_bank()
    ease = {question.id: chance.uniform(-0.3, 0.2) for _, question in bank.asked()}
    folder.mkdir(parents=True, exist_ok=True)
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for number in range(RESPONDENTS):
            name = f"model {number}"
            store.keep_respondent(name, {"model": name, "simulated": True})
            store.keep_outcomes(
                [
                    Response(
                        Ask(question.id, name, turn, DEFAULT_ROUNDS[turn - 1].condition),
                        Reply(answer(question.requested, 0.6 + 0.03 * number + ease[question.id], chance), name),
                        NOW,
                    )
                    for turn in range(1, ROUNDS + 1)
                    for _, question in bank.asked()
                ]
            )
        store.add_marks(mark_by_key(bank, store.responses(), NOW).marks)


def answer(requested: int, share: float, chance: random.Random) -> str:
    """Numbered lines, each right with a probability."""
    lines = [chance.choice(RIGHT if chance.random() < share else WRONG) for _ in range(requested)]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def mark_drawn(folder: Path) -> None:
    """Two people mark every answer to a drawn question; they credit one wrong answer in fourteen."""
    with StudyStore.open(folder, create=False) as store:
        bank, draw = store.bank(), store.draw()
        assert bank is not None
        assert draw is not None
        drawn, found = set(draw.drawn), {}
        for line in counted_answers(bank, store.responses()):
            question = line.response.ask.question_id
            if question in drawn:
                identifier = answer_id_of(question, line.text)
                credited = line.text in RIGHT or hash((question, line.text)) % 14 == 0
                letter = "ABCD"[RIGHT.index(line.text)] if line.text in RIGHT else "A" if credited else "0"
                for name in ("Ann", "Bob"):
                    for field, value in (("key", letter), ("judgement", str(int(credited)))):
                        mark = Mark(Reviewer(name), question, identifier, field, value, NOW, "sheet.csv")  # type: ignore[arg-type]
                        found[name, identifier, field] = mark
        store.add_marks(list(found.values()))


def timed(*words: str) -> tuple[float, float]:
    """Seconds of a processor, which do not depend on what else runs, and megabytes of one command."""
    program = "from samp_eval.cli.main import entry_point; entry_point()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program, *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024


def main(folder: Path) -> None:
    """Make the study unless it is there, and time the commands."""
    study = ("--study", str(folder))
    if not (folder / "study.db").exists():
        make_study(folder)
        plan = timed("review", "plan", *study, "--reviewer", "Ann", "--reviewer", "Bob", "--questions", str(DRAWN))
        record("plan of a large draw", processor_seconds=plan[0], megabytes=plan[1])
        print(f"plan: {plan[0]:.1f} s, {plan[1]:.0f} MB")
        mark_drawn(folder)
    for what, words in (
        ("analyze", ("analyze", *study, "--json")),
        ("power --share", ("power", "--pilot", *study, "--share", "0.5")),
        ("plan --more", ("review", "plan", *study, "--more", "1", "--reason", "A benchmark.")),
    ):
        seconds, megabytes = timed(*words)
        record(f"{what} of a large draw", processor_seconds=seconds, megabytes=megabytes)
        print(f"{what}: {seconds:.1f} s, {megabytes:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
