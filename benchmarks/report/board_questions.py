"""Time of ``compare`` and ``report`` on a SIMULATED study of board questions: 2,000 questions, 8 models, one round.

Usage: python benchmarks/report/board_questions.py [FOLDER]

Makes the study in FOLDER unless it is there already: made-up single best answer questions of five options in two
subjects, in the layout of MedQA. No model is asked. Target: 30 s for both commands. Processor time stands beside the
time elapsed, because it depends less on what else the machine does.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from samp_eval.items.forms.registry import write_cases
from samp_eval.items.importing.import_bank import ImportChoices, import_bank
from samp_eval.items.load import load_bank
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

QUESTIONS, MODELS, TARGET = 2_000, 8, 30
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
STYLES = (
    "{letter}",
    "Answer: {letter}",
    "The answer is {letter}. {text}",
    "{letter}. {text}\n\nRationale: it fits best.",
)


def written_bank(file: Path) -> None:
    """Made-up questions as records of MedQA."""
    chance = random.Random(1)  # a benchmark
    with file.open("w", encoding="utf-8") as target:
        for number in range(QUESTIONS):
            options = {letter: f"Measure {number * 5 + place}" for place, letter in enumerate("ABCDE")}
            right = chance.choice("ABCDE")
            words = f"Patient {number} is seen in a clinic that does not exist. " * 12
            asked = {"question": f"{words}Which measure fits best?", "options": options, "answer": options[right]}
            step = ("step1", "step2&3")[number % 2]
            target.write(json.dumps(asked | {"answer_idx": right, "meta_info": step}) + "\n")


def make_study(folder: Path) -> None:
    """Import the bank, store answers in several styles, and mark them."""
    folder.mkdir(parents=True, exist_ok=True)
    written_bank(folder / "medqa.jsonl")
    write_cases(import_bank(folder / "medqa.jsonl", ImportChoices()).cases, folder / "bank.jsonl")
    (folder / "study.toml").write_text('items = "bank.jsonl"\n\n[[rounds]]\n', encoding="utf-8")
    bank, chance, responses = load_bank(folder / "bank.jsonl"), random.Random(2), []
    for model in range(MODELS):
        for _, question in bank.asked():
            place = question.options.index(question.key[0].answer)
            if chance.random() > 0.35 + model / 16:
                place = chance.randrange(len(question.options))
            words = STYLES[model % len(STYLES)].format(letter="ABCDE"[place], text=question.options[place])
            ask = Ask(question.id, f"model-{model}", 1, Condition())
            responses.append(Response(ask, Reply(words, "simulated"), MOMENT))
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for model in range(MODELS):
            store.keep_respondent(f"model-{model}", {"model": "simulated"})
        store.keep_outcomes(responses)
    subprocess.run(command("mark", "--study", str(folder)), check=True, stdout=subprocess.DEVNULL)


def command(*arguments: str) -> list[str]:
    """A command of this installation."""
    return [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()", *arguments]


def measured(*arguments: str) -> tuple[float, float]:
    """Seconds elapsed and processor seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command(*arguments), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(folder: Path) -> None:
    """Make the study and measure the two commands."""
    if not (folder / "study.db").is_file():
        make_study(folder)
    figures: dict[str, float] = {}
    for name in ("compare", "report"):
        took, processor = measured(name, "--study", str(folder))
        figures |= {f"{name}_seconds": took, f"{name}_processor_seconds": processor}
        print(f"{name}: {took:.1f} s, {processor:.1f} s of the processor")
    together = figures["compare_seconds"] + figures["report_seconds"]
    print(f"together {together:.1f} s of {TARGET} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)")
    record(f"compare and report of {QUESTIONS:,} board questions, {MODELS} models", **figures)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary) / "study")
