"""Options are sent with letters and a prompt of their own, in another order in each round where the study wants it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from batch_server import BatchServer
from openai_server import OpenAIServer, Say
from small_bank import Command

from samp_eval.answers.reading import read_response
from samp_eval.cli.main import main
from samp_eval.items.load import load_bank
from samp_eval.literals import QuestionFormat
from samp_eval.run.prompt import bundled_prompt, messages_for
from samp_eval.store import schema
from samp_eval.store.safety.row_digests import refresh_digests
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

OPTIONS = ["Amlodipine", "Lisinopril", "Metoprolol", "Nitroglycerin", "Verapamil"]
BANK = """
id: angina
topic: Angina
stem: A man of 58 years has angina.
questions:
  - id: angina-1
    question: Which drug comes first?
    format: single
    requested: 1
    options: [Amlodipine, Lisinopril, Metoprolol, Nitroglycerin, Verapamil]
    key: [answer: Metoprolol]
  - id: angina-2
    question: What do you ask about?
    requested: 1
    key: [answer: smoking]
"""
ROUNDS = '[[rounds]]\nprompt = "prompted"\n' * 3 + '[[rounds]]\nprompt = "bare"\n'


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = tmp_path / "options"
    folder.mkdir()
    (folder / "angina.yaml").write_text(BANK, encoding="utf-8")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(ROUNDS, encoding="utf-8")
    return folder


@pytest.fixture
def shuffled(study: Path) -> Path:
    (study / "study.toml").write_text(f'option_order = "shuffled"\n{ROUNDS}', encoding="utf-8")
    return study


def says_third(server: OpenAIServer) -> None:
    """Whatever is asked, the third option that is shown is chosen, by its letter."""
    server.answer = lambda _: Say("Answer: C")


def sent(study: Path) -> dict[int, str]:
    """The requests of the question with options, by round."""
    with StudyStore.open(study, create=False) as store:
        whole = list(store.each_whole_response("gpt-4"))
    requests = {one.ask.round: json.loads(one.reply.request) for one in whole if one.ask.question_id == "angina-1"}
    return {number: request["messages"][-1]["content"] for number, request in requests.items()}


def test_options_are_sent_with_letters_and_their_own_prompt(
    ask: Command, bank: Path, study: Path, server: OpenAIServer
) -> None:
    says_third(server)
    assert ask()[0] == 0
    texts = sent(study)
    lettered = "\n".join(f"{letter}. {option}" for letter, option in zip("ABCDE", OPTIONS, strict=True))
    assert all(f"Select one.\n{lettered}\n" in text for text in texts.values())
    assert bundled_prompt().option_instructions in texts[1]
    assert bundled_prompt().instructions not in texts[1]
    assert texts[1].rstrip().endswith("E. Verapamil")
    assert "Answer:" not in texts[4], "bare is the case and the question alone"
    with StudyStore.open(study, create=False) as store:
        settings = store.respondents()["gpt-4"]
    assert settings["option_prompt_sha256"] == bundled_prompt().option_sha256


@pytest.mark.parametrize("variant", ["", "fr", "board", "board-fr"])
def test_the_worked_examples_are_read_as_they_are_meant(variant: str) -> None:
    for example in bundled_prompt(variant).option_examples.split("\n\n"):
        *_, answer = lines = example.splitlines()
        options = [line[3:] for line in lines if line[1:3] == ". "]
        requested = answer.count(",") + 1
        form: QuestionFormat = "menu" if requested == 2 else "single"
        reading = read_response(answer, requested=requested, question_format=form, options=options)
        assert [chr(65 + (line.option or 0)) for line in reading.lines] == answer.rpartition(": ")[2].split(", ")
        assert not reading.doubtful


def test_write_in_questions_are_sent_as_before(bank: Path) -> None:
    case, question = load_bank(bank).by_question()["angina-2"]
    (message,) = messages_for(case, question, Condition(prompted=True), bundled_prompt())
    assert bundled_prompt().instructions in message["content"]
    assert message["content"].endswith("Give ONE answer.\nAnswer:\n")


@pytest.mark.slow
def test_shuffled_options_are_mapped_back_in_every_round(
    ask: Command, command: Command, bank: Path, shuffled: Path, server: OpenAIServer
) -> None:
    says_third(server)
    assert ask()[0] == 0
    chosen = {}
    for number, text in sent(shuffled).items():
        chosen[number] = next(line[3:] for line in text.splitlines()[-7:] if line.startswith("C. "))
    assert len(set(chosen.values())) > 1, "the rounds have different orders"
    for number, option in chosen.items():
        shown = json.loads(command("responses", "show", "angina-1", "--round", str(number), "--json")[1])
        assert [line["option"] for line in shown["lines"]] == [option]
    marked = json.loads(command("mark", "--json")[1])["respondents"][0]
    right = sum(option == "Metoprolol" for option in chosen.values())
    assert marked["credited"] == right
    shown_lines = {
        row["lines"][0] for row in json.loads(command("responses", "lines", "--json")[1]) if "angina-1" in str(row)
    }
    assert shown_lines == {f"C. {option}" for option in chosen.values()}, "with the letters that were sent"


def test_every_respondent_gets_the_same_orders(ask: Command, bank: Path, shuffled: Path, server: OpenAIServer) -> None:
    says_third(server)
    assert ask(model="gpt-5")[0] == 0
    assert ask()[0] == 0
    with StudyStore.open(shuffled, create=False) as store:
        orders: dict[int, set[tuple[int, ...] | None]] = {}
        for response in store.responses():
            if response.ask.question_id == "angina-1":
                orders.setdefault(response.ask.round, set()).add(response.ask.option_order)
    assert all(len(found) == 1 for found in orders.values())


@pytest.mark.parametrize("form", ["csv", "eval"])
def test_the_order_survives_export_and_import(
    ask: Command, command: Command, bank: Path, shuffled: Path, server: OpenAIServer, tmp_path: Path, form: str
) -> None:
    says_third(server)
    assert ask()[0] == 0
    file, other = tmp_path / f"answers.{form}", tmp_path / "other"
    assert command("responses", "export", str(file))[0] == 0
    other.mkdir()
    (other / "study.toml").write_text(ROUNDS, encoding="utf-8")
    assert main(["responses", "import", str(file), "--study", str(other), "--items", str(bank)]) == 0
    found = []
    for folder in (shuffled, other):
        with StudyStore.open(folder, create=False) as store:
            found.append({(one.ask.question_id, one.ask.round): one.ask.option_order for one in store.responses()})
    assert found[0] == found[1]
    assert any(found[0].values())


def test_an_order_that_is_none_is_a_fault(command: Command, bank: Path, study: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        rows = [
            ["question_id", "respondent", "round", "text", "option_order"],
            ["angina-1", "page", "1", "C", "A B C D D"],
        ]
        csv.writer(target).writerows(rows)
    code, _, err = command("responses", "import", str(file), "--items", str(bank))
    assert code == 1
    assert "column option_order: found 'A B C D D'; the letters A B C D E are wanted, each once" in err


def test_a_study_begun_without_letters_goes_on_so(ask: Command, bank: Path, study: Path, server: OpenAIServer) -> None:
    says_third(server)
    assert ask("--rounds", "1", "--limit", "1")[0] == 0
    with StudyStore.open(study, create=False) as store, store._writing() as connection:
        facts = json.loads(connection.execute(schema.runs.select()).one().facts)
        del facts["option_rule"]  # as runs were recorded before the rule
        connection.execute(schema.runs.update().values(facts=json.dumps(facts)))
        refresh_digests(connection, schema.runs)
        held = json.loads(connection.execute(schema.respondents.select()).one().settings)
        del held["option_prompt_sha256"]
        connection.execute(schema.respondents.update().values(settings=json.dumps(held, sort_keys=True)))
        refresh_digests(connection, schema.respondents)
    code, _, err = ask()
    assert code == 0, err
    assert "Select one.\nAmlodipine\nLisinopril" in sent(study)[2]


def test_the_order_that_a_batch_sent_is_mapped_back(command: Command, bank: Path, shuffled: Path) -> None:
    with BatchServer(lambda _: Say("Answer: C")) as server:
        at = ("--items", str(bank), "--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY", "--batch")
        assert command("run", "--model", "gpt-4", *at)[0] == 3
        server.end()
        assert command("run", "--model", "gpt-4", *at)[0] == 0
    lettered = {number: text.splitlines()[-7:] for number, text in sent(shuffled).items()}
    chosen = {number: next(line[3:] for line in lines if line.startswith("C. ")) for number, lines in lettered.items()}
    assert len(set(chosen.values())) > 1, "the rounds have different orders"
    for number, option in chosen.items():
        shown = json.loads(command("responses", "show", "angina-1", "--round", str(number), "--json")[1])
        assert [line["option"] for line in shown["lines"]] == [option]
