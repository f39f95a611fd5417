"""Public banks are read by their fields: the key, the base of an index, what is left out, and that nothing leaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank
from samp_eval.items.importing.import_bank import ImportChoices, ImportedBank, import_bank
from samp_eval.items.load import load_bank
from samp_eval.run.prompt import asked_text

SECRET = "The secret explanation names the right one."
LETTERS = {"A": "Iron", "B": "Zinc", "C": "Copper", "D": "Gold"}
RECORDS: dict[str, dict[str, Any]] = {
    "medqa": {
        "question": "Which metal is in hemoglobin?",
        "answer": "Iron",
        "options": LETTERS,
        "meta_info": "step1",
        "answer_idx": "A",
        "metamap_phrases": [SECRET],
    },
    "medmcqa": {
        "id": "a-1",
        "question": "Which metal is in hemoglobin?",
        "opa": "Iron",
        "opb": "Zinc",
        "opc": "Copper",
        "opd": "Gold",
        "cop": 0,
        "choice_type": "single",
        "exp": SECRET,
        "subject_name": "Biochemistry",
        "topic_name": None,
    },
    "pubmedqa": {
        "id": "123",
        "QUESTION": "Does iron help?",
        "CONTEXTS": ["Forty patients took iron.", "Hemoglobin rose."],
        "LONG_ANSWER": SECRET,
        "final_decision": "yes",
        "MESHES": ["Iron"],
    },
    "medxpertqa": {
        "id": "Text-1",
        "question": "Which metal?\nAnswer Choices: (A) Iron (B) Zinc (C) Copper (D) Gold",
        "options": [{"letter": letter, "content": text} for letter, text in LETTERS.items()],
        "label": ["A"],
        "medical_task": "Basic Medicine",
        "body_system": "Blood",
        "question_type": SECRET,
    },
    "headqa": {
        "qid": "7",
        "qtext": "Which metal?",
        "ra": "1",
        "answers": [{"aid": n, "atext": text} for n, text in enumerate(LETTERS.values(), start=1)],
        "image": "",
        "category": "biology",
        "comment": SECRET,
    },
    "frenchmedmcqa": {
        "id": "f1",
        "question": "Quel métal est dans l'hémoglobine ?",
        "answers": {letter.lower(): text for letter, text in LETTERS.items()},
        "correct_answers": ["a"],
        "subject_name": "pharmacie",
        "type": "simple",
        "nbr_correct_answers": 1,
    },
    "kormedmcqa": {
        "subject": "doctor",
        "year": 2022,
        "period": 1,
        "q_number": 3,
        "question": "Which metal?",
        **LETTERS,
        "E": "Tin",
        "answer": 1,
        "cot": SECRET,
    },
    "igakuqa": {
        "problem_id": "112A1",
        "problem_text": "Which metal?",
        "choices": list(LETTERS.values()),
        "text_only": True,
        "answer": ["a"],
        "points": "1",
    },
    "afrimedqa": {
        "sample_id": "s1",
        "question_type": "mcq",
        "question": "raw",
        "question_clean": "Which metal? \n \n",
        "answer_options": json.dumps({"option1": "Iron", "option2": "Zinc", "option3": "Gold", "option4": "n/a"}),
        "correct_answer": "option1",
        "answer_rationale": SECRET,
        "specialty": "General_Medicine",
    },
    "mmlu": {"question": "Which metal?", "subject": "anatomy", "choices": list(LETTERS.values()), "answer": 0},
}


def write(folder: Path, *records: dict[str, Any], name: str = "bank.jsonl") -> Path:
    file = folder / name
    file.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return file


def imported(folder: Path, *records: dict[str, Any], **choices: Any) -> ImportedBank:
    return import_bank(write(folder, *records), ImportChoices(**choices))


@pytest.mark.parametrize("kind", RECORDS)
def test_each_bank_is_recognised_and_its_key_is_right(kind: str, tmp_path: Path) -> None:
    record = RECORDS[kind]
    second = record | {"answer": 5} if kind == "kormedmcqa" else record
    found = imported(tmp_path, record, second)
    case, question = found.cases[0], found.cases[0].questions[0]
    assert found.kind == kind
    assert question.key[0].answer == ("yes" if kind == "pubmedqa" else "Iron")
    assert question.format == "single"
    assert case.collection is not None
    assert case.collection.licence
    sent = asked_text(case, question)
    assert SECRET not in sent
    assert SECRET not in case.model_dump_json(), "what is not sent is not kept either"
    assert "Answer Choices" not in sent
    assert sent.count("\n") <= 12
    assert f"A. {question.options[0]}" in sent


@pytest.mark.parametrize(
    "wrapped", [lambda one: [one], lambda one: {"data": [one]}, lambda one: {"rows": [{"row": one}]}]
)
def test_json_documents_are_read_however_they_are_wrapped(wrapped: Any, tmp_path: Path) -> None:
    file = tmp_path / "bank.json"
    file.write_text(json.dumps(wrapped(RECORDS["medqa"])), encoding="utf-8")
    assert import_bank(file, ImportChoices()).kind == "medqa"


def test_medqa_as_lm_eval_keeps_it(tmp_path: Path) -> None:
    endings = {f"ending{place}": text for place, text in enumerate(LETTERS.values())}
    records = [{"id": f"d{n}", "sent1": "Which metal?", "sent2": "", **endings, "label": n % 4} for n in range(4)]
    found = imported(tmp_path, *records)
    assert (found.kind, found.base) == ("medqa", 0)
    assert [case.questions[0].key[0].answer for case in found.cases] == list(LETTERS.values())
    assert found.cases[0].questions[0].question == "Which metal?"


def test_parquet_files_of_the_hub_are_read(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    records = [RECORDS["mmlu"], RECORDS["mmlu"] | {"answer": 3}]
    parquet.write_table(arrow.Table.from_pylist(records), tmp_path / "test.parquet")
    found = import_bank(tmp_path / "test.parquet", ImportChoices())
    assert (found.kind, found.base) == ("mmlu", 0)
    assert [case.questions[0].key[0].answer for case in found.cases] == ["Iron", "Gold"]
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no parquet")
    with pytest.raises(FaultyBank, match="is no readable Parquet file"):
        import_bank(tmp_path / "broken.parquet", ImportChoices())


def test_head_qa_as_it_is_published(tmp_path: Path) -> None:
    exams = {
        "Cuaderno_2015_1_B": {"name": "x", "data": [RECORDS["headqa"], RECORDS["headqa"] | {"ra": "0", "qid": "8"}]}
    }
    file = tmp_path / "HEAD_EN.json"
    file.write_text(json.dumps({"version": "1.0", "language": "en", "exams": exams}), encoding="utf-8")
    found = import_bank(file, ImportChoices())
    assert [case.id for case in found.cases] == ["headqa-Cuaderno_2015_1_B-7"]
    assert found.cases[0].language == "en"
    assert list(found.left_out) == ["has no key"]


def test_pubmedqa_as_it_is_published(tmp_path: Path) -> None:
    record = {name: value for name, value in RECORDS["pubmedqa"].items() if name != "id"}
    file = tmp_path / "ori_pqal.json"
    file.write_text(json.dumps({"21645374": record}), encoding="utf-8")
    (case,) = import_bank(file, ImportChoices()).cases
    assert case.id == "pubmedqa-21645374"
    assert case.stem == "Forty patients took iron.\n\nHemoglobin rose."
    assert case.questions[0].options == ("yes", "no", "maybe")


def test_mmlu_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "anatomy_test.csv"
    file.write_text(
        '"Which, of these?",Iron,Zinc,Copper,Gold,C\nWhich metal?,Iron,Zinc,Copper,Gold,A\n', encoding="utf-8"
    )
    found = import_bank(file, ImportChoices())
    assert found.kind == "mmlu"
    assert [case.questions[0].key[0].answer for case in found.cases] == ["Copper", "Iron"]
    assert {case.topic for case in found.cases} == {"Anatomy"}


@pytest.mark.parametrize(
    ("name", "topic"), [("clinical_knowledge_test.csv", "Clinical knowledge"), ("questions.csv", "MMLU")]
)
def test_the_file_of_mmlu_names_the_subject(tmp_path: Path, name: str, topic: str) -> None:
    file = tmp_path / name
    file.write_text("Which metal?,Iron,Zinc,Copper,Gold,A\n", encoding="utf-8")
    assert import_bank(file, ImportChoices(kind="mmlu")).cases[0].topic == topic


def test_records_in_no_banks_own_layout_are_a_table_without_a_licence(tmp_path: Path) -> None:
    """Collections write many banks in the layout of MedQA: only its own fields say that a question is of it."""
    record = {"question": "Which metal?", "options": LETTERS, "answer_idx": "B", "reason": SECRET}
    listed = {"question": "Which metal?", "choices": ["A. Iron", "B. Zinc", "C. Tin", "D. Gold"], "answer": 3}
    for records, key in (([record], "Zinc"), ([record | {"options": list(LETTERS.values())}], "Zinc")):
        found = imported(tmp_path, *records)
        assert (found.kind, found.collection.licence, found.collection.name) == ("table", "not stated", "bank")
        assert found.cases[0].questions[0].key[0].answer == key
        assert SECRET not in found.cases[0].model_dump_json()
    assert imported(tmp_path, record, kind="medqa").collection.name == "MedQA (USMLE)"
    found = imported(tmp_path, listed, listed | {"answer": 0}, listed | {"answer": -1})
    assert (found.kind, found.base, found.left_out) == ("table", 0, {"has no key": ("line 3",)})
    assert found.cases[0].questions[0].options == ("Iron", "Zinc", "Tin", "Gold"), "letters would be shown twice"
    assert [case.questions[0].key[0].answer for case in found.cases] == ["Gold", "Iron"]
    assert imported(tmp_path, listed, listed | {"answer": 0}, kind="mmlu").collection.name == "MMLU"


def test_a_file_whose_keys_are_all_hidden_says_so(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="no question that can be asked: 2 has no key"):
        imported(tmp_path, MEDMCQA | {"cop": -1}, MEDMCQA | {"cop": -1})


def test_igakuqa_in_english(tmp_path: Path) -> None:
    texts = {"problem_id": "112A1", "problem_text_en": "Which metal?", "choices_en": list(LETTERS.values())}
    (case,) = imported(tmp_path, texts | {"answer": ["b"]}).cases
    assert (case.language, case.questions[0].key[0].answer) == ("en", "Zinc")
    (case,) = imported(tmp_path, texts | {"answer": "ac"}).cases
    assert [entry.answer for entry in case.questions[0].key] == ["Iron", "Copper"]


MEDMCQA = RECORDS["medmcqa"]


def with_index(*indexes: int) -> list[dict[str, Any]]:
    return [MEDMCQA | {"id": f"r{place}", "cop": index} for place, index in enumerate(indexes)]


def test_the_base_of_an_index_is_decided_by_all_of_the_file(tmp_path: Path) -> None:
    from_zero = imported(tmp_path, *with_index(1, 2, 0))
    assert from_zero.base == 0
    assert [case.questions[0].key[0].answer for case in from_zero.cases] == ["Zinc", "Copper", "Iron"]
    from_one = imported(tmp_path, *with_index(1, 2, 4))
    assert from_one.base == 1
    assert [case.questions[0].key[0].answer for case in from_one.cases] == ["Iron", "Zinc", "Gold"]


def test_where_nothing_decides_the_base_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="give --index-base 0 or 1"):
        imported(tmp_path, *with_index(1, 2, 3))
    assert imported(tmp_path, *with_index(1, 2, 3), base=1).cases[0].questions[0].key[0].answer == "Iron"
    with pytest.raises(FaultyBank, match="from 0 in some questions and from 1"):
        imported(tmp_path, *with_index(0, 4))
    with pytest.raises(FaultyBank, match="count from 0, not from 1"):
        imported(tmp_path, *with_index(0, 2), base=1)


def test_a_hidden_key_is_left_out_and_does_not_decide_the_base(tmp_path: Path) -> None:
    found = imported(tmp_path, *with_index(-1, 1, 4))
    assert found.left_out == {"has no key": ("line 1",)}
    assert found.base == 1


def test_several_right_answers_and_a_number_that_is_not_told(tmp_path: Path) -> None:
    french = RECORDS["frenchmedmcqa"] | {"correct_answers": ["d", "a"], "type": "multiple"}
    (case,) = imported(tmp_path, french).cases
    question = case.questions[0]
    assert (question.format, question.any_number, question.requested) == ("menu", True, 2)
    assert [entry.answer for entry in question.key] == ["Iron", "Gold"]
    japanese = RECORDS["igakuqa"] | {"answer": ["a", "c"], "problem_text": "２つ選べ。"}
    (case,) = imported(tmp_path, japanese).cases
    assert (case.questions[0].any_number, case.questions[0].requested, case.language) == (False, 2, "ja")
    african = RECORDS["afrimedqa"] | {"correct_answer": "option1,option3"}
    (case,) = imported(tmp_path, african).cases
    assert case.questions[0].options == ("Iron", "Zinc", "Gold"), "fillers are no options"
    assert case.questions[0].any_number


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("igakuqa", {"text_only": False}, "needs a picture"),
        ("medxpertqa", {"images": [{"image_path": "a.jpeg"}]}, "needs a picture"),
        ("headqa", {"image": "a.png"}, "needs a picture"),
        ("afrimedqa", {"question_type": "saq"}, "is no multiple-choice question"),
        ("medqa", {"answer": "Zinc"}, "has a key whose letter and words name different options: key 'A', 'Zinc'"),
        ("medqa", {"answer_idx": "F", "answer": ""}, "has a key that names none of its options: key 'F'"),
        ("medqa", {"options": {"A": "Iron"}}, "has 1 options, not 2 to 12"),
        ("medmcqa", {"opb": ""}, "has an empty option"),
        ("medqa", {"question": "  "}, "has no question"),
        ("medqa", {"options": 5}, "has no options that can be read"),
    ],
)
def test_what_cannot_be_asked_is_left_out_with_its_reason(
    kind: str, change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    found = imported(tmp_path, RECORDS[kind], RECORDS[kind] | change)
    assert len(found.cases) == 1
    name, _, shown = reason.partition(": ")
    assert found.left_out == {name: (f"line 2: {shown}" if shown else "line 2",)}


def test_a_sample_keeps_the_shares_of_the_subjects_and_can_be_drawn_again(tmp_path: Path) -> None:
    subjects = ["Anatomy"] * 60 + ["Surgery"] * 30 + ["Skin"] * 10
    records = [MEDMCQA | {"id": f"r{n}", "subject_name": subject} for n, subject in enumerate(subjects)]
    found = imported(tmp_path, *records, sample=20, seed=3)
    drawn = [case.topic for case in found.cases]
    assert [drawn.count(subject) for subject in ("Anatomy", "Surgery", "Skin")] == [12, 6, 2]
    again = imported(tmp_path, *records, sample=20, seed=3)
    assert [case.id for case in found.cases] == [case.id for case in again.cases]
    assert [case.id for case in imported(tmp_path, *records, sample=20, seed=4).cases] != [
        case.id for case in found.cases
    ]
    assert found.collection.sample == "20 of 100 questions, by subject, seed 3"


def test_shuffled_options_keep_their_key_and_those_that_speak_of_others_stay(tmp_path: Path) -> None:
    records = [MEDMCQA | {"id": f"r{n}"} for n in range(40)]
    tied = MEDMCQA | {"id": "tied", "opd": "None of the above"}
    letters = MEDMCQA | {"id": "letters", "opd": "A and B"}
    found = imported(tmp_path, *records, tied, letters, shuffle_options=True, seed=5)
    orders = {case.questions[0].options for case in found.cases[:40]}
    assert len(orders) > 10
    assert {frozenset(order) for order in orders} == {frozenset(LETTERS.values())}
    assert {case.questions[0].key[0].answer for case in found.cases} == {"Iron"}
    assert [case.questions[0].options[0] for case in found.cases[40:]] == ["Iron", "Iron"]
    assert found.collection.sample == "options shuffled, seed 5"
    assert imported(tmp_path, *records, tied, letters, shuffle_options=True, seed=5).cases == found.cases


def test_what_is_of_no_known_kind_is_refused_with_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="of no known kind; found the fields frage, richtig"):
        imported(tmp_path, {"frage": "?", "richtig": "A"})
    with pytest.raises(FaultyBank, match="has not the fields of MedMCQA"):
        imported(tmp_path, RECORDS["medqa"], kind="medmcqa")


def test_a_public_bank_that_is_taken_for_a_bank_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text, named in (
        ("dev.jsonl", json.dumps(MEDMCQA), "line 1: is a record of MedMCQA, not a case"),
        ("exam.csv", "Question,A,B,Answer\n?,x,y,A\n", "a table of questions with options, not of cases"),
        ("export.xml", "<quiz/>", "ends in none of"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert main(["items", "list", "--items", str(tmp_path / name)]) == 1
        said = capsys.readouterr().err
        assert named in said
        assert "samp-eval items import reads" in said


def test_the_command_writes_a_bank_that_the_check_accepts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [RECORDS["medqa"] | {"question": f"Which metal is number {n} of {n * 3}?"} for n in range(6)]
    file = write(tmp_path, *records, RECORDS["medqa"] | {"answer": "Zinc"})
    out = tmp_path / "medqa.jsonl"
    assert main(["items", "import", str(file), "--sample", "4", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "Drawn: 4 of 6 questions, by subject, seed 1" in said
    assert (
        "Left out: 1 question: has a key whose letter and words name different options (line 7: key 'A', 'Zinc')"
        in said
    )
    assert "rights in the questions unclear" in said
    assert "training data" in said
    assert main(["items", "check", str(out)]) == 0
    assert main(["items", "import", str(file), "--out", str(out)]) == 1, "nothing is overwritten"
    capsys.readouterr()
    other = tmp_path / "other.csv"
    assert main(["items", "import", str(file), "--out", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"][0]["places"] == ["line 7: key 'A', 'Zinc'"]
    assert main(["items", "import", str(file), "--out", str(tmp_path / "all.md")]) == 0
    assert load_bank(other).sha256 == load_bank(tmp_path / "all.md").sha256
