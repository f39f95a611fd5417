"""A bank goes out and comes back in every form without loss."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank
from samp_eval.items.forms.markdown import markdown_contents
from samp_eval.items.forms.registry import read_cases, write_cases
from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, NotAccepted, Question, SampCase, Source, VitalSigns

SIGNS = [
    "; ",
    " / ",
    "/",
    " = ",
    "\\",
    "A. ",
    "- ",
    "# ",
    "Key: ",
    "\n",
    "=1+1",
    "_x0041_",
    "'",
    '"',
    ": ",
    "No",
    "(2)",
    "\u2028",
]
PLAIN = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))
TEXT = (
    st.lists(st.one_of(st.sampled_from(SIGNS), st.text(PLAIN, max_size=8)), min_size=1, max_size=5)
    .map("".join)
    .map(str.strip)
    .filter(bool)
)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True)
ENTRIES = st.builds(KeyEntry, answer=TEXT, alternatives=TEXTS)
VITALS = st.builds(VitalSigns, temperature=LINE, weight=st.none() | LINE, blood_pressure=st.none() | LINE)
WRITE_INS = st.builds(
    Question,
    id=IDS,
    update=st.none() | TEXT,
    question=TEXT,
    requested=st.just(1),
    key=st.lists(ENTRIES, min_size=1, max_size=3).map(tuple),
    not_accepted=st.lists(st.builds(NotAccepted, answer=TEXT, alternatives=TEXTS, reason=TEXT), max_size=2).map(tuple),
    rationale=st.none() | TEXT,
    source=st.none() | st.builds(Source, title=TEXT, body=TEXT, year=st.integers(1900, 2100)),
)
CHOICES = st.lists(TEXT, min_size=2, max_size=4, unique=True).map(
    lambda options: Question(
        id="choice",
        question="Which?",
        format="menu",
        requested=1,
        options=tuple(options),
        key=(KeyEntry(answer=options[0]),),
    )
)
CASES = st.builds(
    SampCase,
    id=IDS,
    topic=LINE,
    setting=st.none() | LINE,
    stem=TEXT,
    vitals=st.none() | VITALS,
    questions=st.lists(st.one_of(WRITE_INS, CHOICES), min_size=1, max_size=3).map(tuple),
    written_by=st.lists(TEXT, max_size=2).map(tuple),
    reviewed_by=st.lists(TEXT, max_size=2).map(tuple),
)


@pytest.mark.parametrize("ending", ["yaml", "jsonl", "csv", "xlsx", "md"])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_round_trip(case: SampCase, ending: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("bank") / f"bank.{ending}"
    write_cases([case], file)
    assert read_cases(file) == [case]


@pytest.mark.parametrize("answer", ["; \nA.", "a\nB)", "\nA. b", "a /", "= a"])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "md"])
def test_an_answer_that_ends_like_a_separator_comes_back(answer: str, ending: str, tmp_path: Path) -> None:
    key = (KeyEntry(answer=answer.strip(), alternatives=(";",)), KeyEntry(answer="fever"))
    case = SampCase(
        id="a", topic="t", stem="s", questions=(Question(id="a-1", question="What?", requested=1, key=key),)
    )
    write_cases([case], tmp_path / f"bank.{ending}")
    assert read_cases(tmp_path / f"bank.{ending}") == [case]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx", "md", ""])
def test_the_bundled_bank_survives_every_form(ending: str, tmp_path: Path) -> None:
    bank = load_bank()
    there = tmp_path / (f"bank.{ending}" if ending else "folder")
    assert main(["items", "convert", str(Path(bank_folder())), str(there)]) == 0
    assert load_bank(there).sha256 == bank.sha256


def bank_folder() -> Path:
    from samp_eval.items.load import bundled_bank_folder

    return bundled_bank_folder()


def test_what_a_physician_types_in_a_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_bytes(
        "case_id;question_id;topic;stem;question;format;requested;key;not_accepted\r\n"
        'a;a-1;Café;"A man; 40";What?;;1;"A. Fever / Pyrexia; B. SABA/LABA";"CBC = Grouped; name it"\r\n'.encode(
            "cp1252"
        )
    )
    (case,) = read_cases(file)
    question = case.questions[0]
    assert (case.topic, case.stem, question.format) == ("Café", "A man; 40", "write-in")
    assert [entry.wordings for entry in question.key] == [("Fever", "Pyrexia"), ("SABA/LABA",)]
    assert question.not_accepted[0].reason == "Grouped; name it"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("bank.csv", "case_id,question_id\na,b\n", "the column topic is missing"),
        ("bank.csv", "", "holds no question"),
        ("bank.jsonl", "{oops\n", "line 1: this is not valid JSON"),
        ("bank.md", "## q (1)\n", "a question begins with"),
        ("bank.md", "# a: Topic\n\nloose\n", "line 3: stands behind no label"),
        ("bank.xlsx", "no workbook", "is no XLSX or ODS workbook"),
        ("bank.txt", "x", "ends in none of"),
    ],
)
def test_a_faulty_file_says_where(name: str, text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FaultyBank, match=problem):
        read_cases(file)


def test_a_control_character_is_refused_where_it_would_be_lost(tmp_path: Path) -> None:
    case = SampCase(
        id="a",
        topic="T",
        stem="a\x07b",
        questions=(Question(id="q", question="?", requested=1, key=(KeyEntry(answer="x"),)),),
    )
    with pytest.raises(FaultyBank, match="control character"):
        write_cases([case], tmp_path / "bank.xlsx")
    write_cases([case], tmp_path / "bank.jsonl")
    assert read_cases(tmp_path / "bank.jsonl") == [case]


def test_templates_are_clean_and_are_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in ("yaml", "jsonl", "csv", "xlsx", "md"):
        file = tmp_path / f"example-sore-throat.{ending}"
        assert main(["items", "template", str(file)]) == 0
        assert main(["items", "check", str(file)]) == 0
        assert main(["items", "template", str(file)]) == 1
        assert "exists already" in capsys.readouterr().err


def test_exports_for_other_tools(tmp_path: Path) -> None:
    bank = str(bank_folder())
    assert main(["items", "convert", bank, str(tmp_path / "inspect.jsonl"), "--format", "inspect"]) == 0
    samples = [json.loads(line) for line in (tmp_path / "inspect.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(samples) == 77
    assert all(set(sample) == {"id", "input", "target", "metadata"} for sample in samples)
    assert "List FOUR." in samples[0]["input"]
    assert main(["items", "convert", bank, str(tmp_path / "hf"), "--format", "huggingface"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "hf" / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({tuple(row) for row in rows}) == 1
    assert "reviewed 0 of 20 cases" in (tmp_path / "hf" / "README.md").read_text(encoding="utf-8")


def test_the_bundled_bank_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["items", "convert", "bundled", "bank.csv"]) == 0
    assert load_bank(tmp_path / "bank.csv").sha256 == load_bank().sha256
    (tmp_path / "bundled").mkdir()
    assert main(["items", "convert", "bundled", "other.csv"]) == 1, "a folder of that name is the reader's own"


def test_a_workbook_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    (file,) = write_cases(load_bank().cases[:1], tmp_path / "bank.xlsx")
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'encoding="UTF-8"', b'encoding="UTF-x"')
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FaultyBank, match="unknown encoding"):
        load_bank(file)


@pytest.mark.parametrize("bullet", ["\N{BULLET} ", "    \N{BULLET} ", "\N{BULLET}\t", "\N{EN DASH} ", "\uf0b7 ", "* "])
def test_a_list_that_was_typed_in_word_is_read(bullet: str) -> None:
    """What Word and LibreOffice make of hyphens when the text is saved as plain text, which begins with a mark."""
    typed = (
        "# throat: Sore throat\nStem:\N{NO-BREAK SPACE}She\N{RIGHT SINGLE QUOTATION MARK}s nine.\n"
        "Vitals:\n- Pulse: 90/min\n"
        "## throat-1 (2)\nQuestion: Which two?\nKey:\n\n- Tender nodes / Neck nodes\n- Petechiae\n- Fever\n"
    )
    (case,) = markdown_contents(typed.replace("\n- ", f"\n{bullet}"), "typed.md")
    assert case == markdown_contents(typed, "typed.md")[0]
    assert len(case["questions"][0]["key"]) == 3
