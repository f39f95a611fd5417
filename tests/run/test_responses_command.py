"""Recorded answers in and out: CSV, XLSX, Inspect logs; one response as it was asked."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openai_server import OpenAIServer, Say, error
from openpyxl.worksheet.worksheet import Worksheet
from small_bank import KEY, Command

from samp_eval.answers.distinct import line_id_of
from samp_eval.items.load import load_bank
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.prompt import bundled_prompt
from samp_eval.run.recorded.empty_table import empty_rows
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Round

HOSTILE = [
    "=HYPERLINK(1)",
    "'quoted'",
    "- dash",
    '"; DROP',
    "line one\nline two\r\nthree",
    "\u202eevil",
    "NA",
    "none",
    "0012",
]


@pytest.fixture
def import_rows(command: Command, bank: Path, tmp_path: Path) -> Command:
    def bring_in(
        rows: list[list[str]], header: str = "question_id,respondent,round,condition,text"
    ) -> tuple[int, str, str]:
        file = tmp_path / "answers.csv"
        with file.open("w", newline="", encoding="utf-8") as target:
            csv.writer(target).writerows([header.split(","), *rows])
        return command("responses", "import", str(file), "--items", str(bank))

    return bring_in


def texts(study: Path) -> dict[tuple[str, str, int], str]:
    with StudyStore.open(study, create=False) as store:
        return {(one.ask.question_id, one.ask.respondent, one.ask.round): one.reply.text for one in store.responses()}


def test_rows_become_responses(import_rows: Command, study: Path) -> None:
    code, _, err = import_rows(
        [["case000-1", "GPT-4 page", "1", "bare-later", "fever\ncough"], ["case000-2", "GPT-4 page", "2", "", "x"]]
    )
    assert code == 0, err
    assert "2 recorded answers imported" in err
    with StudyStore.open(study, create=False) as store:
        first, second = store.responses()
    assert first.ask.condition.label == "bare-later"
    assert second.ask.condition.label == "prompted-regenerated"
    assert first.asked_at is None
    assert first.reply.provenance == {"recorded": True}


def test_an_import_never_overwrites(import_rows: Command, study: Path) -> None:
    assert import_rows([["case000-1", "page", "1", "", "fever"]])[0] == 0
    code, _, err = import_rows([["case000-1", "page", "1", "", "cough"], ["case000-2", "page", "1", "", "new"]])
    assert code == 1
    assert "case000-1, page, round 1" in err
    assert texts(study) == {("case000-1", "page", 1): "fever"}
    code, _, err = import_rows([["case000-1", "page", "1", "", "fever"], ["case000-2", "page", "1", "", "new"]])
    assert code == 0
    assert "1 recorded answer imported, 1 already there" in err


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["nothing-1", "p", "1", "", "x"], "question_id"),
        (["case000-1", "", "1", "", "x"], "respondent"),
        (["case000-1", "p", "zero", "", "x"], "round"),
        (["case000-1", "p", "0", "", "x"], "round"),
        (["case000-1", "p", "9", "", "x"], "condition"),
        (["case000-1", "p", "1", "shouted", "x"], "condition"),
        (["case000-1", "p", "1", "", "  "], "text"),
    ],
)
def test_every_fault_is_named_with_its_row(import_rows: Command, study: Path, row: list[str], column: str) -> None:
    code, _, err = import_rows([["case001-1", "p", "1", "", "good"], row, ["nothing-2", "p", "1", "", "x"]])
    assert code == 1
    assert f"row 3, column {column}" in err
    assert "row 4, column question_id" in err
    assert not study.exists()


def test_twice_in_one_file_and_missing_columns(import_rows: Command) -> None:
    code, _, err = import_rows([["case000-1", "p", "1", "bare", "a"], ["case000-1", "p", "1", "prompted", "b"]])
    assert code == 1
    assert "row 3" in err
    code, _, err = import_rows([["case000-1", "a"]], header="question_id,answer")
    assert code == 1
    assert "respondent, round, text are missing" in err


def test_out_and_in_again_hostile_texts_too(
    import_rows: Command, command: Command, study: Path, tmp_path: Path, bank: Path
) -> None:
    questions = ["case000-1", "case000-2", "case001-1", "case001-2"]
    rows = [[questions[n % 4], f"m{n // 4}", "1", "", text] for n, text in enumerate(HOSTILE)]
    with_times = [[*row, "2026-03-04T05:06:07+00:00", "m-0613", "12", "3"] for row in rows]
    header = "question_id,respondent,round,condition,text,asked_at,model_returned,prompt_tokens,completion_tokens"
    assert import_rows(with_times, header)[0] == 0
    out = tmp_path / "out.csv"
    assert command("responses", "export", str(out))[0] == 0
    written = out.read_text(encoding="utf-8-sig").splitlines()
    assert written[0] == header
    assert not any(line.split(",")[4:5] == ["=HYPERLINK(1)"] for line in written)
    before = texts(study)
    other = study.with_name("other")
    from samp_eval.cli.main import main

    assert main(["responses", "import", str(out), "--items", str(bank), "--study", str(other)]) == 0
    assert texts(other) == before


def test_jsonl_export(import_rows: Command, command: Command, tmp_path: Path) -> None:
    import_rows([["case000-1", "p", "1", "", "fever"]])
    out = tmp_path / "out.jsonl"
    assert command("responses", "export", str(out))[0] == 0
    (line,) = out.read_text().splitlines()
    assert json.loads(line)["text"] == "fever"
    assert command("responses", "export", str(tmp_path / "out.docx"))[0] == 2


def test_a_workbook(command: Command, bank: Path, study: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet_of(book).append(["question_id", "respondent", "round", "condition", "text"])
    sheet_of(book).append(["case000-1", "page", 1, "prompted", "fever"])
    file = tmp_path / "answers.xlsx"
    book.save(file)
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 0, err
    assert texts(study) == {("case000-1", "page", 1): "fever"}


def inspect_sample(identifier: str, epoch: int, content: Any, **more: Any) -> dict[str, Any]:
    output = {"model": "gpt-4-0613", "choices": [{"message": {"role": "assistant", "content": content}}]}
    return {"id": identifier, "epoch": epoch, "input": "?", "target": "", "output": output, **more}


def test_inspect_logs(command: Command, bank: Path, study: Path, tmp_path: Path) -> None:
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "cough"}]
    samples = [
        inspect_sample("case000-1", 1, "fever"),
        inspect_sample("case000-2", 2, parts),
        inspect_sample("case001-1", 1, "lost", error={"message": "no"}),
    ]
    header = {"version": 2, "status": "success", "eval": {"model": "openai/gpt-4"}}
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("header.json", json.dumps(header))
        for sample in samples:
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
    assert command("responses", "import", str(file), "--items", str(bank))[0] == 0
    expected = {("case000-1", "openai/gpt-4", 1): "fever", ("case000-2", "openai/gpt-4", 2): "cough"}
    assert texts(study) == expected
    document = tmp_path / "log.json"
    document.write_text(json.dumps({**header, "samples": samples}))
    code, _, err = command("responses", "import", str(document), "--items", str(bank))
    assert (code, "2 already there" in err) == (0, True)
    assert command("responses", "import", str(document), "--items", str(bank), "--name", "gpt-4")[0] == 0
    assert len(texts(study)) == 4


@pytest.mark.parametrize("content", ["{}", "[]", "not json", '{"eval": {"model": "m"}, "samples": [{"id": 1}]}'])
def test_what_is_no_log(command: Command, bank: Path, tmp_path: Path, content: str) -> None:
    file = tmp_path / "log.json"
    file.write_text(content)
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 1
    assert "log" in err


def test_a_file_that_is_not_there(command: Command) -> None:
    code, _, err = command("responses", "import", "nowhere.csv")
    assert code == 1
    assert "no such file" in err


def test_show(ask: Command, command: Command, server: OpenAIServer) -> None:
    server.answer = lambda _: Say("1. Fever\n2. \x1b[31mCough\n3. Rash", finish_reason="length")
    assert ask("--rounds", "1")[0] == 0
    code, out, _ = command("responses", "show", "case000-1", "--json")
    assert code == 0
    shown = json.loads(out)
    assert [line["counted"] for line in shown["lines"]] == [True, True, False]
    assert shown["cut_off"] is True
    assert json.loads(shown["request"])["model"] == "gpt-4"
    assert json.loads(shown["received"])["system_fingerprint"] == "fp_test"
    assert shown["run"]["samp_eval"]
    assert len(shown["run"]["bank_sha256"]) == 64
    code, out, _ = command("responses", "show", "case000-1")
    assert "\x1b" not in out
    assert KEY not in out
    assert out.startswith("1. Fever\n")
    assert out.index("Rash  (does not count)") < out.index("finish_reason: length")
    assert not any(line.startswith(("request:", "received:")) for line in out.splitlines())
    raw = command("responses", "show", "case000-1", "--raw")[1]
    assert {"request", "received"} <= {line.partition(":")[0] for line in raw.splitlines()}
    assert command("responses", "show", "case000-1", "--round", "2")[0] == 1


HEADER = "question_id,respondent,round,condition,text"


def test_settings_of_pasted_answers(import_rows: Command, study: Path) -> None:
    header = f"{HEADER},asked_at,temperature,seed,settings"
    rows = [
        ["case000-1", "page", "1", "", "fever", "2026-03-04", "0.7", "5", "ChatGPT page, memory off"],
        ["case000-2", "page", "1", "", "cough", "2026-03-04T05:06:07Z", "0.7", "5", "ChatGPT page, memory off"],
    ]
    code, _, err = import_rows(rows, header)
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        (settings,) = store.respondents().values()
        assert settings == {
            "model": "page",
            "recorded": True,
            "temperature": 0.7,
            "seed": 5,
            "settings": "ChatGPT page, memory off",
        }
        assert [f"{one.asked_at:%Y-%m-%d}" for one in store.responses()] == ["2026-03-04"] * 2
    code, _, err = import_rows(
        [["case001-1", "page", "1", "", "x", "", "0.2", "5", "ChatGPT page, memory off"]], header
    )
    assert code == 1
    assert "column temperature: found 0.2, and the study has 0.7" in err
    assert len(texts(study)) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [(["hot", ""], "column temperature"), (["0.1", "1.5"], "column seed"), (["0.9", "1"], "row 3, column temperature")],
)
def test_faulty_settings_are_named(import_rows: Command, study: Path, values: list[str], said: str) -> None:
    rows = [["case000-1", "p", "1", "", "a", "0.1", "1"], ["case000-2", "p", "1", "", "b", *values]]
    code, _, err = import_rows(rows, f"{HEADER},temperature,seed")
    assert code == 1
    assert said in err
    assert not study.exists()


def test_a_workbook_with_dates_and_settings(command: Command, bank: Path, study: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet_of(book).append([*HEADER.split(","), "asked_at", "temperature", "max_tokens"])
    sheet_of(book).append(["case000-1", "page", 1, None, "fever", datetime(2026, 3, 4, 5, 6, 7), 0.7, 300])
    sheet_of(book).append(["case000-2", "page", 1, None, "cough", date(2026, 3, 5), 0.7, 300])
    file = tmp_path / "answers.xlsx"
    book.save(file)
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        assert store.respondents()["page"]["temperature"] == 0.7
        assert store.respondents()["page"]["max_tokens"] == 300
        assert [one.asked_at for one in store.responses()] == [
            datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
            datetime(2026, 3, 5, tzinfo=UTC),
        ]


def test_show_of_a_failure_says_why(ask: Command, command: Command, server: OpenAIServer) -> None:
    server.answer = lambda request: error(400, "this was flagged") if "number 2" in request.text else Say()
    assert ask("--rounds", "1")[0] == 3
    code, _, err = command("responses", "show", "case000-2")
    assert code == 1
    assert "failed after 1 attempt" in err
    assert "this was flagged" in err


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_template_is_filled_bit_by_bit(
    command: Command, bank: Path, study: Path, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"answers.{ending}"
    written = command("responses", "template", str(file), "--respondent", "=a page", "--items", str(bank))
    assert written[0] == 0, written
    again = command("responses", "template", str(file), "--respondent", "=a page", "--items", str(bank))
    assert again[0] == 1
    assert "may hold answers" in again[2]
    rows = template_rows(file)
    header, first, bare = rows[0], rows[1], next(row for row in rows if row[3] == "bare")
    assert first[header.index("request")].startswith("You are sitting")
    assert "You are sitting" not in bare[header.index("request")]
    for done in (1, 2):
        answer_row(file, done + 1, f"Fever {done}\nCough")
        code, _, err = command("responses", "import", str(file), "--items", str(bank))
        assert code == 0, err
        assert f"1 recorded answer imported, {done - 1} already there" in err
    assert {key[1] for key in texts(study)} == {"=a page"}
    assert sorted(texts(study).values()) == ["Fever 1\nCough", "Fever 2\nCough"]


def test_a_regenerated_row_of_a_template_stands_below_the_row_that_it_repeats(bank: Path) -> None:
    questions = load_bank(bank)
    rounds = [Round(prompt="bare"), Round(prompt="bare", regenerated=True), Round(prompt="prompted")]
    rows = empty_rows(questions, rounds, "page", bundled_prompt())
    asked = [question.id for _, question in questions.asked()]
    first, *_ = asked
    assert [(row[0], row[2]) for row in rows[:2]] == [(first, "1"), (first, "2")]
    assert [row[0] for row in rows if row[2] == "3"] == asked
    assert len(rows) == 3 * len(asked)


def test_a_fault_in_a_template_names_the_row_of_the_file(command: Command, bank: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    assert command("responses", "template", str(file), "--respondent", "page", "--items", str(bank))[0] == 0
    answer_row(file, 4, "Fever", {"round": "last"})
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 1
    assert "row 4, column round" in err


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    assert isinstance(book.active, Worksheet)
    return book.active


def template_rows(file: Path) -> list[list[str]]:
    if file.suffix == ".xlsx":
        return [[str(cell or "") for cell in row] for row in sheet_of(openpyxl.load_workbook(file)).values]
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.reader(source))


def answer_row(file: Path, number: int, text: str, more: dict[str, str] | None = None) -> None:
    """Fill one row, counted as a spreadsheet counts, as a person would."""
    rows = template_rows(file)
    cells = {"text": text, **(more or {})}
    if file.suffix == ".xlsx":
        book = openpyxl.load_workbook(file)
        for name, value in cells.items():
            sheet_of(book).cell(number, rows[0].index(name) + 1).value = value
        book.save(file)
        return
    for name, value in cells.items():
        rows[number - 1][rows[0].index(name)] = value
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)


def test_a_recorded_answer_is_corrected_and_the_former_text_kept(
    import_rows: Command, command: Command, study: Path, tmp_path: Path, bank: Path
) -> None:
    assert import_rows([["case000-1", "page", "1", "bare", "fevr"], ["case000-2", "page", "1", "bare", "x"]])[0] == 0
    code, _, err = import_rows([["case000-1", "page", "1", "bare", "fever"]])
    assert code == 1
    assert "if this one is right, bring it in with --correct" in err
    file = tmp_path / "answers.csv"
    file.write_text(
        "question_id,respondent,round,condition,text,settings\n"
        "case000-1,page,1,bare,fever,memory off\ncase000-2,page,1,bare,x,memory off\n"
    )
    for corrected in (1, 0):
        code, _, err = command("responses", "import", str(file), "--items", str(bank), "--correct")
        assert code == 0, err
        assert f"{corrected} recorded answer" in err
    assert texts(study) == {("case000-1", "page", 1): "fever", ("case000-2", "page", 1): "x"}
    with StudyStore.open(study, create=False) as store:
        first, second = (what for what, _ in store.deviations())
        assert store.respondents()["page"]["settings"] == "memory off"
    assert first == "a recorded answer was corrected (case000-1, page, round 1); it had been: fevr"
    assert second.startswith("the recorded settings of page were corrected; they had been: {")


def test_a_correction_keeps_the_time_and_what_was_marked_line_by_line(
    import_rows: Command, command: Command, study: Path, tmp_path: Path, bank: Path
) -> None:
    header = "question_id,respondent,round,condition,text,asked_at"
    rows = [["case000-1", "page", "1", "bare", "fevr", "2026-03-04"], ["case000-2", "page", "1", "bare", "x\ny", ""]]
    assert import_rows(rows, header)[0] == 0
    with StudyStore.open(study, create=False) as store:
        line = line_id_of("case000-2", "page", 1, 2)
        now = datetime(2026, 3, 5, tzinfo=UTC)
        store.add_marks([Mark(Reviewer("A"), "case000-2", line, "key", "0", now, "sheet.csv")])
    file = tmp_path / "corrected.csv"
    correct = ("responses", "import", str(file), "--items", str(bank), "--correct")
    file.write_text("question_id,respondent,round,condition,text\ncase000-2,page,1,bare,other\n")
    code, _, err = command(*correct)
    assert code == 1
    assert "its lines have been marked one by one" in err
    file.write_text("question_id,respondent,round,condition,text\ncase000-1,page,1,bare,fever\n")
    assert command(*correct)[0] == 0
    with StudyStore.open(study, create=False) as store:
        first = next(one for one in store.responses() if one.ask.question_id == "case000-1")
    assert (first.reply.text, first.asked_at) == ("fever", datetime(2026, 3, 4, tzinfo=UTC))
    assert texts(study)["case000-2", "page", 1] == "x\ny"


def test_a_table_without_answers_makes_no_study(import_rows: Command, study: Path) -> None:
    code, _, err = import_rows(
        [["case000-1", "page", "1", "bare", "", ""]], "question_id,respondent,round,condition,text,request"
    )
    assert code == 0
    assert "no row has an answer yet" in err
    assert not (study / "study.db").exists()


def test_what_was_asked_for_is_never_corrected(
    ask: Command, command: Command, server: OpenAIServer, study: Path, tmp_path: Path
) -> None:
    assert ask("--model", "gpt-4", "--rounds", "1")[0] == 0
    before = texts(study)
    file = tmp_path / "answers.csv"
    file.write_text("question_id,respondent,round,condition,text\ncase000-1,gpt-4,1,bare,fever\n")
    code, _, err = command("responses", "import", str(file), "--correct")
    assert code == 1
    assert "it was asked for by samp-eval" in err
    assert texts(study) == before


def test_a_round_that_the_study_file_does_not_have_is_a_fault(import_rows: Command, study: Path) -> None:
    study.mkdir(exist_ok=True)
    (study / "study.toml").write_text('[[rounds]]\nprompt = "bare"\n', encoding="utf-8")
    code, _, err = import_rows([["case000-1", "page", "3", "bare", "fever"]])
    assert code == 1
    assert "row 2, column round: found 3; the last round of the study file is 1" in err


def test_a_time_before_all_time_is_a_fault(command: Command, bank: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(
        "question_id,respondent,round,condition,text,asked_at\ncase000-1,p,1,bare,x,0001-01-01T00:00+09:00\n", "utf-8"
    )
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 1
    assert "row 2, column asked_at: found '0001-01-01T00:00+09:00'" in err
