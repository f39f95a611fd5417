"""Moodle XML and GIFT are read, what cannot be asked is left out, and both are written back without loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank
from samp_eval.items.importing.import_bank import ImportChoices, ImportedBank, import_bank
from samp_eval.items.samp import SampCase

XML = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0  -->
  <question type="category"><category><text>$course$/top/Year 3/Blood</text></category></question>
  <question type="multichoice">
    <name><text>Metal</text></name>
    <questiontext format="html">
      <text><![CDATA[<p>Which <b>metal</b> is in h&aelig;moglobin?</p><p>Choose &gt; none.</p>]]></text>
    </questiontext>
    <generalfeedback format="html"><text>The secret explanation.</text></generalfeedback>
    <single>true</single><shuffleanswers>true</shuffleanswers>
    <answer fraction="0" format="html">
      <text><![CDATA[<p>Zn<sup>2+</sup></p>]]></text><feedback><text>No.</text></feedback>
    </answer>
    <answer fraction="100" format="html">
      <text><![CDATA[<p>Fe<sup>2+</sup></p>]]></text><feedback><text>The secret: yes.</text></feedback>
    </answer>
    <answer fraction="50" format="html"><text>Fe</text></answer>
  </question>
  <question type="multichoice">
    <name><text>Two</text></name><idnumber>q-2</idnumber>
    <questiontext format="html"><text>Which vitamins dissolve in fat?</text></questiontext>
    <single>false</single>
    <answer fraction="50"><text>A</text></answer><answer fraction="-100"><text>C</text></answer>
    <answer fraction="50"><text>D</text></answer>
  </question>
  <question type="truefalse">
    <name><text>TF</text></name><questiontext><text>Iron is a metal.</text></questiontext>
    <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>
  </question>
  <question type="shortanswer">
    <name><text>SA</text></name><questiontext><text>Name the pigment of blood.</text></questiontext>
    <answer fraction="100"><text>Hemoglobin</text></answer><answer fraction="100"><text>Haemoglobin</text></answer>
    <answer fraction="50"><text>Heme</text></answer>
  </question>
  <question type="numerical">
    <name><text>N</text></name><questiontext><text>How many chains has it?</text></questiontext>
    <answer fraction="100"><text>4</text><tolerance>0</tolerance></answer>
  </question>
  <question type="essay"><name><text>E</text></name><questiontext><text>Discuss.</text></questiontext></question>
  <question type="multichoice">
    <name><text>P</text></name>
    <questiontext format="html"><text><![CDATA[<p>What is it?</p><img src="@@PLUGINFILE@@/a.png">]]></text>
      <file name="a.png" encoding="base64">AAAA</file></questiontext>
    <answer fraction="100"><text>x</text></answer><answer fraction="0"><text>y</text></answer>
  </question>
  <question type="multichoice">
    <name><text>Old</text></name><questiontext format="html"><text>What is shown?</text></questiontext>
    <image>rash.png</image><image_base64>AAAA</image_base64>
    <answer fraction="100"><text>x</text></answer><answer fraction="0"><text>y</text></answer>
  </question>
  <question type="cloze">
    <name><text>Gaps</text></name>
    <questiontext format="html"><text>Iron: {1:MULTICHOICE:=Fe~Zn}</text></questiontext>
  </question>
  <question type="multichoice">
    <name><text>Praised</text></name><tag><text>blood</text></tag>
    <questiontext format="html"><text><![CDATA[<p>Which cells carry <em>oxygen</em>?</p>]]></text></questiontext>
    <generalfeedback format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/good.png">]]></text>
      <file name="good.png" path="/" encoding="base64">AAAA</file></generalfeedback>
    <defaultgrade>1.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden>
    <single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>
    <answer fraction="-33.33333" format="html"><text>Platelets</text>
      <feedback><text><![CDATA[<img src="@@PLUGINFILE@@/no.png">]]></text>
        <file name="no.png" encoding="base64">AAAA</file></feedback></answer>
    <answer fraction="100" format="html"><text><![CDATA[<p>Red cells</p>]]></text><feedback><text/></feedback></answer>
  </question>
</quiz>
"""

