"""Make the example: a SIMULATED study in the published design, through the same store and commands as a real one.

    python data/example/make_example.py --study example-study --report reports/example

No model is asked and no physician marks. Two simulated respondents answer the 77 questions of the bank in five rounds,
two simulated reviewers fill the blinded sheets, and a third settles their disagreements. Everything follows from SEED.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from samp_eval.answers.distinct import normalised
from samp_eval.cli.main import main as samp_eval
from samp_eval.cli.results.report import read_study
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.report.content.report_content import ReportContent, gather_content
from samp_eval.report.renderers.html import write_report
from samp_eval.run.provenance import planned
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Round, Study, load_study

SEED = 2023
HERE = Path(__file__).resolve().parent
MADE_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIRST_ROUND = datetime(2023, 8, 8, 14, 0, tzinfo=UTC)
DAYS = (0, 1, 3, 4, 11)
"""When each round begins, counted from the first."""

ABILITY = {"simulated GPT-3.5": 1.15, "simulated GPT-4": 1.75}
"""Logit of a right line on an average question; near the published 73.6 % and 81 % of lines."""

PROMPT_EFFECT = 0.1
QUESTION_SPREAD, ANSWERER_SPREAD = 1.0, 0.5
"""Standard deviations of the questions' difficulty, and of how well a question suits a respondent."""

KEY_ERROR, JUDGEMENT_ERROR, LENIENCE, HARM = 0.03, 0.05, 0.42, 0.03
"""How often a reviewer errs, how often a wrong answer is right by judgement, and how often one is marked harmful."""

Truth = dict[tuple[str, str], tuple[str, bool, bool]]
"""For (question, normalised answer): the letter of the entry or 0, right by judgement, harmful."""


def make_study(folder: Path) -> None:
    """Make the whole study in an empty folder."""
    chance = random.Random(SEED)  # noqa: S311  # a simulation, no secret
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "study.toml", folder / "study.toml")
    bank, study = load_bank(), load_study(folder)
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        store.keep_protocol(planned(study))
        for respondent in study.respondents:
            store.keep_respondent(respondent.id, {"model": respondent.model, "simulated": True})
        for response in _responses(bank, study, chance):
            store.keep_response(response)
    truth = _truth(bank, chance)
    _command("review", "export", "--study", folder, "--out", folder / "sheets")
    for reviewer in study.review.reviewers:
        sheet = folder / "sheets" / f"{reviewer}.csv"
        _fill(sheet, truth, chance, KEY_ERROR, JUDGEMENT_ERROR)
        _command("review", "import", sheet, "--study", folder)
    _command("review", "adjudicate", "--study", folder, "--out", folder / "sheets" / "adjudication.csv")
    _fill(folder / "sheets" / "adjudication.csv", truth, chance, 0.0, 0.0)
    _command("review", "import", folder / "sheets" / "adjudication.csv", "--study", folder)


def example_content(folder: Path) -> ReportContent:
    """The content of the example's report, as if made at a fixed moment."""
    with StudyStore.open(folder, create=False) as store:
        scored, records = read_study(store, load_study(folder))
    if records.frozen is None:
        raise SystemExit(f"{folder} holds no study")
    frozen = replace(records.frozen, frozen_at=FIRST_ROUND)
    return gather_content(scored, replace(records, frozen=frozen, requests=(), deviations=()), made_at=MADE_AT)


def _command(*arguments: object) -> None:
    with redirect_stdout(StringIO()):
        code = samp_eval([str(argument) for argument in arguments])
    if code:
        raise SystemExit(code)


def _responses(bank: Bank, study: Study, chance: random.Random) -> Iterator[Response]:
    difficulty = {question.id: chance.gauss(0, QUESTION_SPREAD) for _, question in bank.asked()}
    for respondent, ability in ABILITY.items():
        suits = {question.id: chance.gauss(0, ANSWERER_SPREAD) for _, question in bank.asked()}
        for number, one in enumerate(study.rounds, start=1):
            for position, (case, question) in enumerate(bank.asked()):
                logit = (
                    ability + difficulty[question.id] + suits[question.id] + PROMPT_EFFECT * (one.prompt == "prompted")
                )
                lines = _lines(case, question, 1 / (1 + math.exp(-logit)), chance)
                asked_at = FIRST_ROUND + timedelta(days=DAYS[number - 1], seconds=9 * position)
                yield _response(respondent, number, one, question, lines, asked_at)


def _response(
    respondent: str, number: int, one: Round, question: Question, lines: list[str], asked_at: datetime
) -> Response:
    text = "\n".join(f"{position}. {line}" for position, line in enumerate(lines, start=1))
    return Response(Ask(question.id, respondent, number, one.condition), Reply(text, "simulated"), asked_at)


def _lines(case: SampCase, question: Question, right: float, chance: random.Random) -> list[str]:
    entries = chance.sample(range(len(question.key)), question.requested)
    wrong = _wrong_answers(case, question)
    chance.shuffle(wrong)
    lines = []
    for entry in entries:
        if chance.random() < right or not wrong:
            wordings = question.key[entry].wordings
            lines.append(wordings[min(int(chance.expovariate(1.2)), len(wordings) - 1)])
        else:
            lines.append(wrong.pop())
    return lines


def _wrong_answers(case: SampCase, question: Question) -> list[str]:
    keyed = {normalised(wording) for entry in question.key for wording in entry.wordings}
    if question.options:
        return [option for option in question.options if normalised(option) not in keyed]
    elsewhere = [entry.answer for one in case.questions if one.id != question.id for entry in one.key[:3]]
    refused = [one.answer for one in question.not_accepted]
    return [answer for answer in [*refused, *elsewhere] if normalised(answer) not in keyed]


def _truth(bank: Bank, chance: random.Random) -> Truth:
    truth: Truth = {}
    for case, question in bank.asked():
        for answer in _wrong_answers(case, question):
            right = chance.random() < LENIENCE
            truth[question.id, normalised(answer)] = ("0", right, not right and chance.random() < HARM)
        for letter, entry in question.lettered_key().items():
            truth |= {(question.id, normalised(wording)): (letter, True, False) for wording in entry.wordings}
    return truth


def _fill(sheet: Path, truth: Truth, chance: random.Random, key_error: float, judgement_error: float) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in sorted(rows, key=lambda one: (one["question_id"], normalised(one["answer"]))):
        letter, right, harmful = truth[row["question_id"], normalised(row["answer"])]
        if chance.random() < key_error:
            letter = "A" if letter == "0" else "0"
        row["key_mark"] = letter
        row["judgement_mark"] = str(int(right != (chance.random() < judgement_error)))
        if "harm" in row:
            row["harm"] = str(int(harmful))
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the simulated example study and its report.")
    parser.add_argument("--study", type=Path, help="folder for the study; a temporary one when not given")
    parser.add_argument("--report", type=Path, default=HERE.parent.parent / "reports" / "example")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        chosen = options.study or Path(temporary) / "study"
        make_study(chosen)
        print(*write_report(example_content(chosen), options.report))
