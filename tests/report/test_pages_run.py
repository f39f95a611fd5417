"""Every command of the how-to pages is run, in an empty folder and in its order; the models are simulated."""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import bank_experts
import openpyxl
import pytest
from openai_server import Answer, OpenAIServer, Received, Say
from pages import DOCS, PAGES, WITH_A_STUDY, blocks, name
from physician import answers_from_the_key
from simulated_judge import SimulatedJudge

from samp_eval.cli.main import main
from samp_eval.items.load import bundled_bank_folder, load_bank

ASKED_ELSEWHERE = {
    "how-to/add-a-model.md": "other servers and models; tests/run asks them",
    "how-to/batch.md": "the Batch API; tests/run/test_batch.py goes its road",
    "how-to/measure-a-model-that-marks.md": "marks of a model; tests/analysis/test_judge_command.py simulates them",
    "how-to/other-statistics-programs.md": "R and Stata; tests/analysis runs the scripts",
    "how-to/plan-the-size.md": "some 10,000 simulated studies; the tests of samp-eval power simulate fewer",
    "how-to/postgresql.md": "a PostgreSQL server; tests/store starts one",
}
"""Pages whose commands are only checked to exist, and why."""

KNOWN = {"gpt-3.5-turbo": 0.6, "gpt-4": 0.8}
THIRD = {"gpt-4.1": 0.85}


def ask(*more: str, models: Iterable[str] = KNOWN) -> None:
    """A study in my-study, of simulated models in the first two rounds."""
    asked = [word for model in models for word in ("--model", model)]
    assert main(["run", "--study", "my-study", *asked, "--rounds", "2", *more]) == 0


def marked() -> None:
    ask("--limit", "20")
    assert main(["mark", "--study", "my-study", "--marker", "key"]) == 0


def three_marked() -> None:
    ask("--limit", "20", models=[*KNOWN, *THIRD])
    assert main(["mark", "--study", "my-study", "--marker", "key"]) == 0


def pictured() -> None:
    shutil.copytree(bundled_bank_folder() / "pictured", "my-bank")


def reviewed() -> None:
    """Ada has marked every answer on her sheet."""
    marked()
    assert main(["review", "export", "--study", "my-study", "--reviewer", "Ada"]) == 0
    sheet = Path("my-study/sheets/Ada.csv")
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"), newline="")))
    with sheet.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "key_mark": "0", "judgement_mark": "1"} for row in rows)
    assert main(["review", "import", "--study", "my-study", str(sheet)]) == 0


def with_blueprint() -> None:
    """The file that the page shows."""
    (block,) = blocks(DOCS / "how-to" / "review-the-bank.md", "text")
    Path("blueprint.toml").write_text(block.text, encoding="utf-8")


BEFORE: dict[str, Callable[[], None]] = {
    "bring-your-own-questions.md": lambda: None,
    "how-to/back-up.md": marked,
    "how-to/change-a-study.md": reviewed,
    "how-to/manuscript.md": marked,
    "how-to/mark-a-part.md": ask,
    WITH_A_STUDY: marked,
    "how-to/mark-with-a-model.md": lambda: ask("--limit", "6"),
    "how-to/pictures.md": pictured,
    "how-to/public-banks.md": lambda: None,
    "how-to/rank-several-models.md": three_marked,
    "how-to/recorded-answers.md": lambda: None,
    "how-to/review-the-bank.md": with_blueprint,
    "how-to/share-the-marking.md": ask,
    "how-to/two-reviewers.md": ask,
}
"""What a reader of the page has done before it."""


