"""Public banks in the layouts that downloads and conversions leave: the viewer, pandas, numpy, splits, other fields."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from samp_eval.errors import FaultyBank
from samp_eval.items.importing.fields import structured
from samp_eval.items.importing.import_bank import ImportChoices, ImportedBank, import_bank

LEAK = "The hidden reasoning."
TEXTS = ["Iron", "Zinc", "Tin", "Gold"]
LETTERS = dict(zip("ABCD", TEXTS, strict=True))
MEDQA: dict[str, Any] = {
    "question": "Which metal is in hemoglobin?",
    "answer": "Zinc",
    "options": LETTERS,
    "meta_info": "step1",
    "answer_idx": "B",
}
SECOND = MEDQA | {"question": "Which metal does not rust?", "answer": "Gold", "answer_idx": "D"}
HEADQA: dict[str, Any] = {
    "qid": 1,
    "qtext": "¿Qué metal?",
    "ra": 2,
    "image": None,
    "answers": [{"aid": number, "atext": text} for number, text in enumerate(TEXTS, start=1)],
}
FRENCH: dict[str, Any] = {
    "id": "f1",
    "question": "Quels métaux ?",
    **{f"answer_{letter.lower()}": text for letter, text in LETTERS.items()},
    "answer_e": "Plomb",
    "correct_answers": [0, 3],
    "type": "multiple",
}
AFRIMED: dict[str, Any] = {
    "sample_id": "s1",
    "question_type": "MCQ",
    "question_clean": "Which ion?",
    "answer_options": json.dumps({"option1": "K", "option2": "Na", "option3": "Ca", "option4": "N/A"}),
    "correct_answer": "option2",
}


def json_bank(folder: Path, document: Any, **choices: Any) -> ImportedBank:
    file = folder / "bank.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return import_bank(file, ImportChoices(**choices))


def csv_bank(folder: Path, *records: dict[str, Any], **choices: Any) -> ImportedBank:
    file = folder / "bank.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([list(records[0]), *(list(record.values()) for record in records)])
    return import_bank(file, ImportChoices(**choices))


def keys(found: ImportedBank) -> list[list[str]]:
    return [[entry.answer for entry in case.questions[0].key] for case in found.cases]


@pytest.mark.parametrize(
    "document",
    [
        MEDQA | {"options": [{"key": letter, "value": text} for letter, text in LETTERS.items()]},
        {"features": [{"name": "question"}], "rows": [{"row_idx": 0, "row": MEDQA, "truncated_cells": []}]},
        {name: {"0": value} for name, value in MEDQA.items()},
        {name: [value] for name, value in MEDQA.items()},
        {"id": "x", "data": {"Question": MEDQA["question"], "Options": LETTERS, "Correct Option": "B"}},
        {"medqa": {"0000": {"question": MEDQA["question"], "options": LETTERS, "answer": "B"}}},
    ],
    ids=["list of key and value", "viewer", "pandas", "lists", "within data", "by bank and id"],
)
def test_one_question_however_it_is_wrapped(document: Any, tmp_path: Path) -> None:
    found = json_bank(tmp_path, document)
    assert keys(found) == [["Zinc"]]
    assert found.cases[0].questions[0].options == tuple(TEXTS)
    assert found.cases[0].questions[0].question == MEDQA["question"]


def test_all_splits_of_a_document_are_read(tmp_path: Path) -> None:
    assert keys(json_bank(tmp_path, {"train": [MEDQA], "test": [SECOND]})) == [["Zinc"], ["Gold"]]


def test_a_row_that_the_viewer_cut_short_is_left_out(tmp_path: Path) -> None:
    rows = [{"row": MEDQA, "truncated_cells": ["question"]}, {"row": SECOND, "truncated_cells": []}]
    found = json_bank(tmp_path, {"features": [{"name": "question"}], "rows": rows})
    assert keys(found) == [["Gold"]]
    assert found.left_out == {"was cut short by the viewer that it comes from": ("question 1: question",)}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({"answer_idx": None}, "Zinc"),
        ({"answer": "zinc. "}, "Zinc"),
        ({"answer": "B: Zinc"}, "Zinc"),
        ({"answer": "(B) Zinc", "answer_idx": None}, "Zinc"),
        ({"answer": None}, "Zinc"),
        ({"answer_idx": 1}, "Zinc"),
        ({"answer_idx": "2"}, "Zinc"),
        ({"answer": "B", "answer_idx": None}, "Zinc"),
        ({"options": {"A": "K", "B": "Na", "C": "Ca"}, "answer": "Na"}, "Na"),
        ({"options": {"C": "Tin", "A": "Iron", "B": "Zinc"}}, "Zinc"),
    ],
)
def test_the_key_of_medqa(change: dict[str, Any], right: str, tmp_path: Path) -> None:
    found = json_bank(tmp_path, [MEDQA | change])
    assert (found.kind, keys(found)) == ("medqa", [[right]])
    assert len(found.cases[0].questions[0].options) == len(change.get("options", LETTERS))


def test_an_index_that_the_words_contradict_is_left_out(tmp_path: Path) -> None:
    found = json_bank(tmp_path, [MEDQA | {"answer_idx": 3}, SECOND])
    assert keys(found) == [["Gold"]]
    reason = "has a key whose letter and words name different options"
    assert found.left_out == {reason: ("question 1: key '3', 'Zinc'",)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['Iron' \"Paget's\"\n 'Tin']", ["Iron", "Paget's", "Tin"]),
        ("[{'key': 'A', 'value': 'Iron'}\n {'key': 'B', 'value': 'Zinc'}]",
         [{"key": "A", "value": "Iron"}, {"key": "B", "value": "Zinc"}]),
        ("[0 3]", [0, 3]),
        ('"{\\"A\\": \\"Iron\\"}"', {"A": "Iron"}),
        ("{'contexts': array(['One.', 'Two.'],\n      dtype=object), 'n': array([], dtype=object)}",
         {"contexts": ["One.", "Two."], "n": []}),
        ("{'A': 'Iron', 'E': nan}", {"A": "Iron", "E": None}),
        ("['a 1 b', 'c']", ["a 1 b", "c"]),
        ("{'A': __import__('os')}", "{'A': __import__('os')}"),
        ("[1 -", "[1 -"),
        ("{[1]: 2}", "{[1]: 2}"),
    ],
)  # fmt: skip
def test_lists_as_pandas_and_numpy_write_them(text: str, value: Any) -> None:
    assert structured(text) == value


def test_banks_that_went_through_pandas(tmp_path: Path) -> None:
    mmlu = {"question": "Which?", "subject": "anatomy", "choices": "['Iron' 'Zinc'\n 'Tin' 'Gold']", "answer": 0}
    found = csv_bank(tmp_path, mmlu, mmlu | {"answer": 3})
    assert (found.kind, keys(found)) == ("mmlu", [["Iron"], ["Gold"]])
    assert keys(csv_bank(tmp_path, FRENCH | {"correct_answers": "[0 3]"})) == [["Iron", "Gold"]]
    assert keys(csv_bank(tmp_path, FRENCH | {"correct_answers": "['a' 'd']"})) == [["Iron", "Gold"]]
    answers = "[{'aid': 1, 'atext': 'Iron'} {'aid': 2, 'atext': 'Zinc'}]"
    assert keys(csv_bank(tmp_path, HEADQA | {"image": "", "answers": answers})) == [["Zinc"]]
    medmcqa = {"question": "Which?", "opa": "Iron", "opb": "Zinc", "opc": "Tin", "opd": "Gold", "cop": "3.0"}
    assert keys(csv_bank(tmp_path, medmcqa, medmcqa | {"cop": "0.0"})) == [["Gold"], ["Iron"]]


def test_the_context_of_pubmedqa_brings_nothing_else_along(tmp_path: Path) -> None:
    context = f"{{'contexts': array(['One.', \"Two's.\"], dtype=object), 'reasoning_free_pred': array(['{LEAK}'])}}"
    record = {"pubid": 1, "question": "Does it?", "context": context, "long_answer": LEAK, "final_decision": "yes"}
    (case,) = csv_bank(tmp_path, record).cases
    assert case.stem == "One.\n\nTwo's."
    broken = record | {"context": context.replace("array(['One", "tensor(['One"), "pubid": 2}
    found = csv_bank(tmp_path, record, broken)
    assert [case.id for case in found.cases] == ["pubmedqa-1"]
    assert list(found.left_out) == ["has a context that cannot be read"]
    assert not any(LEAK in case.model_dump_json() for case in found.cases)


@pytest.mark.parametrize(
    "image", ["a.png", {"src": "https://x/y.png", "height": 3}, {"bytes": "iVBO", "path": None}, [{"path": "a.png"}]]
)
def test_a_picture_in_any_form_is_seen(image: Any, tmp_path: Path) -> None:
    loose = {"question": "What is shown?", "options": LETTERS, "answer": "B"}
    for record, none in ((HEADQA, None), (loose, ""), (loose, []), (loose, {"bytes": None, "path": None})):
        found = json_bank(tmp_path, [record | {"image": image}, record | {"image": none}])
        assert keys(found) == [["Zinc"]]
        assert found.left_out == {"needs a picture": ("question 1",)}
    french = FRENCH | {"images": "['a.png' 'b.png']"}
    assert csv_bank(tmp_path, french, FRENCH | {"images": "[]"}).left_out == {"needs a picture": ("row 2",)}


def test_only_a_filler_at_the_end_is_no_option(tmp_path: Path) -> None:
    found = json_bank(tmp_path, [AFRIMED, AFRIMED | {"correct_answer": "Option 1, option_3"}])
    assert keys(found) == [["Na"], ["K", "Ca"]]
    assert found.cases[0].questions[0].options == ("K", "Na", "Ca")
    loose = {"question": "Which dose?", "options": {"A": "5 mg", "B": "10 mg", "C": "N/A"}, "answer": "A"}
    assert json_bank(tmp_path, [loose]).cases[0].questions[0].options == ("5 mg", "10 mg", "N/A")


@pytest.mark.parametrize("answers", [{"aid": [1, 2, 3, 4], "atext": TEXTS}, HEADQA["answers"]])
def test_head_qa_with_answers_as_lists(answers: Any, tmp_path: Path) -> None:
    assert keys(json_bank(tmp_path, [HEADQA | {"answers": answers}])) == [["Zinc"]]


def test_letters_or_words_in_the_place_of_indexes(tmp_path: Path) -> None:
    medmcqa = {"question": "Which?", "opa": "Iron", "opb": "Zinc", "opc": "Tin", "opd": "Gold", "cop": "b"}
    assert keys(json_bank(tmp_path, [medmcqa, medmcqa | {"cop": "gold."}])) == [["Zinc"], ["Gold"]]
    assert json_bank(tmp_path, [medmcqa, medmcqa | {"cop": "Lead"}]).left_out == {
        "has a key that names none of its options": ("question 2: key 'Lead'",)
    }
    mmlu = {"question": "Which?", "subject": "anatomy", "choices": TEXTS, "answer": "C"}
    assert keys(json_bank(tmp_path, [mmlu])) == [["Tin"]]


def test_indexes_that_contradict_each_other_are_named_with_their_places(tmp_path: Path) -> None:
    medmcqa = {"question": "Which?", "opa": "Iron", "opb": "Zinc", "opc": "Tin", "opd": "Gold", "cop": 0}
    with pytest.raises(FaultyBank, match="question 1 has 0, question 3 has 4 of 4; correct the wrong ones"):
        json_bank(tmp_path, [medmcqa, medmcqa | {"cop": 2}, medmcqa | {"cop": 4}])
    found = json_bank(tmp_path, [medmcqa, medmcqa | {"cop": 7}])
    assert found.left_out == {"has a key that names none of its options": ("question 2: key '7'",)}


def test_layouts_of_any_quiz_are_not_taken_for_a_public_bank(tmp_path: Path) -> None:
    quiz = {"question": "Which?", "answers": TEXTS, "correct_answers": ["Iron", "Tin"]}
    found = json_bank(tmp_path, [quiz])
    assert (found.kind, found.cases[0].language, keys(found)) == ("table", "en", [["Iron", "Tin"]])
    exam = {"Year": 2024, "Question": "Which?", **LETTERS, "E": "Lead", "Answer": "E"}
    found = csv_bank(tmp_path, exam)
    assert (found.kind, found.cases[0].language, keys(found)) == ("table", "en", [["Lead"]])


def test_capital_names_of_fields_are_known(tmp_path: Path) -> None:
    medmcqa = {"Question": "Which?", "OpA": "Iron", "OPB": "Zinc", "opc": "Tin", "opd": "Gold", "COP": 4, "Exp": LEAK}
    found = csv_bank(tmp_path, medmcqa)
    assert (found.kind, keys(found)) == ("medmcqa", [["Gold"]])
    assert LEAK not in found.cases[0].model_dump_json()


@pytest.mark.parametrize(("question", "language"), [("下列何者？", "zh"), ("진단은?", "ko"), ("Which?", "en")])
def test_the_script_of_medqa_names_its_language(question: str, language: str, tmp_path: Path) -> None:
    assert json_bank(tmp_path, [MEDQA | {"question": question}]).cases[0].language == language


def test_a_file_without_keys_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="no column says which option is right; name it answer"):
        json_bank(tmp_path, [{"question": "Which?", "opa": "Iron", "opb": "Zinc", "id": 1}])
