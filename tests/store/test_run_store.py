"""What a run leaves in the store comes back as it was."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select, text

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.run.respondent import Ask, FailedAttempt, Reply, Response, ResponseFailure
from samp_eval.store import migrations, schema
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

NOW = datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))])).map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000)
)
moments = moments.filter(lambda one: 1900 < one.year < 2200)
failed_tries = st.builds(
    FailedAttempt, st.sampled_from(["timeout", "rate_limit"]), texts, st.none() | st.floats(0, 100), st.none() | moments
)
responses = st.builds(
    Response,
    st.builds(
        Ask, texts.map(lambda one: one[:20]), texts.map(lambda one: one[:20]), st.integers(1, 99), st.builds(Condition)
    ),
    st.builds(
        Reply,
        texts,
        texts,
        st.none() | st.integers(0, 10**6),
        st.none() | st.integers(0, 10**6),
        st.none() | texts,
        st.none() | st.floats(0, 1000),
        st.dictionaries(texts, texts, max_size=3),
        request=texts,
        received=texts,
    ),
    st.none() | moments,
    st.integers(1, 50),
    st.lists(failed_tries, max_size=3).map(tuple),
)


@pytest.fixture
def folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path)


@settings(max_examples=15)
@given(responses)
@example(Response(Ask("q", "m", 1, Condition()), Reply("\x00 \ue000 \ue0000 \ue0001\x00", "m\x00", request="b"), NOW))
def test_a_response_comes_back_as_it_went(new_study: Callable[[Path], Path], response: Response) -> None:
    with tempfile.TemporaryDirectory() as name, StudyStore.open(new_study(Path(name))) as store:
        store.begin_run({"samp_eval": "1"})
        assert store.keep_response(response)
        found = store.response(response.ask.question_id, response.ask.respondent, response.ask.round)
    assert found == (response, {"samp_eval": "1"})


def answer(question: str, text: str = "fever", request: str = "body") -> Response:
    return Response(Ask(question, "m", 1, Condition()), Reply(text, "m", request=request), NOW)


def failure(question: str) -> ResponseFailure:
    tries = (FailedAttempt("timeout", "late", None, NOW), FailedAttempt("bad_request", "no", 2.0, NOW))
    return ResponseFailure(Ask(question, "m", 1, Condition()), "bad_request", "no", NOW, 2, tries)


def test_a_group_with_one_that_is_there_already(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        assert store.keep_response(answer("b", "first"))
        assert store.keep_outcomes([answer("a"), answer("b", "second"), failure("c"), answer("d")]) == [
            True,
            False,
            True,
            True,
        ]
        assert {one.ask.question_id: one.reply.text for one in store.responses()} == {
            "a": "fever",
            "b": "first",
            "d": "fever",
        }
        assert store.failures() == [failure("c")]


def test_one_that_cannot_be_stored_loses_no_other(folder: Path) -> None:
    odd = Response(Ask("b", "m", 1, Condition()), Reply("x", "m", completion_tokens=2**63), NOW)
    with StudyStore.open(folder) as store:
        with pytest.raises(CannotStore, match="what came of b, m, round 1 cannot be stored"):
            store.keep_outcomes([answer("a"), odd, failure("c"), answer("d")])
        assert store.stored("m") == {("a", 1), ("d", 1)}
        assert store.failures() == [failure("c")]


def test_a_failure_goes_when_its_response_comes(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_outcomes([failure("a"), failure("b")])
        store.keep_outcomes([failure("a")])
        assert store.failed("m") == {("a", 1), ("b", 1)}
        store.keep_outcomes([answer("a")])
        assert store.failed("m") == {("b", 1)}


def test_the_same_request_is_stored_once(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_outcomes([answer("a", request="same"), answer("b", request="same"), answer("c", request="other")])
        store.keep_outcomes([answer("d", request="same")])
        with store._reading() as connection:
            assert connection.execute(select(func.count()).select_from(schema.requests)).scalar_one() == 2


def test_two_stores_on_one_file(folder: Path) -> None:
    with StudyStore.open(folder) as one, StudyStore.open(folder) as other:
        assert one.keep_response(answer("a"))
        assert not other.keep_response(answer("a", "again"))
        assert other.keep_response(answer("b"))
        assert len(one.responses()) == 2


def test_a_respondent_under_other_settings(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_respondent("m", {"model": "m", "temperature": 0.5})
        store.keep_respondent("m", {"temperature": 0.5, "model": "m"})
        with pytest.raises(StudyConflict, match="temperature"):
            store.keep_respondent("m", {"model": "m", "temperature": 0.7})


def test_the_plan_is_frozen_and_a_change_is_noted_once(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        first = store.keep_protocol({"seed": 1, "rounds": [1]})
        assert store.keep_protocol({"rounds": [1], "seed": 1}) == first
        assert store.deviations() == []
        assert store.keep_protocol({"seed": 2, "rounds": [1]}) != first
        store.keep_protocol({"seed": 2, "rounds": [1]})
        assert [("seed" in what) for what, _ in store.deviations()] == [True]


def test_a_newer_database_is_refused(folder: Path) -> None:
    with StudyStore.open(folder) as store, store._writing() as connection:
        connection.execute(insert(schema.schema_version).values(version=99))
    with pytest.raises(CannotStore, match="upgrade samp-eval"):
        StudyStore.open(folder)


def test_no_study(tmp_path: Path) -> None:
    with pytest.raises(CannotStore, match="holds no study yet"):
        StudyStore.open(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_processes_that_make_the_same_study_at_the_same_moment(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from samp_eval.store.study_store import StudyStore as S; "
        "S.open(Path(sys.argv[1])).close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(folder)], stderr=subprocess.PIPE) for _ in range(3)]
    said = [one.communicate()[1].decode() for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], said


def test_an_older_study_is_brought_up_to_date_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def add_table(connection: Connection) -> None:
        connection.execute(text("create table notes (note text)"))

    with StudyStore.open(folder) as store:
        store.keep_response(answer("a"))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, add_table))
    for _ in range(2):
        with StudyStore.open(folder) as store, store._reading() as connection:
            assert connection.execute(text("select count(*) from notes")).scalar_one() == 0
            assert store.stored("m") == {("a", 1)}
