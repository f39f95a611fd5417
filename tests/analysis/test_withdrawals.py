"""An import of responses is taken back, a respondent renamed: each figure is as if it had never been otherwise."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from marked_study import PERSON, marked_bank
from test_exclusions import copied, figures

from samp_eval.answers.distinct import line_id_of
from samp_eval.cli.main import main
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
REASON = ("--reason", "It was another examination.")
OLD = "old model"


@pytest.fixture
def study(marked: Path, new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """The marked study without its person, on either database."""
    return copied(marked, new_study(tmp_path / "study"), lambda held: held.ask.respondent != PERSON, marked_bank())


@pytest.fixture
def answers(marked: Path) -> list[list[str]]:
    """The person's answers as rows."""
    with StudyStore.open(marked, create=False) as store:
        return [row_of(held) for held in store.responses() if held.ask.respondent == PERSON]


def row_of(held: Response, **changed: str) -> list[str]:
    row = {
        "question_id": held.ask.question_id,
        "respondent": held.ask.respondent,
        "round": str(held.ask.round),
        "condition": held.ask.condition.label,
        "text": held.reply.text,
    }
    return list({**row, **changed}.values())


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str, folder: Path = study) -> tuple[int, str, str]:
        code = main([*words, "--study", str(folder)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def bring_in(run: Run, file: Path, rows: Sequence[Sequence[str]], *options: str, header: str = "", **kind: Any) -> str:
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([(header or "question_id,respondent,round,condition,text").split(","), *rows])
    code, _, err = run("responses", "import", str(file), *options, **kind)
    assert code == 0, err
    return err


def called(rows: Sequence[Sequence[str]], name: str) -> list[list[str]]:
    return [[row[0], name, *row[2:]] for row in rows]


def texts(study: Path, name: str = PERSON) -> dict[str, str]:
    with StudyStore.open(study, create=False) as store:
        return {held.ask.question_id: held.reply.text for held in store.responses() if held.ask.respondent == name}


@pytest.mark.slow
def test_a_withdrawn_import_was_never_there_and_comes_back_when_it_is_imported_again(
    run: Run, study: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    before = figures(run)
    bring_in(run, tmp_path / "person.csv", answers)
    with_person = figures(run)
    code, _, err = run("responses", "withdraw", "1", *REASON, "--by", "Dr. Ada")
    assert code == 0
    assert f"40 responses no longer count, and nothing is left of {PERSON}" in err
    assert figures(run) == before != with_person
    assert run("check")[0] == 0
    (listed,) = json.loads(run("responses", "imports", "--json")[1])
    assert (listed["brought"], listed["reason"], listed["withdrawn_by"]) == (40, REASON[1], "Dr. Ada")
    with StudyStore.open(study, create=False) as store:
        assert any(
            "Import 1 (person.csv, 40 responses) was withdrawn by Dr. Ada" in what for what, _ in store.deviations()
        )
    bring_in(run, tmp_path / "person.csv", answers)
    assert figures(run) == with_person
    assert [held["number"] for held in json.loads(run("responses", "imports", "--json")[1])] == [1, 2]


def test_what_two_files_say_counts_while_one_of_them_does(
    run: Run, study: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    bring_in(run, tmp_path / "first.csv", answers[:30])
    assert "10 recorded answers imported, 10 already there" in bring_in(run, tmp_path / "second.csv", answers[20:])
    assert run("responses", "withdraw", "1", *REASON)[0] == 0
    assert len(texts(study)) == 20
    assert "0 recorded answers imported, 20 already there" in bring_in(run, tmp_path / "second.csv", answers[20:])
    assert len(json.loads(run("responses", "imports", "--json")[1])) == 2, "the same file goes on with its import"
    assert run("responses", "withdraw", "2", *REASON)[0] == 0
    assert texts(study) == {}


def test_a_withdrawn_correction_gives_back_what_it_corrected(
    run: Run, study: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    question, first = answers[0][0], answers[0][4]
    bring_in(run, tmp_path / "first.csv", answers)
    bring_in(run, tmp_path / "second.csv", [[*answers[0][:4], "1. fever"]], "--correct")
    bring_in(run, tmp_path / "third.csv", [[*answers[0][:4], "1. rash"]], "--correct")
    assert texts(study)[question] == "1. rash"
    assert run("responses", "withdraw", "2", *REASON)[0] == 0
    assert texts(study)[question] == "1. rash"
    assert run("responses", "withdraw", "3", *REASON)[0] == 0
    assert texts(study)[question] == first
    bring_in(run, tmp_path / "second.csv", [[*answers[0][:4], "1. fever"]], "--correct")
    assert run("responses", "withdraw", "1", *REASON)[0] == 0
    assert texts(study) == {question: "1. fever"}


def test_failures_of_a_withdrawn_import_are_kept_and_count_no_more(run: Run, study: Path, tmp_path: Path) -> None:
    header = "question_id,respondent,round,condition,text,failure,failure_kind"
    failed = ["case-01-1", PERSON, "1", "prompted", "", "the page was down", "connection"]
    bring_in(run, tmp_path / "failed.csv", [failed], header=header)
    with StudyStore.open(study, create=False) as store:
        assert len([held for held in store.failures() if held.ask.respondent == PERSON]) == 1
    assert "1 failure left" in run("responses", "withdraw", "1", *REASON)[2]
    with StudyStore.open(study, create=False) as store:
        assert not [held for held in store.failures() if held.ask.respondent == PERSON]
        assert PERSON not in store.respondents()
    assert json.loads(run("responses", "imports", "--json")[1])[0]["brought"] == 1


# Names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_renamed_respondent_was_always_called_so(
    run: Run, study: Path, answers: list[list[str]], marked: Path, tmp_path: Path
) -> None:
    right = copied(marked, tmp_path / "right", lambda held: held.ask.respondent != PERSON, marked_bank())
    bring_in(run, tmp_path / "right.csv", answers, folder=right)
    bring_in(run, tmp_path / "typed.csv", called(answers, "a residnet"))
    assert run("exclude", "response", answers[0][0], "a residnet", "1", *REASON)[0] == 0
    assert run("exclude", "response", answers[0][0], PERSON, "1", *REASON, folder=right)[0] == 0
    code, _, err = run("responses", "rename", "a residnet", PERSON)
    assert (code, err) == (
        0,
        f"a residnet is {PERSON} now, with 40 responses; its earlier name is among the deviations\n",
    )
    assert figures(run) == figures(run, folder=right)
    with StudyStore.open(study) as store, StudyStore.open(right) as other:
        assert store.respondents() == other.respondents()
        assert store.responses() == other.responses()
    assert run("check")[0] == 0


def test_two_become_one_where_no_ask_conflicts(run: Run, study: Path, answers: list[list[str]], tmp_path: Path) -> None:
    bring_in(run, tmp_path / "first.csv", answers[:20])
    bring_in(run, tmp_path / "second.csv", called(answers[20:], "a residnet"))
    assert run("responses", "rename", "a residnet", PERSON)[0] == 0
    assert texts(study) == {row[0]: row[4] for row in answers}
    assert run("responses", "withdraw", "2", *REASON)[0] == 0
    assert len(texts(study)) == 20


@pytest.mark.slow
def test_a_conflict_is_refused_and_changes_nothing(
    run: Run, study: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    bring_in(run, tmp_path / "first.csv", answers[:20])
    bring_in(run, tmp_path / "second.csv", called(answers[10:30], "a residnet"))
    before = figures(run)
    code, _, err = run("responses", "rename", "a residnet", PERSON)
    assert code == 1
    assert f"a residnet and {PERSON} both have responses to {min(row[0] for row in answers[10:20])} in round 1" in err
    assert "and 5 more" in err
    assert "responses withdraw" in err
    assert figures(run) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", PERSON), "the study has no respondent 'nobody'; it has old model, new model"),
        ((OLD, OLD), "called old model already"),
        (
            (OLD, "new model"),
            "different respondents, because their settings differ: model: 'old model' and 'new model'",
        ),
    ],
)
def test_what_cannot_be_renamed_is_refused(run: Run, words: tuple[str, str], said: str) -> None:
    code, _, err = run("responses", "rename", *words)
    assert (code, said in err) == (1, True), err


def test_a_name_that_the_study_file_has_is_refused(run: Run, study: Path) -> None:
    toml = study / "study.toml"
    held = toml.read_text(encoding="utf-8") if toml.exists() else ""
    toml.write_text(f'[analysis]\nreference = "{OLD}"\n{held}', encoding="utf-8")
    assert "study.toml names old model; rename it there first" in run("responses", "rename", OLD, "gpt-4")[2]


def test_marks_of_single_lines_move_along(run: Run, study: Path) -> None:
    assert run("review", "export", "--reviewer", "Zoe", "--unit", "line")[0] == 0
    with StudyStore.open(study) as store:
        row = next(row for row in store.sheet_rows(Reviewer("Zoe")).values() if row.question_id == "case-01-3")
        place = next(
            (held.ask.respondent, held.ask.round, line)
            for held in store.responses()
            for line in (1, 2, 3)
            if line_id_of("case-01-3", held.ask.respondent, held.ask.round, line) == row.answer_id
        )
        store.add_marks([Mark(row.reviewer, row.question_id, row.answer_id, "key", "A", row.exported_at, "page")])
    assert run("responses", "rename", place[0], "renamed")[0] == 0
    with StudyStore.open(study) as store:
        (mark,) = [held for held in store.marks() if held.reviewer == Reviewer("Zoe")]
        assert (
            mark.answer_id == line_id_of("case-01-3", "renamed", *place[1:]) == store.sheet_rows()[row.row_id].answer_id
        )
    assert run("check")[0] == 0