def done_by_hand(words: list[str]) -> None:
    """What people do between the commands: paste an answer, fill a workbook with slips of their own, send it back."""
    if words[:2] == ["responses", "template"]:
        book = openpyxl.load_workbook(words[2])
        book["Answers"]["G2"] = "Was there a fever in labour?"
        book.save(words[2])
    if words[:2] == ["items", "convert"] and words[3] == "corrected":
        file = Path("corrected/back-pain-warehouse.yaml")
        first = "- answer: Saddle numbness"
        longer = file.read_text(encoding="utf-8").replace(first, f"- answer: A forgotten sign\n  {first}", 1)
        file.write_text(longer, encoding="utf-8")
    if words[:3] == ["items", "review", "export"] and "--round" not in words:
        for sheet in Path("review/sheets").glob("*.xlsx"):
            bank_experts.fill(sheet, bank_experts.as_candidate if "answers" in sheet.name else bank_experts.content)
    if words[:3] == ["items", "review", "status"]:
        file = Path("bank/back-pain-warehouse.yaml")
        clearer = file.read_text(encoding="utf-8").replace(
            "- answer: Bowel dysfunction", "- answer: New bowel trouble", 1
        )
        file.write_text(clearer, encoding="utf-8")
    if words[:2] == ["review", "export"]:
        for number, sheet in enumerate(sorted(Path("my-study/sheets").glob("*.xlsx"))):
            fill(sheet, number)
            shutil.copyfile(sheet, sheet.name)
    if words[:2] == ["review", "adjudicate"]:
        fill(Path("adjudication.xlsx"), 9)


def fill(sheet: Path, seed: int) -> None:
    chance = random.Random(seed)
    workbook = openpyxl.load_workbook(sheet)
    rows = workbook["Marks"]
    columns = {cell.value: place for place, cell in enumerate(rows[1], start=1)}
    for number in range(2, rows.max_row + 1):
        credited = chance.random() < 0.7
        rows.cell(number, columns["key_mark"]).value = "A" if credited else "0"
        rows.cell(number, columns["judgement_mark"]).value = int(credited)
    workbook.save(sheet)


def test_every_page_with_commands_is_run_or_says_why_not() -> None:
    with_commands = {name(page) for page in PAGES if blocks(page, "console")}
    assert with_commands - {"tutorial.md"} - set(BEFORE) <= set(ASKED_ELSEWHERE)


@pytest.mark.slow
@pytest.mark.parametrize("page", BEFORE)
def test_the_page_works_from_end_to_end(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-the-pages-0123456789")
    known = KNOWN | THIRD
    answers = answers_from_the_key(load_bank(), known)

    judge = SimulatedJudge()

    def answer(request: Received) -> Answer:
        if "END OF ANSWER" in request.text:
            return judge(request)
        return answers(request) if request.body["model"] in known else Say("1. Fever\n2. Cough")

    with OpenAIServer(answer) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        BEFORE[page]()
        run = [words for one in blocks(DOCS / page, "console") if one.reason is None for words in one.commands]
        for words in run:
            capsys.readouterr()
            assert main(words) == 0, (words, capsys.readouterr().err)
            done_by_hand(words)
    assert len(run) >= 2
    names: dict[str, object] = {}
    for block in blocks(DOCS / page, "python") if page == WITH_A_STUDY else ():
        exec(compile(block.text, page, "exec"), names)  # our own documents


def test_the_table_of_ones_own_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(DOCS / "how-to" / "recorded-answers.md", "csv")
    Path("answers.csv").write_text(block.text, encoding="utf-8")
    assert main(["responses", "import", "answers.csv"]) == 0


@pytest.mark.slow
def test_the_tutorial_ends_in_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With two questions in place of twelve; whether they determine an odds ratio is the model's luck."""
    pytest.importorskip("xllamacpp", reason="the extra local is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for block in blocks(DOCS / "tutorial.md", "console"):
        for words in block.commands:
            code = main(["2" if word == "12" else word for word in words])
            shown = capsys.readouterr()
            if words[0] == "analyze":
                refused = any(reason in shown.err for reason in ("odds ratio", "standard error", "nothing to compare"))
                assert code == 0 or (code == 1 and refused), shown.err
            else:
                assert code == 0, (words, shown.err)
    report = tmp_path / shown.out.strip()
    assert "utomatic marks" in report.read_text(encoding="utf-8")
    assert os.path.getsize(report) < 3_000_000
