"""What is PostgreSQL's own: how a study finds it, what goes wrong with it, and what must never be shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from postgres_server import PASSWORD, VARIABLE, PostgresServer
from test_run_store import NOW, answer, failure

from samp_eval.errors import CannotStore, FaultyStudy, NotInstalled
from samp_eval.run.provenance import planned
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.engines.location import study_exists
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition, Study, load_study


@pytest.fixture
def study(postgres: PostgresServer, tmp_path: Path) -> Path:
    return postgres.study(tmp_path / "study")


def schema_of(folder: Path) -> str:
    plan = load_study(folder).store
    assert plan is not None
    return plan.postgresql_schema


def refusal(folder: Path) -> str:
    with pytest.raises(CannotStore) as caught:
        StudyStore.open(folder)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_nothing_is_written_beside_the_study_file(study: Path) -> None:
    assert not study_exists(study)
    with StudyStore.open(study) as store:
        store.keep_outcomes([answer("a")])
    assert study_exists(study)
    assert [file.name for file in study.iterdir()] == ["study.toml"]


def test_studies_on_one_server_do_not_see_each_other(study: Path, postgres: PostgresServer, tmp_path: Path) -> None:
    with StudyStore.open(study) as one, StudyStore.open(postgres.study(tmp_path / "other")) as other:
        one.keep_outcomes([answer("a")])
        assert other.responses() == []
        with one.run_lock(pytest.fail), other.run_lock(pytest.fail):
            pass


def test_the_same_study_from_a_folder_on_another_machine(study: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "study.toml").write_text((study / "study.toml").read_text())
    with StudyStore.open(study) as here, StudyStore.open(there, create=False) as other:
        with here.run_lock(pytest.fail), other._hold_run_lock(None) as acquired:
            assert not acquired
        with other._hold_run_lock(None) as acquired:
            assert acquired
        here.keep_outcomes([answer("a")])
        assert other.keep_outcomes([answer("a", "again")]) == [False]


def test_text_is_ordered_by_code_points_whatever_the_databases_locale(study: Path, postgres: PostgresServer) -> None:
    names = ["Zoe", "adam", "Ärzte", "zoe", "a-b", "ab", "\U0001f912"]
    with StudyStore.open(study) as store:
        for name in names:
            store.keep_outcomes([Response(Ask("q", name, 1, Condition()), Reply("x", "m"), NOW)])
        assert [one.ask.respondent for one in store.responses()] == sorted(names)
    query = (
        "select count(*) from pg_attribute a join pg_collation c on c.oid = a.attcollation join pg_class t on t.oid = "
        f"a.attrelid where t.relnamespace = '{schema_of(study)}'::regnamespace and t.relkind = 'r' and c.collname "
    )
    assert postgres.value(query + "= 'C'") > 40
    assert postgres.value(query + "<> 'C'") == 0


def test_what_sqlite_would_take_is_taken(study: Path) -> None:
    wide = Response(
        Ask("q" * 500, "m" * 500, 1, Condition()), Reply("x", "m", 2**40, 2**40, "stop" * 100, 0.1 + 0.2), NOW
    )
    with StudyStore.open(study) as store:
        assert store.keep_response(wide)
        assert store.responses() == [wide]


def test_a_schema_may_be_called_by_a_word_of_sql(postgres: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('[store]\npostgresql_schema = "order"')
    with StudyStore.open(tmp_path) as store:
        assert store.keep_response(answer("a"))
    assert postgres.value('select count(*) from "order".responses') == 1


def test_the_place_is_no_part_of_the_protocol() -> None:
    there = Study.model_validate({"store": {"postgresql_schema": "canada"}})
    assert planned(there) == planned(Study())


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://samp:{PASSWORD}@127.0.0.1/postgres",
        f"samp:{PASSWORD}@127.0.0.1/postgres",
        f"postgresql://samp:{PASSWORD}@127.0.0.1:port/postgres",
        f"postgresql://samp:{PASSWORD}@127.0.0.1",
        f"postgresql://samp:p@{PASSWORD}@127.0.0.1/postgres",
        f"postgresql://samp:{PASSWORD}@127.0.0.1:1/postgres",
        f"postgresql://samp:{PASSWORD}@127.0.0.1:1/postgres?nonsense={PASSWORD}",
        f"postgresql://{PASSWORD}",
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_it(
    url: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    assert VARIABLE in refusal(study)


def test_no_url_no_rights_no_database(study: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, postgres.url.replace(PASSWORD, f"wrong-{PASSWORD}"))
    assert "password authentication failed" in refusal(study)
    monkeypatch.setenv(VARIABLE, postgres.url.replace("/postgres", "/nowhere"))
    assert 'database "nowhere" does not exist' in refusal(study)
    monkeypatch.delenv(VARIABLE)
    assert f"set the variable {VARIABLE}" in refusal(study)


def test_a_user_without_rights_reads_what_to_ask_for(
    study: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.value(f"create role guest login password '{PASSWORD}'")
    monkeypatch.setenv(VARIABLE, postgres.url.replace("samp:", "guest:"))
    assert "may not do this" in refusal(study)
    postgres.value(f"create schema {schema_of(study)} authorization guest")
    with StudyStore.open(study) as store:
        assert store.keep_response(answer("a"))


@pytest.mark.parametrize(
    "line",
    [
        f'[store]\npostgresql_schema = "a"\nurl_env = "postgresql://samp:{PASSWORD}@127.0.0.1/a"',
        f'[store]\npostgresql_schema = "postgresql://samp:{PASSWORD}@127.0.0.1/a"',
        f'[store]\npostgresql_schema = "a"\nurl = "postgresql://samp:{PASSWORD}@127.0.0.1/a"',
        f'store = "postgresql://samp:{PASSWORD}@127.0.0.1/a"',
        '[store]\npostgresql_schema = "public"',
        '[store]\npostgresql_schema = "pg_study"',
        '[store]\npostgresql_schema = "a; drop schema b"',
        '[store]\npostgresql_schema = "Canada"',
    ],
)
def test_a_study_file_takes_no_url_and_no_strange_schema(line: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(line)
    with pytest.raises(FaultyStudy, match="store") as caught:
        load_study(tmp_path)
    assert PASSWORD not in str(caught.value)


def test_a_study_in_study_db_is_not_begun_anew(postgres: PostgresServer, tmp_path: Path) -> None:
    with StudyStore.open(tmp_path) as store:
        store.keep_outcomes([answer("a")])
    postgres.study(tmp_path)
    assert "samp-eval move --to postgresql" in refusal(tmp_path)
    with pytest.raises(CannotStore, match="move --to postgresql"):
        study_exists(tmp_path)


def test_without_the_driver_the_remedy_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(NotInstalled, match=r"'\.\[postgres\]'"):
        StudyStore.open(study)


def test_a_run_that_has_lost_the_study_stores_nothing_more(study: Path, postgres: PostgresServer) -> None:
    with StudyStore.open(study) as store, StudyStore.open(study) as other:
        with store.run_lock(pytest.fail):
            assert store.keep_response(answer("a"))
            postgres.value("select pg_terminate_backend(pid, 600000) from pg_locks where locktype = 'advisory'")
            with other.run_lock(pytest.fail):
                for question in ("b", "c"):
                    with pytest.raises(CannotStore, match="the connection was lost"):
                        store.keep_outcomes([answer(question)])
                assert other.keep_response(answer("d"))
        assert {one.ask.question_id for one in store.responses()} == {"a", "d"}


def test_a_server_that_goes_away_loses_nothing_that_arrived(study: Path, postgres: PostgresServer) -> None:
    with StudyStore.open(study) as store, store.run_lock(pytest.fail):
        store.begin_run({"samp_eval": "1"})
        store.journal_outcome(answer("a"))
        store.rotate_journal()
        store.keep_outcomes([answer("a")])
        store.journal_outcome(answer("b"))
        store.journal_outcome(failure("c"))
        store.rotate_journal()
        postgres.stop()
        with pytest.raises(CannotStore, match="taken in then"):
            store.keep_outcomes([answer("b"), failure("c")])
    assert "cannot be reached" in refusal(study)
    postgres.start()
    with StudyStore.open(study, create=False) as store:
        assert store.stored("m") == {("a", 1), ("b", 1)}
        assert store.response("b", "m", 1) == (answer("b"), {"samp_eval": "1"})
        assert store.failures() == [failure("c")]
    assert not list(study.glob("*arrivals*"))


def test_an_idle_connection_that_was_cut_is_made_again(study: Path, postgres: PostgresServer) -> None:
    with StudyStore.open(study) as store:
        store.keep_response(answer("a"))
        postgres.value(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'samp-eval'"
        )
        assert store.keep_response(answer("b"))
