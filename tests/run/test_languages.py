"""A bank has a language: what a French candidate reads, and what the marker leaves to people."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from samp_eval.cli.main import main
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank, SampCase
from samp_eval.run.prompt import bundled_prompt, bundled_prompt_for, messages_for
from samp_eval.study import Condition

STEM = "Une boulangère de cinquante ans consulte parce que son genou droit est enflé."


def case(name: str, question: Mapping[str, Any] = {}, *, stem: str = STEM, language: str = "fr") -> dict[str, Any]:
    asked = {"id": name, "question": "Que cherchez-vous ?", "requested": 1, "key": [{"answer": "Fièvre"}]} | dict(
        question
    )
    return {"id": name, "topic": "Genou", "stem": stem, "language": language, "questions": [asked]}


TWO = {"format": "menu", "requested": 2, "key": [{"answer": "Fer"}, {"answer": "Zinc"}]}
OPTIONS: dict[str, Any] = {"format": "single", "options": ["Fer", "Zinc"], "key": [{"answer": "Fer"}]}


def bank_of(folder: Path, *cases: dict[str, Any], name: str = "bank.jsonl") -> Bank:
    (folder / name).write_text("\n".join(json.dumps(one) for one in cases), encoding="utf-8")
    return load_bank(folder / name)


def sent(bank: Bank, *, prompted: bool) -> str:
    asked, question = next(bank.asked())
    messages = messages_for(asked, question, Condition(prompted=prompted), bundled_prompt_for(bank))
    return str(messages[-1]["content"])


def test_a_french_candidate_reads_french(tmp_path: Path) -> None:
    three = {"requested": 3, "key": [{"answer": word} for word in ("Fièvre", "Rougeur", "Douleur")]}
    french = case("c1", three) | {"vitals": {"temperature": "38,4 °C (bouche)", "blood_pressure": "104/62 mmHg"}}
    bank = bank_of(tmp_path, french)
    bare = sent(bank, prompted=False)
    assert bare.endswith("Que cherchez-vous ? Donnez TROIS réponses.\n")
    assert "Signes vitaux\nTempérature : 38,4 °C (bouche)\nTension artérielle : 104/62 mmHg" in bare
    prompted = sent(bank, prompted=True)
    assert prompted.startswith("Vous passez les problèmes de gestion à réponses courtes")
    assert "Cystite aiguë simple" in prompted
    assert prompted.endswith("Question : Que cherchez-vous ? Donnez TROIS réponses.\nRéponse :\n")
    assert not [word for word in ("Case:", "Question:", "Answer:", "List ", "Vital signs") if word in prompted]


@pytest.mark.parametrize(
    ("change", "instruction"),
    [
        ({}, "Donnez UNE réponse."),
        (OPTIONS, "Choisissez une réponse."),
        (OPTIONS | {"format": "menu", "requested": "any"}, "Choisissez toutes les réponses exactes."),
        (
            OPTIONS | {"format": "menu", "requested": 2, "key": [{"answer": "Fer"}, {"answer": "Zinc"}]},
            "Choisissez deux",
        ),
    ],
)
def test_instructions_in_french(change: dict[str, Any], instruction: str, tmp_path: Path) -> None:
    bank = bank_of(tmp_path, case("c1", change))
    assert instruction in sent(bank, prompted=False)


def test_each_kind_of_bank_has_its_prompt(tmp_path: Path) -> None:
    kinds = {
        "": [case("c1", language="en"), case("c2")],
        "fr": [case("c1"), case("c2", language="fr-CA")],
        "board": [case("c1", OPTIONS, stem="", language="en")],
        "board-fr": [case("c1", OPTIONS, stem="")],
    }
    for variant, cases in kinds.items():
        assert bundled_prompt_for(bank_of(tmp_path, *cases)) == bundled_prompt(variant), variant
    assert len({bundled_prompt(variant).sha256 for variant in kinds}) == 4
    board = sent(bank_of(tmp_path, *kinds["board"]), prompted=True)
    assert "family medicine" not in board
    assert board.endswith("Question: Que cherchez-vous ? Select one.\nA. Fer\nB. Zinc\n")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx", "md", "yaml"])
def test_the_language_survives_every_form(ending: str, tmp_path: Path) -> None:
    bank_of(tmp_path, case("c1"))
    there = tmp_path / f"c1.{ending}"
    assert main(["items", "convert", str(tmp_path / "bank.jsonl"), str(there)]) == 0
    assert load_bank(there).cases == (SampCase.model_validate(case("c1")),)


def test_free_text_in_french_is_marked_only_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank_of(tmp_path, case("free"), case("choice", OPTIONS))
    (tmp_path / "study.toml").write_text('items = "bank.jsonl"\n[[rounds]]\nprompt = "bare"\n', encoding="utf-8")
    answers = tmp_path / "answers.csv"
    with answers.open("w", newline="", encoding="utf-8") as target:
        rows: list[list[object]] = [
            ["question_id", "respondent", "round", "text"],
            ["free", "m", 1, "Fièvre"],
            ["choice", "m", 1, "Fer"],
        ]
        csv.writer(target).writerows(rows)
    study = ["--study", str(tmp_path)]
    assert main(["responses", "import", str(answers), *study]) == 0
    capsys.readouterr()
    assert main(["mark", "--json", *study]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["marks"] == 1
    assert "not validated in this language: 1 question with free text in French were not marked" in told.err
    assert main(["mark", "--unvalidated", "--json", *study]) == 0
    assert json.loads(capsys.readouterr().out)["marks"] == 2