GIFT = r"""// a remark, with { in it
$CATEGORY: Year 3/Blood

::Metal::[html]Which <b>metal</b> is in hemoglobin?{
    ~Zinc#not this one
    =Iron#The secret explanation.
    ~%50%Copper \= copper\: a metal
}

Iron is {~bought =mined ~grown} in the north.

::Two:: Which vitamins dissolve in fat? {
    ~%50%Vitamin A

    ~%-100%Vitamin C
    ~%50%Vitamin D }
::TF::Iron is a metal.{T#right#wrong####The secret explanation.}

Name the pigment of blood.{=Hemoglobin =Haemoglobin =%50%Heme}

How many chains has it? {#4}
//and
What is the pH? {#7.35..7.45}

Match them. {=a -> b =c -> d}

Discuss. {}

No answers here.

Iron is {1:MC:=a metal~a gas} and helium is {1:MC:a metal~=a gas}.

Iron is {=a metal} and helium is {=a gas}.
"""


VITAMINS = ("Vitamin A", "Vitamin C", "Vitamin D")


def read(folder: Path, name: str, text: str) -> ImportedBank:
    (folder / name).write_text(text, encoding="utf-8")
    return import_bank(folder / name, ImportChoices())


def by_kind(case: SampCase) -> tuple[str, str, tuple[str, ...], list[tuple[str, ...]]]:
    question = case.questions[0]
    form = "any" if question.any_number else question.format
    return form, question.question, question.options, [entry.wordings for entry in question.key]


def test_moodle_xml(tmp_path: Path) -> None:
    found = read(tmp_path, "export.xml", XML)
    assert [by_kind(case) for case in found.cases] == [
        ("single", "Which metal is in hæmoglobin?\nChoose > none.", ("Zn^2+", "Fe^2+", "Fe"), [("Fe^2+",)]),
        ("any", "Which vitamins dissolve in fat?", ("A", "C", "D"), [("A",), ("D",)]),
        ("single", "Iron is a metal.", ("True", "False"), [("True",)]),
        ("write-in", "Name the pigment of blood.", (), [("Hemoglobin", "Haemoglobin")]),
        ("write-in", "How many chains has it?", (), [("4",)]),
        ("single", "Which cells carry oxygen?", ("Platelets", "Red cells"), [("Red cells",)]),
    ]
    assert [case.topic for case in found.cases] == ["Blood"] * 6
    assert [case.id for case in found.cases][:2] == ["moodle-xml-Metal", "moodle-xml-q-2"]
    assert found.left_out == {
        "is of the type essay, which cannot be asked here": ("question 7",),
        "needs a picture": ("question 8", "question 9"),
        "is of the type cloze, which cannot be asked here": ("question 10",),
    }
    assert not any("secret" in case.model_dump_json() for case in found.cases)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>', "declares a document type"),
        ('<!DOCTYPE q SYSTEM "file:///etc/passwd"><quiz/>', "declares a document type"),
        ("<quiz><question></quiz>", "is no XML"),
        ("<html/>", "is no Moodle XML"),
        ("<quiz>" + "<a>" * 500 + "</a>" * 500 + "</quiz>", "nested more than 100"),
        ("<quiz></quiz>", "holds no question"),
    ],
)
def test_xml_that_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match=problem):
        read(tmp_path, "export.xml", text)


