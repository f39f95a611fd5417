"""Our marking by a model beside Inspect AI's model-graded scorer: the same model, the same 200 answers of the gold set.

Usage: INSPECT_PYTHON=/path/to/python python benchmarks/marker/against_inspect.py [--model local | local:FILE.gguf]
           [--study DIR] [--answers 200] [--only ours | inspect]
           [--without-canaries] [--parallel N] [--as-it-stands] [--out FILE.csv]

The right marks are those of ``tests/data/gold-typical.csv``, which a language model wrote and marked by hand; no
physician did (see ``tests/data/gold.md``). The model of samp-eval's own server marks each answer by the key, after its
canaries; then Inspect AI asks the same server with its own template, with the key as the criterion. ``--study`` keeps
what was asked, so that the same command goes on after an interruption. ``--without-canaries`` saves the 80 requests
that come first: they decide whether a model may mark, and here it marks in any case. ``--parallel`` asks several at the
same time. ``--as-it-stands`` asks nothing and shows what is there; ``--out`` keeps the hand marks and the verdicts.
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

from compared_verdicts import Row, show

from samp_eval.answers.distinct import answer_id_of
from samp_eval.cli.main import main as samp_eval
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank
from samp_eval.review.markers.key_marker import KeyMarker
from samp_eval.review.markers.model import plan as marking_plan
from samp_eval.review.markers.model.canaries import canary_result
from samp_eval.review.markers.model.judged import judged_asks, with_second_tries
from samp_eval.review.markers.model.verdict import NoVerdict, Verdict
from samp_eval.run.prompt import asked_text
from samp_eval.run.providers import embedded_model
from samp_eval.run.providers.embedded_model import serve_local
from samp_eval.run.respondent import Ask, Reply, Response, ResponseFailure
from samp_eval.store.study_store import StudyStore
from samp_eval.study import CanaryLimits, Condition

GOLD = Path(__file__).resolve().parents[2] / "tests" / "data" / "gold-typical.csv"
VERDICTS = "verdicts.jsonl"
PATIENCE = "900"
"""Seconds that a server on two busy processors may take for a reply."""

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


def marked_by_us(folder: Path, model: str, lines: Sequence[Line], *, ask: bool) -> list[str]:
    if ask:
        marking = ["mark", "--marker", "model", "--model", model, "--basis", "key", "--despite-canaries"]
        samp_eval([*marking, "--timeout", PATIENCE, "--study", str(folder)])
    with StudyStore.open(folder, create=False) as store:
        judged = with_second_tries(judged_asks(store))
    said = {one.ask.answer_id: _said(one.outcome) for one in judged if one.ask.purpose == "mark"}
    return [said.get(answer_id_of(line.question_id, line.text), "") for line in lines]


def _said(outcome: Verdict | NoVerdict | ResponseFailure) -> str:
    return str(int(outcome.value != "0")) if isinstance(outcome, Verdict) else "none"


def marked_by_inspect(python: str, model: str, bank: Bank, lines: Sequence[Line], folder: Path) -> None:
    asked = bank.by_question()
    rows = []
    for line in lines:
        case, question = asked[line.question_id]
        entries = "\n".join(f"- {' / '.join(entry.wordings)}" for entry in question.key)
        criterion = f"The answer has the meaning of one of these entries:\n{entries}"
        rows.append({"question": asked_text(case, question), "criterion": criterion, "answer": line.text})
    answers = folder / "answers.jsonl"
    answers.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    with serve_local(model, print) as server:
        named = [server.base_url, "served", str(answers), str(folder / VERDICTS), str(server.parallel)]
        subprocess.run([python, str(GRADER), *named], check=True, env={**os.environ, "SERVED_API_KEY": "none"})


def kept_of_inspect(folder: Path, lines: Sequence[Line]) -> list[str]:
    """Verdicts of Inspect AI that are there."""
    file = folder / VERDICTS
    rows = file.read_text("utf-8").splitlines() if file.exists() else []
    found = [{"C": "1", "I": "0"}.get(json.loads(row)["verdict"], "none") for row in rows]
    return [*found, *[""] * (len(lines) - len(found))]


def marked_by_key(bank: Bank, lines: Sequence[Line]) -> list[str]:
    """What the marker by the key makes of the answers: it is no model, and its words come from other lines."""
    asked = bank.by_question()
    marked = [KeyMarker(asked[line.question_id][1], asked[line.question_id][0].stem).mark(line.text) for line in lines]
    return [str(int(match.credited)) for match in marked]


def verdict_rows(lines: Sequence[Line], given: dict[str, list[str]]) -> list[Row]:
    """A row for each answer: the hand's mark and each verdict."""
    rows = []
    for line, *said in zip(lines, *given.values(), strict=True):
        of_line = {"question_id": line.question_id, "text": line.text, "hand": str(int(line.right))}
        rows.append(of_line | dict(zip(given, said, strict=True)))
    return rows


def keep(target: Path, rows: Sequence[Row]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="local")
    parser.add_argument("--study", type=Path)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--without-canaries", action="store_true")
    parser.add_argument("--as-it-stands", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--only", choices=["ours", "inspect"])
    options = parser.parse_args()
    python = os.environ.get("INSPECT_PYTHON")
    if not python and not options.as_it_stands:
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
        ask = not options.as_it_stands
        if ask and python and options.only != "ours":
            marked_by_inspect(python, options.model, bank, lines, folder)
        given = {
            "samp_eval": marked_by_us(folder, options.model, lines, ask=ask and options.only != "inspect"),
            "inspect": kept_of_inspect(folder, lines),
            "key_marker": marked_by_key(bank, lines),
        }
        rows = verdict_rows(lines, given)
        show(rows)
        if options.out:
            keep(options.out, rows)


if __name__ == "__main__":
    main()
