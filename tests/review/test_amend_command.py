"""``samp-eval amend key`` in a study that is under way, kept in study.db and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from small_study import response, small_bank
from test_sheets_csv import Rows, filled, read, write

from samp_eval.errors import StudyConflict
from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.review.amendments.amendment import plan_amendment
from samp_eval.review.page.marking_service import MarkingService, RefusedMark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import ResponseFailure
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
ANN = Reviewer("Ann")
NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def study_folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path / "study")


def with_key(bank: Bank, question_id: str, *answers: str, **question: object) -> list[SampCase]:
    """The bank's cases with other entries, or another text, of one question."""

    def changed(asked: Question) -> Question:
        if asked.id != question_id:
            return asked
        key = tuple(KeyEntry(answer=answer) for answer in answers) or asked.key
        return asked.model_copy(update={"key": key, **question})

    return [case.model_copy(update={"questions": tuple(map(changed, case.questions))}) for case in bank.cases]


@pytest.fixture
def corrected(tmp_path: Path, bank: Bank) -> Path:
    """In fever-2 an entry stands at the top, and ``transfer`` is gone."""
    return written(with_key(bank, "fever-2", "fluids", "antibiotics", "lumbar puncture"), tmp_path / "corrected")


def written(cases: list[SampCase], folder: Path) -> Path:
    write_cases(cases, folder)
    return folder


@pytest.fixture
def sheet(run: Run, study: Path) -> Path:
    assert run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob")[0] == 0
    return study / "sheets" / "Ann.csv"


def letters(store: StudyStore, question_id: str) -> dict[str, str]:
    """Ann's present key marks of a question by the answer's words."""
    texts = {row.answer_id: row.text for row in store.sheet_rows().values()}
    return {
        texts[mark.answer_id]: mark.value
        for mark in store.marks()
        if (mark.reviewer, mark.question_id, mark.field) == (ANN, question_id, "key")
    }


def fever_2(rows: Rows, **by_answer: str) -> Rows:
    """The marks of fever-2 as given by the answer's first word; everything else as in ``filled``."""
    for row in filled(rows):
        if row["question_id"] == "fever-2":
            row["key_mark"] = by_answer.get(row["answer"].replace(" ", "_"), "0")
    return rows


MARKED = {"antibiotics_now": "A", "call_model-one": "C"}


def test_an_entry_that_is_inserted_or_removed_moves_no_mark(
    run: Run, sheet: Path, study: Path, corrected: Path
) -> None:
    run("review", "import", str(write(fever_2(read(sheet), **MARKED), sheet)))
    code, out, err = run("amend", "key", str(corrected), "--reason", "Fluids were forgotten.", "--map", "fever-2:C=-")
    assert (code, err) == (0, "")
    assert 'A. "fluids" was added.' in out
    assert 'C. "transfer" was removed.' in out
    assert "2 marks of 2 answers reopened" in out
    with StudyStore.open(study, create=False) as store:
        assert letters(store, "fever-2") == {"antibiotics now": "B"}
        untouched = [row["key_mark"] for row in read(sheet) if row["question_id"] == "fever-1"]
        assert sorted(letters(store, "fever-1").values()) == sorted(untouched)
        (what, _), *_ = store.deviations()
    assert what.startswith("Amendment 1 of the bank (")
    assert "Fluids were forgotten" in what
    assert "The key was corrected of fever-2" in what
    assert "2 marks of 1 person reopened" in what
    ann, *_ = json.loads(run("review", "status", "--json")[1])["reviewers"]
    assert (ann["reviewer"], ann["key"], ann["judgement"], ann["open"]) == ("Ann", 32, 34, 2)


