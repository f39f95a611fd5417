"""Reports and exports have codes in the place of reviewers' names, wherever a name could stand."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_study import bank_of_24, response
from test_sheets_csv import Rows, read, write

from samp_eval.items.samp import Bank
from samp_eval.review.people.reviewer_codes import ReviewerCodes
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
PANEL = ("Zorah Quillfeather", "Ingvild Morrowby", "Boadicea", "Quenby")
THIRD, DECIDER = "Thaddeus Umpire", PANEL[1]
NAMED = re.compile(r"zorah|quillfeather|ingvild|morrowby|quenby|thaddeus|umpire|boadicea", re.IGNORECASE)


@pytest.fixture
def bank() -> Bank:
    return bank_of_24()


def answers_of(name: str, bank: Bank) -> list[Response]:
    words = ["fever", f"a word of {name}"]
    return [response(question.id, name, number, words) for _, question in bank.asked() for number in (1, 2)]


@pytest.fixture
def responses(bank: Bank) -> list[Response]:
    return [*answers_of("model-one", bank), *answers_of("model-two", bank)]


def sheets(run: Run, *options: str) -> dict[str, Path]:
    code, out, err = run("review", "export", "--json", *options)
    assert code == 0, err
    return {sheet["reviewer"]: Path(sheet["files"][0]) for sheet in json.loads(out)["sheets"] if sheet["files"]}


def fill(run: Run, name: str, rows: Rows, file: Path) -> None:
    """The second of the panel takes model-one's other word for right; each comments under their own name."""
    for row in rows:
        right = row["answer"] == "fever"
        judged = right or (name == PANEL[1] and row["answer"].endswith("one"))
        row |= {"key_mark": "A" if right else "0", "judgement_mark": "1" if judged else "0"}
        row |= {"harm": "0" if right else "1", "comment": f"{name} thinks so", "misread": "0" if right else "1"}
    code, _, err = run("review", "import", str(write(rows, file)))
    assert code == 0, err


@pytest.fixture
def told(run: Run, study: Path, store: StudyStore, bank: Bank, tmp_path: Path) -> Path:
    """A study whose records name its reviewers in every way that there is."""
    (study / "study.toml").write_text(f'[review]\nreviewers = ["{PANEL[0]}"]\nconsensus = "adjudicated"\n', "utf-8")
    named = [word for name in PANEL[:3] for word in ("--reviewer", name)]
    commands = [
        ("review", "plan", *named, "--common", "4"),
        (
            "review",
            "reassign",
            "Boadicea",
            *PANEL[:2],
            "Quenby",
            "--reason",
            f"Boadicea fell ill, so {PANEL[0]} helps.",
        ),
        ("exclude", "question", "q13", "--reason", "INGVILD MORROWBY wrote it.", "--by", PANEL[1]),
    ]
    for words in commands:
        code, _, err = run(*words)
        assert code == 0, err
    for name, file in sheets(run).items():
        fill(run, name, read(file), tmp_path / f"{name.lower().replace(' ', '-')}.csv")
    store.keep_respondent("model-three", {"model": "model-three"})
    for given in answers_of("model-three", bank):
        store.keep_response(given)
    for name, file in sheets(run).items():
        fill(run, name, read(file), tmp_path / f"late-{name}.csv")
    again = [
        ("review", "plan", "--reviewer", PANEL[0], "--reviewer", "Quenby", "--reason", "Quenby joined."),
        ("review", "withdraw", "1", "--reason", "It was Quenby's.", "--by", PANEL[0]),
        ("review", "import", str(tmp_path / "zorah-quillfeather.csv")),
        ("review", "adjudicate", "--adjudicator", THIRD, "--out", str(tmp_path / "disputes.csv")),
    ]
    for words in again:
        code, _, err = run(*words)
        assert code == 0, err
    fill(run, THIRD, read(tmp_path / "disputes.csv"), tmp_path / "disputes.csv")
    readings = tmp_path / "readings.csv"
    assert run("responses", "lines", "--doubtful", "--out", str(readings))[0] == 0
    write([{**row, "doubtful": "no"} for row in read(readings)], readings)
    code, _, err = run("responses", "lines", "--in", str(readings), "--by", DECIDER)
    assert code == 0, err
    return study


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, and every part of those that are archives, by name."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                yield from ((f"{file.name}/{name}", archive.read(name)) for name in archive.namelist())
        elif file.suffix == ".parquet":
            yield file.name, str(pd.read_parquet(file).to_csv()).encode()
        else:
            yield file.name, file.read_bytes()


