"""The report and ``doctor`` of a damaged study say what is damaged, and no figure comes from a damaged row."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "study"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def execute(study: Path, statement: str) -> None:
    with closing(sqlite3.connect(study / "study.db")) as connection, connection:
        connection.execute(statement)


def report_of(study: Path) -> str:
    return unescape((study / "reports" / "report.html").read_text(encoding="utf-8")).replace("\xa0", " ")


DAMAGE = [
    ("UPDATE responses SET text = 'fever' WHERE rowid = 2", "responses: a row is not what was stored: question_id"),
    ("UPDATE responses SET text = CAST(x'ff31' AS TEXT) WHERE rowid = 2", "responses: a row is not what was stored"),
    ("UPDATE responses SET text = x'31' WHERE rowid = 2", "responses: a row is not what was stored"),
    ("UPDATE marks SET value = '0' WHERE value = 'A'", "marks: a row is not what was stored: sequence"),
    ("DELETE FROM marks WHERE sequence = 7", "marks: 1 marks are missing"),
    ("UPDATE failures SET kind = 'x'", "failures: a row is not what was stored"),
    ("UPDATE respondents SET settings = '{' WHERE id = 'old model'", "respondents: a row is not what was stored"),
]


@pytest.mark.parametrize(
    ("statement", "said"), [DAMAGE[0], *(pytest.param(*damage, marks=pytest.mark.slow) for damage in DAMAGE[1:])]
)
def test_the_report_is_made_and_names_what_it_leaves_out(study: Path, run: Run, statement: str, said: str) -> None:
    execute(study, statement)
    code, out, err = run("report", "--study", study)
    assert (code, out.strip()) == (3, str(study / "reports" / "report.html"))
    assert f"damaged, and left out of the report: {said}" in err
    assert said in report_of(study)
    assert "every figure leaves them out" in report_of(study)
    assert "Damaged study" in report_of(study), "the flag of titles and captions"


@pytest.mark.slow
def test_no_figure_comes_from_a_damaged_row(study: Path, run: Run, tmp_path: Path) -> None:
    """The report is that of a study without the row, but for what it says of the damage."""
    without = Path(shutil.copytree(study, tmp_path / "without"))
    execute(study, "UPDATE responses SET text = '9. rash' WHERE question_id = 'case-01-1' AND round = 2")
    execute(without, "DELETE FROM responses WHERE question_id = 'case-01-1' AND round = 2")
    assert run("report", "--study", study)[0] == 3
    assert run("report", "--study", without)[0] == 0
    figures = [re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL) for page in map(report_of, (study, without))]
    assert len(figures[0]) > 100
    assert figures[0] == figures[1]


def test_without_sound_questions_there_is_no_report(study: Path, run: Run) -> None:
    execute(study, "UPDATE banks SET cases = replace(cases, 'fever', 'cough')")
    code, _, err = run("report", "--study", study)
    assert code == 1
    assert "a row of banks (sequence 1) is not what was stored" in err
    assert not (study / "reports").exists()


def test_without_sound_rules_of_reading_there_is_no_report(study: Path, run: Run) -> None:
    with StudyStore.open(study, create=False) as store:
        store.adopt_reading_rules(2, "for this test")
    execute(study, "UPDATE reading_rules SET version = 1")
    code, _, err = run("report", "--study", study)
    assert code == 1
    assert "a row of reading_rules (sequence 1) is not what was stored" in err or "without reading_rules" in err


def test_doctor_names_the_damage(study: Path, run: Run) -> None:
    assert "intact by the quick check" in run("doctor", "--study", study)[1].replace("\n", " ")
    execute(study, "UPDATE marks SET value = '0' WHERE sequence = 9")
    code, out, _ = run("doctor", "--study", study, "--json")
    assert code == 1
    assert "damaged: marks: a row is not what was stored: sequence 9" in out


@pytest.mark.slow
def test_the_study_itself_is_not_changed(study: Path, run: Run) -> None:
    execute(study, "UPDATE marks SET value = '0' WHERE sequence = 9")
    before = (study / "study.db").read_bytes()
    run("report", "--study", study)
    assert (study / "study.db").read_bytes() == before
    with StudyStore.open(study, create=False) as store:
        assert store.respondents()
