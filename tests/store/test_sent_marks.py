"""Marks of the marking page in the store: each once, none over another that its page had not seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from older_schema import drop_digests
from sqlalchemy import func, inspect, select, text
from test_run_store import NOW, answer

from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark, SentMark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import RowUnit, SheetRow, new_row_id
from samp_eval.store import migrations, schema
from samp_eval.store.study_store import StudyStore

ANN = Reviewer("Ann")


@pytest.fixture
def folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path)


def sent(mark_id: str, value: str, seen: str = "", field: MarkField = "key", reviewer: str = "Ann") -> SentMark:
    return SentMark(Mark(Reviewer(reviewer), "q", "a1", field, value, NOW, "marking page"), mark_id, seen)


def values(store: StudyStore) -> list[str]:
    return [one.value for one in store.mark_history()]


def test_a_mark_that_comes_again_is_the_same_one(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        chain = [sent("one", "A"), sent("two", "B", seen="one")]
        for given in (chain[:1], chain, chain[:1], chain):
            (*_, last) = store.keep_sent_marks(given)
        assert values(store) == ["A", "B"]
        assert (last.value, last.version, last.against) == ("B", "two", None)


def test_a_page_that_had_not_seen_what_holds_changes_nothing_until_the_reviewer_decides(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_sent_marks([sent("tablet", "B")])
        (held,) = store.keep_sent_marks([sent("desktop", "A")])
        assert (held.value, held.against) == ("B", "A")
        assert [one.value for one in store.marks()] == ["B"]
        assert values(store) == ["B", "A", "B"], "both are in the history"
        assert store.standing_marks(ANN) == [held], "and the question stays open"
        (again,) = store.keep_sent_marks([sent("desktop", "A")])
        assert again == held
        (decided,) = store.keep_sent_marks([sent("decision", "A", seen=held.version)])
        assert (decided.value, decided.against) == ("A", None)
        assert [one.value for one in store.marks()] == ["A"]


def test_pages_that_say_the_same_have_nothing_to_decide(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_sent_marks([sent("tablet", "B")])
        store.keep_sent_marks([sent("desktop", "B")])
        (held,) = store.keep_sent_marks([sent("later", "C", seen="desktop")])
        assert (held.value, held.against) == ("C", None)


def test_fields_and_reviewers_do_not_meet(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_sent_marks([sent("a", "A"), sent("b", "1", field="harm"), sent("a", "B", reviewer="Bob")])
        assert {(one.reviewer.label, one.field, one.value) for one in store.marks()} == {
            ("Ann", "key", "A"),
            ("Ann", "harm", "1"),
            ("Bob", "key", "B"),
        }
        assert len(store.standing_marks(ANN)) == 2


def test_a_mark_of_a_sheet_has_a_version_and_one_taken_back_too(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.add_marks([Mark(ANN, "q", "a1", "key", "A", NOW, "sheet.csv")])
        (seen,) = store.standing_marks(ANN)
        (back,) = store.keep_sent_marks([sent("one", "", seen=seen.version)])
        assert (back.value, back.against) == ("", None)
        assert store.marks() == []
        (late,) = store.keep_sent_marks([sent("two", "B", seen=seen.version)])
        assert (late.value, late.against) == ("", "B")


def test_answers_that_read_otherwise_are_listed(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_sent_marks([sent("one", "1", field="misread"), sent("two", "1", field="misread", reviewer="Bob")])
        store.keep_sent_marks([sent("three", "", seen="two", field="misread", reviewer="Bob"), sent("four", "A")])
        assert [(one.reviewer, one.answer_id) for one in store.misread_marks()] == [(ANN, "a1")]


def row(number: int, reviewer: str = "Ann", unit: RowUnit = "answer") -> SheetRow:
    return SheetRow(new_row_id(()), Reviewer(reviewer), "q", f"a{number}", f"answer {number}", unit, NOW)


def test_eight_first_loads_at_once_make_one_row_an_answer(folder: Path) -> None:
    got: list[list[SheetRow]] = []
    together = threading.Barrier(8)

    def load() -> None:
        with StudyStore.open(folder, create=False) as own:  # a connection of its own, as another process has
            together.wait()
            got.append(own.keep_sheet_rows([row(number) for number in range(50)]))

    with StudyStore.open(folder) as store:
        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == 8
        assert len(store.sheet_rows()) == 50
        assert all(one == got[0] for one in got)
        assert store.keep_sheet_rows([row(1, "Bob"), row(1, unit="line"), row(1)])[2] == got[0][1]
        assert set(store.sheet_rows(Reviewer("Bob"))) < set(store.sheet_rows())


def test_an_older_study_keeps_its_marks_and_its_rows_that_went_out_twice(
    folder: Path,
) -> None:
    before = migrations.MIGRATIONS.index(migrations._one_row_an_answer) - 1
    rows = [row(1), row(1), row(1), row(2)]
    with StudyStore.open(folder) as store, store._writing() as connection:
        schema.marks_by_id.drop(connection)
        schema.one_row_an_answer.drop(connection)
        drop_digests(connection)
        for column in ("mark_id", "stands_against", "key_version"):
            connection.execute(text(f"ALTER TABLE marks DROP COLUMN {column}"))
        connection.execute(text("ALTER TABLE sheet_rows DROP COLUMN key_version"))
        connection.execute(schema.schema_version.update().values(version=before + 1))
        given = {"answer_id": "a1", "field": "key", "value": "A", "marked_at": NOW.isoformat(), "source": "sheet.csv"}
        connection.execute(
            text(
                "INSERT INTO marks (reviewer, question_id, answer_id, field, value, marked_at, source) "
                "VALUES ('Ann', 'q', :answer_id, :field, :value, :marked_at, :source)"
            ),
            given,
        )
        columns = [*as_values(rows[0]), "exported_at"]
        connection.execute(
            text(f"INSERT INTO sheet_rows ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"),
            [{**as_values(one), "exported_at": NOW.isoformat()} for one in rows],
        )
    with StudyStore.open(folder, create=False) as store:
        assert [one.value for one in store.marks()] == ["A"]
        held = store.sheet_rows()
        assert set(held) == {one.row_id for one in rows}, "a sheet with either row can still come back"
        assert sorted(one.unit for one in held.values()) == ["answer", "answer", "duplicate", "duplicate"]
        (first,) = store.keep_sheet_rows([row(1)])
        assert held[first.row_id].unit == "answer"
        with store._reading() as connection:
            assert (
                connection.execute(select(func.max(schema.schema_version.c.version))).scalar_one()
                == len(migrations.MIGRATIONS) + 1
            )
            names = {one["name"] for one in inspect(connection).get_indexes("sheet_rows")}
        assert "one_row_an_answer" in names
        assert store.keep_response(answer("a"))


def as_values(one: SheetRow) -> dict[str, str]:
    names = ("row_id", "reviewer", "question_id", "answer_id", "text", "unit")
    return {name: getattr(one, name) for name in names} | {"reviewer": one.reviewer.name}