WRITERS = [
    pytest.param(("report",), marks=pytest.mark.slow),
    pytest.param(("report", "--format", "docx"), marks=pytest.mark.slow),
    pytest.param(("export", "--parquet", "--inspect"), marks=pytest.mark.slow),
    pytest.param(("export", "--basis", "judgement", "--consensus", PANEL[1]), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_no_file_that_leaves_the_study_names_a_reviewer(
    run: Run, told: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, _, err = run(*words, "--out", str(tmp_path / "out"))
    assert code == 0, err
    assert f"R1 is {PANEL[0]}" in err
    found = dict(contents(tmp_path / "out"))
    assert found
    for name, content in found.items():
        assert not NAMED.search(name), name
        named = NAMED.search(content.decode("utf-8", errors="ignore")) if not name.endswith((".png", ".pdf")) else None
        assert named is None, (name, content.decode("utf-8", errors="ignore")[named.start() - 200 : named.end() + 99])


@pytest.mark.slow
def test_the_report_tells_by_codes_what_happened(run: Run, told: Path, tmp_path: Path) -> None:
    assert run("report", "--out", str(tmp_path / "out"))[0] == 0
    (page,) = (tmp_path / "out").glob("*.html")
    text = page.read_text(encoding="utf-8")
    for sentence in (
        "Open questions of R5 were handed over",
        "Reason: R5 fell ill, so R1 helps.",
        "R2 wrote it.",
        "(R1.csv, ",
        "R1 got",
        "R1 and R2",
        "adjudicator:R4",
        "R1, R2 and so on are codes of the reviewers.",
        "R2 decided how",
    ):
        assert sentence in text, sentence


@pytest.mark.slow
@pytest.mark.parametrize(("words", "file"), [(("report",), "*.html"), (("export",), "README.md")])
def test_names_are_written_where_that_is_asked_for(
    run: Run, told: Path, tmp_path: Path, words: tuple[str, ...], file: str
) -> None:
    code, _, err = run(*words, "--names", "--out", str(tmp_path / "out"))
    assert (code, "R1" in err) == (0, False)
    (page,) = (tmp_path / "out").glob(file)
    text = page.read_text(encoding="utf-8")
    assert "INGVILD MORROWBY wrote it." in text
    assert words == ("export",) or "Zorah Quillfeather and Ingvild Morrowby" in text


@pytest.mark.slow
def test_figures_are_the_same_under_codes_and_names(run: Run, told: Path, tmp_path: Path) -> None:
    kept: list[dict[str, Any]] = []
    for option in ((), ("--names",)):
        assert run("export", *option, "--out", str(tmp_path / "out"))[0] == 0
        kept.append({name: content for name, content in contents(tmp_path / "out") if name.endswith((".csv", ".R"))})
    assert kept[0] == kept[1]


@pytest.mark.slow
def test_a_withdrawal_changes_no_code(run: Run, told: Path, tmp_path: Path) -> None:
    def said() -> str:
        code, _, err = run("export", "--out", str(tmp_path / "out"))
        assert code == 0, err
        return next(line for line in err.splitlines() if line.startswith("reviewers have codes"))

    before = said()
    assert run("review", "withdraw", "2", "--reason", "It was empty.")[0] == 0
    assert said() == before


@pytest.mark.slow
def test_a_rule_that_is_none_is_named_with_the_names(run: Run, told: Path) -> None:
    code, _, err = run("export", "--consensus", "Nobody")
    assert code == 1
    assert f"'Nobody' is neither adjudicated, both, either, mean nor a reviewer of this study ({PANEL[0]}, " in err


@pytest.mark.parametrize(
    ("text", "coded"),
    [
        ("sheets/ann lee.xlsx and Ann-Lee (2).csv", "sheets/R1.xlsx and R1 (2).csv"),
        ("Ann left; Anna did not. Ann Lee came.", "R2 left; Anna did not. R1 came."),
        ("Di and di, A and a", "R3 and di, A and a"),
        ("Dr. Østergård's sheet", "Dr. R5's sheet"),
        ("Anne-Marie O'Hara", "R6"),
    ],
)
def test_names_in_sentences_become_codes(text: str, coded: str) -> None:
    names = ("Ann Lee", "Ann", "Di", "A", "Østergård", "Anne-Marie O'Hara")
    assert ReviewerCodes(names).text(text) == coded