def test_a_sheet_that_went_out_before_is_read_by_the_letters_that_it_shows(
    run: Run, sheet: Path, study: Path, corrected: Path
) -> None:
    rows = fever_2(read(sheet), **MARKED)
    assert run("amend", "key", str(corrected), "--reason", "Fluids.", "--map", "fever-2:C=-")[0] == 0
    code, _, err = run("review", "import", str(write(rows, sheet)))
    assert code == 0
    assert err.count("is not taken, because the question or its key was corrected after this sheet went out") == 2
    with StudyStore.open(study, create=False) as store:
        assert letters(store, "fever-2") == {"antibiotics now": "B"}


def test_what_was_reopened_goes_out_on_a_sheet_of_its_own_and_says_why(
    run: Run, sheet: Path, study: Path, corrected: Path
) -> None:
    run("review", "import", str(write(fever_2(read(sheet), **MARKED), sheet)))
    assert run("amend", "key", str(corrected), "--reason", "Fluids.", "--map", "fever-2:C=-")[0] == 0
    code, out, _ = run(
        "review", "export", "--reviewer", "Ann", "--reviewer", "Bob", "--reopened", "--format", "csv,xlsx"
    )
    assert code == 0
    assert "Bob: nothing to mark" in out
    again = read(study / "sheets" / "Ann-2.csv")
    assert {row["answer"] for row in again} == {"call model-one", "call model-two"}
    assert {row["why_again"] for row in again} == {
        'A. "fluids" was added. C. "transfer" was removed. Letters moved: A is B now, B is C now.'
    }
    assert {row["key"] for row in again} == {"A. fluids; B. antibiotics; C. lumbar puncture"}
    assert not {row["row_id"] for row in again} & {row["row_id"] for row in read(sheet)}
    assert openpyxl.load_workbook(study / "sheets" / "Ann-2.xlsx")["Marks"]["O1"].value == "why_again"
    for row in again:
        row["key_mark"] = "C"
    code, _, err = run("review", "import", str(write(again, study / "again.csv")))
    assert (code, err) == (0, "")
    with StudyStore.open(study, create=False) as store:
        assert letters(store, "fever-2") == {"antibiotics now": "B", "call model-one": "C", "call model-two": "C"}
    assert "nothing to mark" in run("review", "export", "--reviewer", "Ann", "--reopened")[1]


def test_a_dry_run_shows_everything_and_changes_nothing(run: Run, sheet: Path, study: Path, corrected: Path) -> None:
    run("review", "import", str(write(fever_2(read(sheet), **MARKED), sheet)))
    code, out, _ = run("amend", "key", str(corrected), "--dry-run", "--json", "--map", "fever-2:C=-")
    assert code == 0
    shown = json.loads(out)
    (question,) = shown["questions"]
    assert shown["dry_run"] is True
    assert (question["question_id"], question["change"], question["reopened_marks"]) == ("fever-2", "key", 2)
    assert shown["reopened_marks"] == {"Ann": 2}
    assert shown["scores"]["key"] == {"changed": 0, "opened": 10, "closed": 0}
    with StudyStore.open(study, create=False) as store:
        assert letters(store, "fever-2") == {"antibiotics now": "A", "call model-one": "C", "call model-two": "0"}
        assert store.deviations() == []


def test_an_entry_that_may_have_become_another_is_asked_about_and_nothing_changes(
    run: Run, sheet: Path, study: Path, corrected: Path
) -> None:
    run("review", "import", str(write(fever_2(read(sheet), **MARKED), sheet)))
    code, _, err = run("amend", "key", str(corrected), "--reason", "Fluids.")
    assert code == 1
    assert "--map fever-2:C=A" in err
    assert "--map fever-2:C=-" in err
    assert run("amend", "key", str(corrected), "--reason", "Fluids.", "--map", "fever-2:C=A")[0] == 0
    with StudyStore.open(study, create=False) as store:
        assert letters(store, "fever-2") == {"antibiotics now": "B", "call model-one": "A", "call model-two": "0"}


