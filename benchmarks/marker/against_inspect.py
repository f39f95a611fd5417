"""Our marking by a model beside Inspect AI's model-graded scorer: the same model, the same 200 answers of the gold set.

Usage: INSPECT_PYTHON=/path/to/python python benchmarks/marker/against_inspect.py [--model local | local:FILE.gguf]
           [--study DIR] [--answers 200] [--only ours | inspect]
           [--without-canaries] [--parallel N]

The right marks are those of ``tests/data/gold-typical.csv``, which a language model wrote and marked by hand; no
physician did (see ``tests/data/gold.md``). The model of samp-eval's own server marks each answer by the key, after its
canaries; then Inspect AI asks the same server with its own template, with the key as the criterion. ``--study`` keeps
what was asked, so that the same command goes on after an interruption. ``--without-canaries`` saves the 80 requests
that come first: they decide whether a model may mark, and here it marks in any case.
``--parallel`` asks several at the same time, which a server on few processors answers sooner.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import numpy as np

from samp_eval.answers.distinct import answer_id_of
from samp_eval.cli.main import main as samp_eval
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank
from samp_eval.review.markers.model import plan as marking_plan
from samp_eval.review.markers.model.canaries import canary_result
from samp_eval.run.prompt import asked_text
from samp_eval.run.providers import embedded_model
from samp_eval.run.providers.embedded_model import serve_local
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.statistics.judging.error_rates import error_rates
from samp_eval.statistics.reviewers.agreement import agreement
from samp_eval.store.study_store import StudyStore
from samp_eval.study import CanaryLimits, Condition

GOLD = Path(__file__).resolve().parents[2] / "tests" / "data" / "gold-typical.csv"
GRADER = Path(__file__).with_name("inspect_grader.py")
NO_INSPECT = "Skipped: INSPECT_PYTHON names no Python that has Inspect AI (pip install inspect-ai into one of its own)."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the gold set; ``right`` says whether the hand credited it."""

    question_id: str
    text: str
    right: bool


def drawn_lines(count: int) -> list[Line]:
    with GOLD.open(encoding="utf-8", newline="") as source:
        lines = [Line(row["question_id"], row["text"], row["mark"] != "0") for row in csv.DictReader(source)]
    random.Random(2026).shuffle(lines)
    return sorted(lines[:count], key=lambda line: line.question_id)


def keep_study(folder: Path, bank: Bank, lines: Sequence[Line]) -> None:
    """Each line is a response of its own, in a round of its own."""
    rounds: dict[str, int] = {}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        store.keep_respondent("gold lines", {"model": "gold lines"})
        for line in lines:
            rounds[line.question_id] = rounds.get(line.question_id, 0) + 1
            ask = Ask(line.question_id, "gold lines", rounds[line.question_id], Condition())
            store.keep_response(Response(ask, Reply(f"1. {line.text}", "gold"), moment))


def marked_by_us(folder: Path, model: str, lines: Sequence[Line]) -> list[bool | None]:
    samp_eval(
        [
            "mark",
            "--marker",
            "model",
            "--model",
            model,
            "--basis",
            "key",
            "--despite-canaries",
            "--study",
            str(folder),
        ]
    )
    with StudyStore.open(folder, create=False) as store:
        credited = {mark.answer_id: mark.value != "0" for mark in store.marks_of_models()}
    return [credited.get(answer_id_of(line.question_id, line.text)) for line in lines]


def marked_by_inspect(python: str, model: str, bank: Bank, lines: Sequence[Line], folder: Path) -> list[bool | None]:
    asked = bank.by_question()
    answers, verdicts = folder / "answers.jsonl", folder / "verdicts.jsonl"
    rows = []
    for line in lines:
        case, question = asked[line.question_id]
        entries = "\n".join(f"- {' / '.join(entry.wordings)}" for entry in question.key)
        criterion = f"The answer has the meaning of one of these entries:\n{entries}"
        rows.append({"question": asked_text(case, question), "criterion": criterion, "answer": line.text})
    answers.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    given = _kept(verdicts)
    if len(given) < len(lines):
        with serve_local(model, print) as server:
            named = [server.base_url, "served", str(answers), str(verdicts), str(server.parallel)]
            subprocess.run([python, str(GRADER), *named], check=True, env={**os.environ, "SERVED_API_KEY": "none"})
        given = _kept(verdicts)
    return [None if verdict is None else verdict == "C" for verdict in given]


def _kept(verdicts: Path) -> list[str | None]:
    """Verdicts of Inspect AI that are there already."""
    if not verdicts.exists():
        return []
    return [json.loads(row)["verdict"] for row in verdicts.read_text("utf-8").splitlines()]


def print_row(name: str, lines: Sequence[Line], given: Sequence[bool | None]) -> None:
    both = [(line, mark) for line, mark in zip(lines, given, strict=True) if mark is not None]
    credited = np.array([float(mark) for _, mark in both])
    true = np.array([float(line.right) for line, _ in both])
    cluster = np.unique([line.question_id for line, _ in both], return_inverse=True)[1].astype(np.int64)
    agreed, errors = agreement(np.column_stack([credited, true]), cluster), error_rates(credited, true, cluster)
    figures = [agreed.percent, agreed.cohen_kappa, errors.false_credit.percent, errors.false_refusal.percent]
    said = [f"{one.value:.2f} ({one.ci_low:.2f} to {one.ci_high:.2f})" for one in figures if one.ci_low is not None]
    print(f"{name}: {len(both)} of {len(lines)} marked; agreement %, kappa, false credit %, false refusal %:")
    print("   " + "; ".join(said))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="local")
    parser.add_argument("--study", type=Path)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--without-canaries", action="store_true")
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--only", choices=["ours", "inspect"])
    options = parser.parse_args()
    python = os.environ.get("INSPECT_PYTHON")
    if not python:
        print(NO_INSPECT)
        return
    bank, lines = load_bank(None), drawn_lines(options.answers)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.study or Path(scratch)
        if not (folder / "study.db").exists():
            keep_study(folder, bank, lines)
        questions, right = len({line.question_id for line in lines}), sum(line.right for line in lines)
        print(f"{len(lines)} answers to {questions} questions, {right} right")
        mock.patch.object(embedded_model, "PARALLEL", options.parallel).start()
        if options.without_canaries:
            passed = canary_result({}, CanaryLimits(told_apart=0))
            mock.patch.object(marking_plan, "canaries_judged", return_value=passed).start()
        if options.only != "inspect":
            print_row("samp-eval", lines, marked_by_us(folder, options.model, lines))
        if options.only != "ours":
            print_row("Inspect AI", lines, marked_by_inspect(python, options.model, bank, lines, folder))


if __name__ == "__main__":
    main()
