"""A model's marks are rows of the table of marks, and no stage takes them for a person's."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_study import MOMENT, make_marked_study

from samp_eval.cli.main import main
from samp_eval.items.load import bank_of
from samp_eval.items.samp import KeyEntry
from samp_eval.literals import MarkField
from samp_eval.review.markers.model.votes import ModelMark, model_marks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

JUDGE = Reviewer("gpt-x", "model")


def mark(value: str, repeat: int = 0, answer: str = "a", field: MarkField = "key", judge: Reviewer = JUDGE) -> Mark:
    return Mark(judge, "q", answer, field, value, MOMENT, "prompt", repeat)


def opposite(people: list[Mark]) -> list[Mark]:
    """Marks of a model that contradict one reviewer everywhere, three times."""
    of_a = [mark for mark in people if mark.reviewer == Reviewer("A") and mark.field in ("key", "judgement")]
    turned = [replace(mark, reviewer=JUDGE, value="1" if mark.field == "judgement" else "A") for mark in of_a]
    changed = [replace(new, value="0") if old.value != "0" else new for old, new in zip(of_a, turned, strict=True)]
    return [replace(mark, repeat=repeat) for mark in changed for repeat in range(3)]


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    code = main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return re.sub(r"\d\d:\d\d:\d\d|\d+\.\d+ s", "", f"{code}\n{captured.out}\n{captured.err}")


READERS = (
    ("analyze", "--json"),
    ("agreement", "--json"),
    ("status", "--json"),
    ("review", "status", "--json"),
    ("review", "history", "--all", "--json"),
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study whose two reviewers do not always agree."""
    folder = make_marked_study(tmp_path / "study")
    with StudyStore.open(folder, create=False) as store:
        of_b = [mark for mark in store.marks() if mark.reviewer == Reviewer("B") and mark.field == "judgement"]
        store.add_marks(replace(mark, value="0" if mark.value == "1" else "1") for mark in of_b[::7])
    return folder