def test_without_a_reason_or_a_change_there_is_no_amendment(
    run: Run, study: Path, corrected: Path, tmp_path: Path
) -> None:
    assert "needs its reason" in run("amend", "key", str(corrected))[2]
    same = written(list(small_bank().cases), tmp_path / "same")
    assert "nothing to amend" in run("amend", "key", str(same), "--reason", "None.")[2]
    assert run("amend", "key", str(corrected), "--reason", "x", "--map", "fever-2")[0] == 2


def test_another_question_sends_its_responses_out_and_its_return_brings_them_back(
    run: Run, sheet: Path, study: Path, bank: Bank, tmp_path: Path
) -> None:
    run("review", "import", str(write(filled(read(sheet)), sheet)))
    with StudyStore.open(study, create=False) as store:
        before, marks = store.responses(), store.marks()
        failed = next(one.ask for one in before if one.ask.question_id == "knee-1")
    other = written(with_key(bank, "knee-1", question="What may it be?"), tmp_path / "other")
    code, out, _ = run("amend", "key", str(other), "--reason", "It was ambiguous.")
    assert code == 0
    assert "The question reads differently." in out
    assert "10 responses out of the study until it is asked again" in out
    with StudyStore.open(study, create=False) as store:
        assert {one.ask.question_id for one in store.responses()} == {"fever-1", "fever-2"}
        assert not [mark for mark in store.marks() if mark.question_id == "knee-1"]
        assert store.stored("model-one") == {(q, n) for q in ("fever-1", "fever-2") for n in range(1, 6)}
        store.keep_failure(ResponseFailure(failed, "timeout", "no answer", before[0].asked_at or NOW, 1))
    back = written(list(bank.cases), tmp_path / "back")
    assert run("amend", "key", str(back), "--reason", "It was not.")[0] == 0
    with StudyStore.open(study, create=False) as store:
        assert store.responses() == before
        assert sorted(map(str, store.marks())) == sorted(str(mark) for mark in map(store.key_history().today, marks))
        assert store.failures() == []
        assert len(store.deviations()) == 2


def test_a_response_that_was_asked_again_has_no_rival(run: Run, study: Path, bank: Bank, tmp_path: Path) -> None:
    other = written(with_key(bank, "knee-1", question="What may it be?"), tmp_path / "other")
    assert run("amend", "key", str(other), "--reason", "Ambiguous.")[0] == 0
    with StudyStore.open(study, create=False) as store:
        store.keep_response(response("knee-1", "model-one", 1, ["gout"]))
    back = written(list(bank.cases), tmp_path / "back")
    assert run("amend", "key", str(back), "--reason", "It was not.")[0] == 0
    with StudyStore.open(study, create=False) as store:
        texts = {one.ask: one.reply.text for one in store.responses() if one.ask.question_id == "knee-1"}
        assert len(texts) == 10, "all are back, and the answer to the other question has left"
        assert "1. gout" not in texts.values()


def test_a_case_that_is_missing_is_refused(run: Run, study: Path, bank: Bank, tmp_path: Path) -> None:
    fewer = written([bank.cases[0]], tmp_path / "fewer")
    code, _, err = run("amend", "key", str(fewer), "--reason", "Deleted.")
    assert code == 1
    assert "lacks knee-1, and a study loses no question without a word" in err


def test_two_amendments_at_once_are_one_and_a_refusal(study: Path, bank: Bank, corrected: Path) -> None:
    with StudyStore.open(study, create=False) as one, StudyStore.open(study, create=False) as other:
        planned = plan_amendment(one.key_history(), load_bank(corrected), [], one.marks_as_given())
        rival = plan_amendment(other.key_history(), load_bank(corrected), [], other.marks_as_given())
        one.amend_bank(planned, "Amendment 1")
        with pytest.raises(StudyConflict, match="amended by another process"):
            other.amend_bank(rival, "Amendment 1, too")
        assert [what for what, _ in other.deviations()] == ["Amendment 1"]