def test_gift(tmp_path: Path) -> None:
    found = read(tmp_path, "export.gift", GIFT)
    assert [by_kind(case) for case in found.cases] == [
        ("single", "Which metal is in hemoglobin?", ("Zinc", "Iron", "Copper = copper: a metal"), [("Iron",)]),
        ("single", "Iron is _____ in the north.", ("bought", "mined", "grown"), [("mined",)]),
        (
            "any",
            "Which vitamins dissolve in fat?",
            ("Vitamin A", "Vitamin C", "Vitamin D"),
            [("Vitamin A",), ("Vitamin D",)],
        ),
        ("single", "Iron is a metal.", ("True", "False"), [("True",)]),
        ("write-in", "Name the pigment of blood.", (), [("Hemoglobin", "Haemoglobin")]),
        ("write-in", "How many chains has it?", (), [("4",)]),
        ("write-in", "What is the pH?", (), [("7.35 to 7.45",)]),
    ]
    assert {case.topic for case in found.cases} == {"Blood"}
    assert list(found.left_out.values()) == [("line 25",), ("line 27",), ("line 29",), ("line 31", "line 33")]
    assert list(found.left_out)[3] == "is a text with several gaps, which cannot be asked here"
    assert not any("secret" in case.model_dump_json() for case in found.cases)


@pytest.mark.parametrize(("form", "ending"), [("moodle-xml", "xml"), ("gift", "gift")])
@pytest.mark.parametrize(("name", "text"), [("export.xml", XML), ("export.gift", GIFT)])
def test_what_was_read_is_written_and_read_again(name: str, text: str, form: str, ending: str, tmp_path: Path) -> None:
    first = read(tmp_path, name, text)
    bank, written = tmp_path / "bank.jsonl", tmp_path / f"again.{ending}"
    assert main(["items", "import", str(tmp_path / name), "--out", str(bank)]) == 0
    assert main(["items", "convert", str(bank), str(written), "--format", form]) == 0
    again = import_bank(written, ImportChoices())
    assert [by_kind(case) for case in again.cases] == [by_kind(case) for case in first.cases]
    assert not again.left_out


def test_the_bundled_bank_can_be_given_to_a_learning_system(tmp_path: Path) -> None:
    for form in ("moodle-xml", "gift"):
        written = tmp_path / f"bundled.{form.rpartition('-')[2]}"
        assert main(["items", "convert", "bundled", str(written), "--format", form]) == 0
        found = import_bank(written, ImportChoices(kind=form))
        assert len(found.cases) >= 8, "questions that ask for one answer"
        assert sum(len(places) for places in found.left_out.values()) == 77 - len(found.cases), "the others are essays"


def question(kind: str, asked: str, *answers: tuple[str, str], form: str = "html") -> str:
    body = "".join(f'<answer fraction="{percent}">{text}</answer>' for text, percent in answers)
    return (
        f'<quiz><question type="{kind}"><name><text>n</text></name><questiontext format="{form}"><text>{asked}</text>'
        f"</questiontext>{body}</question></quiz>"
    )


@pytest.mark.parametrize(
    ("answers", "wordings"),
    [
        ((("<text>*heme*</text>", "100"), ("<text>*</text>", "0")), ("heme",)),
        ((("<text>h*m</text>", "100"), ("<text>Heme</text>", "100")), ("Heme",)),
        (((r"<text>HLA-A\*02</text>", "100"),), ("HLA-A*02",)),
        ((("<text>7.4</text><tolerance>0.05</tolerance>", "100"),), ("7.4 ± 0.05",)),
        ((("<text>4</text><tolerance>0.0</tolerance>", "100"),), ("4",)),
    ],
)
def test_short_answers_with_wildcards_and_tolerances(
    answers: tuple[tuple[str, str], ...], wordings: tuple[str, ...], tmp_path: Path
) -> None:
    (case,) = read(tmp_path, "export.xml", question("shortanswer", "Which?", *answers)).cases
    assert case.questions[0].key[0].wordings == wordings


def test_a_key_of_wildcards_alone_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="only answers with gaps"):
        read(tmp_path, "export.xml", question("shortanswer", "Which?", ("<text>h*m</text>", "100")))


