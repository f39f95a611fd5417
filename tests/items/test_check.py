"""What ``samp-eval items check`` finds, and that the bundled banks have none of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from marked_line import mark_line

from samp_eval.cli.main import main
from samp_eval.items.load import bundled_bank_folder, load_bank
from samp_eval.items.schema import schema_text
from samp_eval.review.markers.bank_check import check_bank

STEM = "A woman of forty is seen in the office. " + "She has been well in town {} and takes no drugs at all. " * 5
"""{} is the name of the case, so that no two of them read alike."""


def question(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "question": "What would you ask?", "requested": 1, "key": [{"answer": "Fever"}]} | fields


def case(name: str, *questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    content = {"id": name, "topic": "Topic", "stem": STEM, "questions": list(questions)} | fields
    return content | {"stem": content["stem"].replace("{}", name)}


def found_in(folder: Path, *cases: dict[str, Any]) -> list[str]:
    for number, one in enumerate(cases):
        name = one["id"] if not (folder / f"{one['id']}.yaml").exists() else f"{one['id']}-{number}"
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(one, allow_unicode=True), encoding="utf-8")
    return [f"{fault.place}: {fault.problem}" for fault in check_bank(folder)[0]]


MENU = ["Aspirin", "Codeine", "Heparin", "Insulin", "Morphine", "Warfarin"]
PLANTED: list[tuple[dict[str, Any], str]] = [
    (case("f01", question("q01", requested=2)), "asks for 2 answers but its key has 1"),
    (case("f02", question("q02", question="List it")), "is not a question"),
    (case("f03", question("q03", question="What? List THREE.")), "holds its instruction"),
    (case("f04", question("q04"), stem="Too short."), "a stem has 50 to 150"),
    (case("f05", question("q05"), vitals={"temperature": "38.4"}), "lacks its unit"),
    (case("f06", question("q06"), stem=STEM + "Her hemoglobin is 85 and falls."), '"hemoglobin is 85" lacks its unit'),
    (case("f07", question("q07", key=[{"answer": "Fever " * 12}])), "is longer than an answer may be"),
    (
        case("f08", question("q08", question="Which blood tests?", key=[{"answer": "CBC"}])),
        '"CBC" is a grouped test',
    ),
    (
        case(
            "f09",
            question("q09", question="What is the most likely diagnosis?", key=[{"answer": "Gout"}]),
            stem=STEM + "It is gout.",
        ),
        'the case names "Gout"',
    ),
    (
        case("f10", question("q10", key=[{"answer": "Fever"}, {"answer": "Chills", "alternatives": ["fevers"]}])),
        "is accepted for entry A already",
    ),
    (
        case("f11", question("q11", not_accepted=[{"answer": "Fever", "reason": "Known."}])),
        "is accepted too",
    ),
    (
        case(
            "f12",
            question("q12", key=[{"answer": "Salbutamol"}], not_accepted=[{"answer": "Ventolin", "reason": "No."}]),
        ),
        'means the same as "Salbutamol"',
    ),
    (case("f13", question("q13", key=[{"answer": "..."}])), "holds no word or number"),
    (case("f14", question("q14", key=[{"answer": "Fever", "alternatives": ["FEVER"]}])), "is there twice"),
    (case("f15", question("q15", format="menu", options=MENU[::-1], key=[{"answer": "Aspirin"}])), "are out of order"),
    (case("f16", question("q16", format="menu", options=MENU[:4], key=[{"answer": "Aspirin"}])), "there are 4"),
    (
        case("f17", question("q17", format="menu", options=["None", *MENU], key=[{"answer": "Aspirin"}])),
        '"None" stands last',
    ),
    (case("f18", question("q18", colour="red")), "this field is unknown"),
    (case("f19", question("q01")), "the question id q01 is taken already"),
    (case("f20", question("q20"), topic=""), "topic"),
]


def test_twenty_planted_faults_get_twenty_findings(tmp_path: Path) -> None:
    others = [case("f00", question("q01", key=[{"answer": "Cough"}]))]
    found = found_in(tmp_path, *others, *(planted for planted, _ in PLANTED))
    for planted, problem in PLANTED:
        assert any(planted["id"] in one and problem in one for one in found), (planted["id"], problem, found)
    assert len(found) == len(PLANTED), found


def test_faults_of_one_case_are_all_found_beside_each_other(tmp_path: Path) -> None:
    found = found_in(
        tmp_path,
        case("one", question("a", requested=3), question("b", question="No sign"), question("b"), stem="Short."),
    )
    assert len(found) == 4
    assert {"asks for 3", "is not a question", "is taken already", "50 to 150"} == {
        words
        for words in ("asks for 3", "is not a question", "is taken already", "50 to 150")
        if any(words in one for one in found)
    }


def test_the_command_lists_findings_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found_in(tmp_path, case("a", question("q", question="Nothing")))
    assert main(["items", "check", str(tmp_path)]) == 1
    assert "is not a question" in capsys.readouterr().out
    assert main(["items", "check", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["place"] == "case a, question q, question"


@pytest.mark.parametrize(
    "folder", [bundled_bank_folder(), *(bundled_bank_folder() / name for name in ("formats-2027", "pictured"))]
)
def test_the_bundled_banks_are_clean(folder: Path) -> None:
    assert check_bank(folder)[0] == []


def test_the_bundled_bank_has_the_size_of_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert len(listed) == 77
    assert 160 <= sum(one["requested"] for one in listed) <= 190
    assert len({one["case_id"] for one in listed}) >= 19
    assert len({one["topic"] for one in listed}) >= 19


def test_every_question_of_the_bundled_bank_has_its_reasons() -> None:
    for _, question in load_bank().asked():
        assert question.rationale, question.id
        assert question.source, question.id
        assert len(question.not_accepted) >= 2, question.id


def test_the_marker_accepts_every_wording_of_the_bank_and_refuses_every_refused_one() -> None:
    for _, question in load_bank().asked():
        for letter, entry in question.lettered_key().items():
            for wording in entry.wordings:
                assert mark_line(question, wording).entry == letter, (question.id, wording)
        for refused in question.not_accepted:
            for wording in refused.wordings:
                assert mark_line(question, wording).entry == "0", (question.id, wording)


def test_choices_are_marked_without_a_person_and_stand_in_no_favoured_place() -> None:
    places = []
    for _, question in load_bank(bundled_bank_folder() / "formats-2027").asked():
        for letter, entry in question.lettered_key().items():
            place = question.options.index(entry.answer)
            places.append((question.format, place))
            assert mark_line(question, entry.answer).entry == letter
            assert mark_line(question, "ABCDEFGHIJKL"[place]).entry == letter
        for wrong in set(question.options) - {entry.answer for entry in question.key}:
            assert mark_line(question, wrong).entry == "0"
    single = [place for form, place in places if form == "single"]
    assert max(single.count(place) for place in range(5)) <= len(single) / 2


def test_the_published_schema_is_that_of_the_model() -> None:
    assert (bundled_bank_folder() / "case.schema.json").read_text(encoding="utf-8") == schema_text()


def test_show_hides_the_key_until_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "show", "fever-infant-3"]) == 0
    shown = capsys.readouterr().out
    assert "List TWO." in shown
    assert "Gentamicin" not in shown
    assert main(["items", "show", "fever-infant", "--key"]) == 0
    assert "Gentamicin" in (shown := capsys.readouterr().out)
    assert "no physician yet" in shown
    assert main(["items", "show", "nowhere"]) == 1