def test_a_page_that_was_loaded_before_marks_by_its_own_letters(
    study: Path, corrected: Path, run: Run, now: datetime
) -> None:
    with StudyStore.open(study, create=False) as store:
        service = MarkingService(store, seed=1)
        shown = json.loads(service.work(ANN, now))
        rows = {row["answer"]: row["row"] for row in shown["rows"]}
        assert run("amend", "key", str(corrected), "--reason", "Fluids.")[0] == 0

        def send(answer: str, value: str) -> str:
            sent = {"id": "a" * 16, "row": rows[answer], "field": "key", "value": value, "seen": ""}
            (read_mark,) = service.read(ANN, [sent], now)
            if isinstance(read_mark, RefusedMark):
                return read_mark.reason
            store.keep_sent_marks([read_mark])
            return "stored"

        assert send("antibiotics now", "A") == "stored"
        assert "corrected after this page was loaded" in send("call model-one", "C")
        assert letters(store, "fever-2") == {"antibiotics now": "B"}
        again = json.loads(service.work(ANN, now))
        assert again["questions"]["fever-2"]["key"][0]["wordings"] == ["fluids"]
        by_answer = {row["answer"]: row for row in again["rows"]}
        assert by_answer["antibiotics now"]["marks"] == {"key": "B"}
        assert by_answer["antibiotics now"]["row"] != rows["antibiotics now"]


def test_the_page_says_why_an_answer_is_open_again(
    run: Run, sheet: Path, study: Path, corrected: Path, now: datetime
) -> None:
    run("review", "import", str(write(fever_2(read(sheet), **MARKED), sheet)))
    assert run("amend", "key", str(corrected), "--reason", "Fluids.", "--map", "fever-2:C=-")[0] == 0
    with StudyStore.open(study, create=False) as store:
        rows = json.loads(MarkingService(store, seed=1).work(ANN, now))["rows"]
    why = {row["answer"]: row["why"] for row in rows if row["why"]}
    assert set(why) == {"call model-one", "call model-two"}
    assert 'A. "fluids" was added.' in why["call model-one"]


def test_commands_say_that_the_bank_on_disk_differs_until_it_is_taken_in(
    run: Run, sheet: Path, study: Path, corrected: Path
) -> None:
    toml = study / "study.toml"
    before = toml.read_text() if toml.exists() else ""
    toml.write_text(f'items = "{corrected}"\n{before}')
    run("review", "import", str(write(filled(read(sheet)), sheet)))
    for command in (("status",), ("review", "export", "--reviewer", "Ann"), ("analyze",), ("mark",)):
        assert "differs from the study's own bank: another key: fever-2." in run(*command)[2], command
    assert run("amend", "key", "--reason", "Fluids.", "--map", "fever-2:C=-")[0] == 0
    assert "differs" not in run("status")[2]


def test_automatic_marks_of_a_corrected_key_are_made_anew(run: Run, study: Path, corrected: Path) -> None:
    assert run("mark")[0] == 0
    code, out, _ = run("amend", "key", str(corrected), "--reason", "Fluids.")
    assert code == 0
    assert "3 automatic marks no longer counted; run samp-eval mark again" in out
    assert json.loads(run("mark", "--json")[1])["new"] == 3


def test_an_upgrade_of_the_marker_changes_nothing_unasked(
    run: Run, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samp_eval.review.markers import key_marker

    assert run("mark")[0] == 0
    monkeypatch.setattr(key_marker, "MARKER_VERSION", "key marker 99")
    with StudyStore.open(study, create=False) as store:
        before = store.marks_as_given()
    code, _, err = run("mark")
    assert code == 1
    assert "Nothing was changed; --upgrade marks every answer again" in err
    with StudyStore.open(study, create=False) as store:
        assert store.marks_as_given() == before
    assert run("mark", "--upgrade")[0] == 0
    assert run("mark")[0] == 0
    with StudyStore.open(study, create=False) as store:
        assert "key marker 99" in store.deviations()[0][0]
