"""Time, memory and size of the commands on a large SIMULATED study: 5,000 questions, 8 models, 3 rounds.

Usage: python benchmarks/report/large_study.py [FOLDER]

Makes the study in FOLDER unless it is there already, of copies of the bundled bank. No model is asked and nobody marks.
Time is processor time, which depends less on what else the machine does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

QUESTIONS, MODELS, ROUNDS, AT_ONCE = 5_000, 8, 3, 2_000
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
TAILS = ("", "", "", "", "", "", "", " today", " first", ", as soon as possible", " to be sure")


def copied(case: SampCase, number: int) -> SampCase:
    """A case under ids of its own, without its questions with options."""
    questions = tuple(
        question.model_copy(update={"id": f"{question.id}-{number}"})
        for question in case.questions
        if question.format == "write-in"
    )
    return case.model_copy(update={"id": f"{case.id}-{number}", "questions": questions})


def large_bank() -> list[SampCase]:
    """Copies of the bundled bank's cases, up to the number of questions."""
    cases, left = [], QUESTIONS
    for number in count():
        for case in load_bank().cases:
            one = copied(case, number)
            one = one.model_copy(update={"questions": one.questions[:left]})
            cases += [one] if one.questions else []
            left -= len(one.questions)
        if not left:
            break
    return cases


def answer_lines(question: Question, elsewhere: list[str], right: float, chance: random.Random) -> list[str]:
    """The lines of one response: wordings of the key, or entries of another question, some with more words."""
    entries = chance.sample(range(len(question.key)), question.requested)
    wordings = [
        chance.choice(question.key[entry].wordings) if chance.random() < right else chance.choice(elsewhere)
        for entry in entries
    ]
    return [f"{wording}{chance.choice(TAILS)}" for wording in wordings]


def responses(bank: Bank) -> Iterator[Response]:
    """Everything that the models answer."""
    chance = random.Random(2)  # a simulation, no secret
    asked = list(bank.asked())
    elsewhere = [[entry.answer for entry in other.key] for _, other in asked]
    for model in range(MODELS):
        for number in range(1, ROUNDS + 1):
            for place, (_, question) in enumerate(asked):
                lines = answer_lines(question, elsewhere[place - 1], 0.6 + 0.03 * model, chance)
                text = "\n".join(f"{position}. {line}" for position, line in enumerate(lines, start=1))
                ask = Ask(question.id, f"simulated model {model + 1}", number, Condition())
                yield Response(ask, Reply(text, f"model {model + 1}"), MOMENT)


def make_large_study(folder: Path) -> None:
    """Store the study through the ordinary store."""
    folder.mkdir(parents=True)
    write_cases(large_bank(), folder / "bank.jsonl")
    bank, rounds = load_bank(folder / "bank.jsonl"), "[[rounds]]\n" * ROUNDS
    head = 'title = "A large study (SIMULATED)"\nitems = "bank.jsonl"'
    (folder / "study.toml").write_text(f"{head}\n\n{rounds}", encoding="utf-8")
    waiting: list[Response] = []
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for model in range(MODELS):
            store.keep_respondent(f"simulated model {model + 1}", {"model": f"model {model + 1}", "simulated": True})
        for response in responses(bank):
            waiting.append(response)
            if len(waiting) == AT_ONCE:
                store.keep_outcomes(waiting)
                waiting = []
        store.keep_outcomes(waiting)


def measured(folder: Path, *words: str) -> dict[str, float]:
    """Processor seconds and peak megabytes of a command in a process of its own, as its console script runs it."""
    script = "from samp_eval.cli.main import entry_point; entry_point()"
    command = [sys.executable, "-c", script, *words, "--study", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return {"seconds": round(usage.ru_utime + usage.ru_stime, 1), "peak_mb": round(usage.ru_maxrss / 1024)}


COMMANDS = {
    "mark": ("mark",),
    "review export, two reviewers": ("review", "export", "--reviewer", "Ann", "--reviewer", "Bob", "--all"),
    "report": ("report",),
}


def main() -> None:
    """Make the study where there is none, and measure each command."""
    with tempfile.TemporaryDirectory() as elsewhere:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(elsewhere) / "large"
        if not folder.exists():
            make_large_study(folder)
        figures: dict[str, float] = {}
        for name, words in COMMANDS.items():
            found = measured(folder, *words)
            print(name, found, flush=True)
            figures |= {f"{name} {unit}": value for unit, value in found.items()}
        for page in sorted((folder / "reports").glob("*.html")):
            figures[f"{page.name} mb"] = page.stat().st_size / 1e6
        record("large study", **figures)


if __name__ == "__main__":
    main()