@pytest.mark.slow
def test_nothing_of_the_people_changes_when_a_model_has_marked(
    study: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = {command: said(capsys, *command, "--study", study) for command in READERS}
    with StudyStore.open(study, create=False) as store:
        assert store.add_marks(opposite(store.marks())) > 100
    for command, held in before.items():
        assert held.startswith("0"), f"{command}: {held}"
        assert said(capsys, *command, "--study", study) == held, command
    sheet = tmp_path / "C.csv"
    assert main(["review", "export", "--reviewer", "C", "--out", str(sheet.parent), "--study", str(study)]) == 0
    assert "gpt-x" not in sheet.read_text("utf-8-sig")


def test_a_model_is_no_party_to_a_dispute(study: Path, tmp_path: Path) -> None:
    """It contradicts everyone; only what the two people differ on goes to the third."""
    with StudyStore.open(study, create=False) as store:
        store.add_marks(opposite(store.marks()))
    file = tmp_path / "disputes.csv"
    assert main(["review", "adjudicate", "--adjudicator", "C", "--out", str(file), "--study", str(study)]) == 0
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    with StudyStore.open(study, create=False) as store:
        by_reviewer = {
            (mark.reviewer.name, mark.answer_id): mark.value for mark in store.marks() if mark.field == "judgement"
        }
    differing = [
        answer for name, answer in by_reviewer if name == "A" and by_reviewer["A", answer] != by_reviewer["B", answer]
    ]
    assert len(rows) == len(differing) > 0
    assert "gpt-x" not in file.read_text("utf-8-sig")


def test_where_only_a_model_has_marked_nothing_is_scored(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(study, create=False) as store:
        marks = opposite(store.marks())
    with sqlite3.connect(study / "study.db") as connection:
        connection.execute("DELETE FROM marks")
    with StudyStore.open(study, create=False) as store:
        store.add_marks(marks)
        assert store.marks() == store.mark_history() == store.marks_as_given() == []
        assert len(store.marks_of_models()) == len(marks)
    assert main(["analyze", "--study", str(study)]) == 1
    assert "nothing is marked yet" in capsys.readouterr().err


@pytest.mark.parametrize("rule", ["model:gpt-x", "gpt-x"])
def test_no_consensus_rule_names_a_model(study: Path, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(study, create=False) as store:
        store.add_marks(opposite(store.marks()))
    assert main(["analyze", "--consensus", rule, "--study", str(study)]) == 1
    assert "nor a reviewer of this study" in capsys.readouterr().err


def test_nobody_marks_under_the_name_of_a_model(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "export", "--reviewer", "model:gpt-x", "--study", str(study)]) != 0
    assert "model:gpt-x" in capsys.readouterr().err


def test_every_repeat_is_kept_and_the_latest_of_each_holds(study: Path) -> None:
    with StudyStore.open(study, create=False) as store:
        some = store.marks()[0]
        marks = [replace(some, reviewer=JUDGE, field="key", value=value, repeat=n) for n, value in enumerate("AB0A")]
        assert store.add_marks(marks) == 4
        assert store.add_marks(marks) == 0, "the same again is nothing new"
        assert store.add_marks([replace(marks[2], value="C")]) == 1
        assert {mark.repeat: mark.value for mark in store.marks_of_models()} == {0: "A", 1: "B", 2: "C", 3: "A"}


def test_a_model_s_mark_is_stale_once_the_key_says_anything_else(study: Path) -> None:
    """It marked by the whole key; a mark that an amendment did not touch stays."""
    with StudyStore.open(study, create=False) as store:
        store.add_marks(opposite(store.marks()))
        before = store.marks_of_models()
        bank = store.key_history().present.bank
        touched = bank.cases[0].questions[0]
        questions = (
            touched.model_copy(update={"key": (*touched.key, KeyEntry(answer="vomiting"))}),
            *bank.cases[0].questions[1:],
        )
        cases = [bank.cases[0].model_copy(update={"questions": questions}), *bank.cases[1:]]
    corrected = bank_of(cases, location="tests")
    file = study / "corrected.jsonl"
    lines = [json.dumps(case.model_dump(mode="json", exclude_defaults=True)) for case in corrected.cases]
    file.write_text("\n".join(lines))
    assert main(["amend", "key", str(file), "--reason", "vomiting counts", "--study", str(study)]) == 0
    with StudyStore.open(study, create=False) as store:
        after = store.marks_of_models()
    by_key = {mark.question_id for mark in after if mark.field == "key"}
    assert by_key == {mark.question_id for mark in before} - {touched.id}
    assert {mark.question_id for mark in after if mark.field == "judgement"} == {mark.question_id for mark in before}


# Votes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("votes", "value"),
    [("A", "A"), ("AAB", "A"), ("ABB0", "B"), ("AB0", "A"), ("A0", None), ("AB00", None), ("A00", "0"), ("0", "0")],
)
def test_repeats_vote_first_whether_and_then_by_what(votes: str, value: str | None) -> None:
    (found,) = model_marks([mark(vote, repeat) for repeat, vote in enumerate(votes)])
    assert found.value == value
    assert found.n_votes == len(votes)


@given(st.lists(st.sampled_from("AB01"), min_size=1, max_size=9))
def test_votes_are_all_counted_and_their_order_is_of_no_matter(votes: list[str]) -> None:
    (found,) = model_marks([mark(vote, repeat) for repeat, vote in enumerate(votes)])
    (turned,) = model_marks([mark(vote, repeat) for repeat, vote in enumerate(reversed(votes))])
    assert found == turned
    assert dict(found.votes) == {vote: votes.count(vote) for vote in votes}
    assert found.share == max(map(votes.count, votes)) / len(votes)


def test_models_answers_and_bases_are_never_mixed_and_people_left_out() -> None:
    other = Reviewer("other", "model")
    marks = [mark("A"), mark("0", 1), mark("0", judge=other), mark("1", field="judgement"), mark("B", answer="b")]
    people = [mark("0", judge=Reviewer("gpt-x")), mark("0", judge=Reviewer("gpt-x", "automatic"))]
    assert model_marks([*people, *marks]) == [
        ModelMark(JUDGE, "q", "a", "key", None, (("0", 1), ("A", 1))),
        ModelMark(other, "q", "a", "key", "0", (("0", 1),)),
        ModelMark(JUDGE, "q", "a", "judgement", "1", (("1", 1),)),
        ModelMark(JUDGE, "q", "b", "key", "B", (("B", 1),)),
    ]