def test_what_is_said_to_be_plain_and_cells_of_a_table(tmp_path: Path) -> None:
    right = ("<text>x</text>", "100"), ("<text>y</text>", "0")
    plain = question("multichoice", "Is K&lt;Na and Na&gt;K?", *right, form="plain_text")
    assert read(tmp_path, "plain.xml", plain).cases[0].questions[0].question == "Is K<Na and Na>K?"
    cells = question("multichoice", "<![CDATA[<table><tr><td>Na</td><td>140</td></tr></table>Which?]]>", *right)
    assert read(tmp_path, "cells.xml", cells).cases[0].questions[0].question == "Na 140\nWhich?"


def test_a_category_with_a_stroke_in_its_name(tmp_path: Path) -> None:
    text = "$CATEGORY: $course$/top/Fluids//salts\n\nWhich?{=x ~y}\n"
    assert read(tmp_path, "export.gift", text).cases[0].topic == "Fluids/salts"


def test_gift_in_another_encoding_and_in_a_text_file(tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_text("Où est-ce ?{=x ~y}\n", encoding="cp1252")
    notes: list[str] = []
    found = import_bank(tmp_path / "export.txt", ImportChoices(), notes.append)
    assert (found.kind, found.cases[0].questions[0].question) == ("gift", "Où est-ce ?")
    assert "was read as Windows-1252" in notes[0]


@pytest.mark.parametrize("hidden", ['style="display: none"', 'style="visibility:hidden"', "hidden"])
def test_what_a_candidate_does_not_see_is_not_sent(hidden: str, tmp_path: Path) -> None:
    right = ("<text>x</text>", "100"), ("<text>y</text>", "0")
    asked = f"<![CDATA[<p>Which?</p><div {hidden}><div>The secret</div> is x.<img src='a.png'></div><p>Choose.</p>]]>"
    (case,) = read(tmp_path, "export.xml", question("multichoice", asked, *right)).cases
    assert case.questions[0].question == "Which?\nChoose."


AIKEN = """Which metal is in
hemoglobin?
A. Zinc
B. Iron
ANSWER: B

Which does not rust?
A) Gold
B) Iron
C) Zinc
ANSWER: A

Which has no such option?
A. Zinc
B. Iron
ANSWER: C

Which has no key?
A. Zinc
B. Iron
"""


@pytest.mark.parametrize("text", [AIKEN, AIKEN.replace("\n", "\r\n")])
def test_aiken(text: str, tmp_path: Path) -> None:
    (tmp_path / "quiz.txt").write_bytes(text.encode())
    found = import_bank(tmp_path / "quiz.txt", ImportChoices())
    assert [by_kind(case) for case in found.cases] == [
        ("single", "Which metal is in\nhemoglobin?", ("Zinc", "Iron"), [("Iron",)]),
        ("single", "Which does not rust?", ("Gold", "Iron", "Zinc"), [("Gold",)]),
    ]
    assert found.left_out == {
        "has a key that names none of its options": ("line 13: key 'C'",),
        "has no key": ("line 18",),
    }


@pytest.mark.parametrize(("form", "ending"), [("moodle-xml", "xml"), ("gift", "gift")])
def test_signs_that_a_learning_system_reads_come_back(form: str, ending: str, tmp_path: Path) -> None:
    asked = "Is K<Na and Na>K, with {x} = 5 #1?"
    answers = ("<text>HLA-A\\*02</text>", "100"), ("<text>a~b=c</text>", "100")
    plain = question("shortanswer", asked.replace("<", "&lt;"), *answers, form="plain_text")
    first = read(tmp_path, "export.xml", plain)
    bank, written = tmp_path / "bank.jsonl", tmp_path / f"again.{ending}"
    assert main(["items", "import", str(tmp_path / "export.xml"), "--out", str(bank)]) == 0
    assert main(["items", "convert", str(bank), str(written), "--format", form]) == 0
    again = import_bank(written, ImportChoices())
    assert by_kind(first.cases[0]) == ("write-in", asked, (), [("HLA-A*02", "a~b=c")])
    assert by_kind(again.cases[0]) == by_kind(first.cases[0])
