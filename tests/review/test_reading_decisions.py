"""How texts were read, out to a person and back: what is decided holds everywhere, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samp_eval.answers.decisions import places_of
from samp_eval.answers.distinct import answer_id_of, line_id_of
from samp_eval.answers.text_ids import row_id_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

Run = Callable[..., tuple[int, str, str]]
Rows = dict[str, dict[str, str]]

LISTED = "1. Active cancer\n2. Recent surgery\n3. Estrogen therapy"
ON_ONE_LINE = "Active cancer, recent surgery, and estrogen therapy."
OPEN = "It is A or C."
TEXTS = {"clot-1": {"m1": LISTED, "m2": ON_ONE_LINE, "m3": ON_ONE_LINE}, "clot-2": {"m1": "C", "m2": OPEN, "m3": "B"}}


@pytest.fixture
def bank() -> Bank:
    key = tuple(KeyEntry(answer=words) for words in ("Active cancer", "Recent surgery", "Estrogen therapy"))
    options = ("Amlodipine", "Lisinopril", "Metoprolol", "Nitroglycerin", "Verapamil")
    written = Question(id="clot-1", question="What risk factors do you ask about?", requested=3, key=key)
    chosen = Question(
        id="clot-2",
        question="Which drug comes first?",
        requested=1,
        format="single",
        options=options,
        key=(KeyEntry(answer="Metoprolol"),),
    )
    return bank_of(
        [SampCase(id="clot", topic="Clots", stem="A swollen leg.", questions=(written, chosen))], location="b"
    )


@pytest.fixture
def responses() -> list[Response]:
    return [
        Response(Ask(question, respondent, 1, Condition()), Reply(text, respondent), None)
        for question, texts in TEXTS.items()
        for respondent, text in texts.items()
    ]


@pytest.fixture
def table(run: Run, study: Path) -> Path:
    assert run("responses", "lines", "--out", str(study / "lines.csv"))[0] == 0
    return study / "lines.csv"


def read(file: Path) -> Rows:
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
    return {row["row_id"]: row for row in rows}


def write(rows: Rows, file: Path) -> str:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(next(iter(rows.values()))))
        writer.writeheader()
        writer.writerows(rows.values())
    return str(file)


def change(file: Path, question: str, text: str, **cells: str) -> str:
    rows = read(file)
    rows[row_id_of(question, text)] |= cells
    return write(rows, file)


def lines_of(run: Run, question: str, respondent: str) -> list[str]:
    shown = json.loads(run("responses", "show", question, "--respondent", respondent, "--json")[1])
    return [line["option"] or line["text"] for line in shown["lines"] if line["counted"]]


THREE = {"line_1": "Active cancer", "line_2": "recent surgery", "line_3": "estrogen therapy"}


def test_each_text_is_one_row_blind_to_who_wrote_it(table: Path) -> None:
    rows = read(table)
    assert len(rows) == 5, "m2 and m3 wrote the same"
    header = "row_id,question_id,shape,doubtful,reason,text,line_1,line_2,line_3"
    assert table.read_text(encoding="utf-8-sig").splitlines()[0] == header
    assert not any(name in table.read_text(encoding="utf-8") for name in ("m1", "m2", "m3"))
    doubtful = {row["text"]: row["reason"] for row in rows.values() if row["doubtful"] == "yes"}
    assert set(doubtful) == {ON_ONE_LINE, OPEN}
    assert "several answers on one line" in doubtful[ON_ONE_LINE]
    assert rows[row_id_of("clot-2", "C")]["line_1"] == "C. Metoprolol"


def test_a_decision_holds_for_every_response_with_the_text(run: Run, table: Path) -> None:
    change(table, "clot-1", ON_ONE_LINE, **THREE)
    assert run("responses", "lines", "--in", change(table, "clot-2", OPEN, line_1="(C)"), "--by", "Ann")[0] == 0
    for respondent in ("m2", "m3"):
        assert lines_of(run, "clot-1", respondent) == ["Active cancer", "recent surgery", "estrogen therapy"]
    assert lines_of(run, "clot-2", "m2") == ["Metoprolol"]
    shown = json.loads(run("responses", "show", "clot-1", "--respondent", "m2", "--json")[1])
    assert shown["reading"]["decided_by"] == "Ann"
    assert ON_ONE_LINE[shown["lines"][1]["start"] : shown["lines"][1]["end"]] == "recent surgery"
    assert "decided by Ann" in run("responses", "show", "clot-1", "--respondent", "m2")[1]
    assert json.loads(run("responses", "lines", "--doubtful", "--json")[1]) == []
    assert json.loads(run("status", "--json")[1])["readings"] == {}
    assert json.loads(run("mark", "--json")[1])["respondents"][1]["credited"] == 4


def test_the_same_table_changes_nothing_twice_and_an_old_one_takes_nothing_back(
    run: Run, table: Path, study: Path
) -> None:
    untouched = write(read(table), study / "untouched.csv")
    changed = change(table, "clot-1", ON_ONE_LINE, **THREE)
    for _ in range(2):
        assert run("responses", "lines", "--in", changed, "--by", "Ann")[0] == 0
    assert "0 readings decided" in run("responses", "lines", "--in", untouched, "--by", "Bea")[2]
    with StudyStore.open(study, create=False) as store:
        assert [decision.decided_by for decision in store.reading_decisions()] == ["Ann"]


def test_a_doubtful_reading_is_confirmed_by_no(run: Run, table: Path, study: Path) -> None:
    before = lines_of(run, "clot-1", "m2")
    file = change(table, "clot-1", ON_ONE_LINE, doubtful="no")
    assert (
        "1 reading decided by Ann, 1 still to be looked at" in run("responses", "lines", "--in", file, "--by", "Ann")[2]
    )
    assert lines_of(run, "clot-1", "m2") == before
    assert run("responses", "lines", "--out", str(study / "again.csv"))[0] == 0
    assert read(study / "again.csv")[row_id_of("clot-1", ON_ONE_LINE)]["doubtful"] == "decided"


def test_a_decision_can_be_taken_back_and_history_keeps_both(run: Run, table: Path, study: Path) -> None:
    by_rules = read(table)[row_id_of("clot-1", ON_ONE_LINE)]
    assert run("responses", "lines", "--in", change(table, "clot-1", ON_ONE_LINE, **THREE), "--by", "Ann")[0] == 0
    again = study / "again.csv"
    assert run("responses", "lines", "--out", str(again))[0] == 0
    before = {name: by_rules[name] for name in THREE}
    assert run("responses", "lines", "--in", change(again, "clot-1", ON_ONE_LINE, **before), "--by", "Bea")[0] == 0
    assert lines_of(run, "clot-1", "m2") == [ON_ONE_LINE]
    with StudyStore.open(study, create=False) as store:
        assert [(one.decided_by, len(one.answers)) for one in store.reading_decisions()] == [("Ann", 3), ("Bea", 1)]


def test_a_refusal_earns_nothing_and_no_answer_is_a_failure(run: Run, table: Path, study: Path) -> None:
    change(table, "clot-2", OPEN, line_1="(refused)")
    assert run("responses", "lines", "--in", change(table, "clot-2", "B", line_1="(no answer)"), "--by", "Ann")[0] == 0
    readings = json.loads(run("status", "--json")[1])["readings"]
    assert readings["m2"]["refused"] == 1
    assert readings["m3"]["no_answer"] == 1
    assert run("mark")[0] == 0
    assert run("export")[0] == 0
    with (study / "export" / "scores.csv").open(encoding="utf-8-sig") as file:
        scores = {(row["respondent"], row["question_id"]): row["score_percent"] for row in csv.DictReader(file)}
    assert float(scores["m2", "clot-2"]) == 0
    assert ("m3", "clot-2") not in scores


@pytest.mark.parametrize(
    ("question", "text", "cells", "said"),
    [
        ("clot-1", LISTED, {"line_3": "Obesity"}, "row 2, column line_3: 'Obesity' is not in the text"),
        ("clot-1", LISTED, {"line_3": "ecent surger"}, "is not in the text"),
        ("clot-1", LISTED, {"line_3": "active CANCER"}, "is more often here than in the text"),
        ("clot-1", LISTED, {"line_3": "(refused)"}, "stand alone"),
        ("clot-1", ON_ONE_LINE, {"line_1": "..."}, "is not in the text"),
        ("clot-1", LISTED, {"doubtful": "perhaps"}, "found 'perhaps'; allowed: yes, no, decided"),
        ("clot-2", OPEN, {"line_1": "F"}, "'F' is no option of clot-2; allowed: A. Amlodipine"),
        ("clot-2", OPEN, {"line_1": "A. Metoprolol"}, "is no option"),
        ("clot-2", OPEN, {"line_1": "C", "line_2": "metoprolol"}, "is there twice"),
        ("clot-2", OPEN, {"doubtful": "no"}, "holds no line"),
        ("clot-2", OPEN, {"row_id": "qqqqqqqqqqqqqq"}, "is no text of this study"),
    ],
)  # fmt: skip
def test_every_fault_is_named_and_nothing_is_taken(
    run: Run, table: Path, study: Path, question: str, text: str, cells: dict[str, str], said: str
) -> None:
    rows = read(table)
    order = sorted(rows, key=lambda name: name != row_id_of(question, text))
    rows = {name: rows[name] for name in order}
    rows[row_id_of("clot-2", "B")] |= {"line_1": "A. Amlodipine"}
    rows[row_id_of(question, text)] |= cells
    code, _, err = run("responses", "lines", "--in", write(rows, table), "--by", "Ann")
    assert code == 1
    assert said in err
    assert "nothing was taken" in err
    with StudyStore.open(study, create=False) as store:
        assert store.reading_decisions() == []


def test_all_faults_come_together(run: Run, table: Path) -> None:
    change(table, "clot-1", LISTED, line_1="Obesity", line_2="Travel")
    err = run("responses", "lines", "--in", change(table, "clot-2", OPEN, line_1="Z"), "--by", "Ann")[2]
    assert "3 faults in the sheet" in err


def test_options_that_do_not_fit(run: Run, table: Path) -> None:
    assert run("responses", "lines", "--in", str(table))[0] == 2
    assert run("responses", "lines", "--in", str(table), "--compare", "--by", "A")[0] == 2
    code, _, err = run("responses", "lines", "--out", str(table))
    assert code == 1
    assert "may hold corrections" in err


def mark(answer_id: str, field: Any, when: datetime, value: str = "1") -> Mark:
    return Mark(Reviewer("A"), "clot-1", answer_id, field, value, when, "page")


def test_what_a_reviewer_reads_otherwise_is_listed_until_someone_decides(run: Run, study: Path) -> None:
    flagged = answer_id_of("clot-1", "Recent surgery")
    with StudyStore.open(study, create=False) as store:
        store.add_marks([mark(flagged, "misread", datetime(2026, 3, 4, tzinfo=UTC))])
    file = study / "doubtful.csv"
    assert run("responses", "lines", "--doubtful", "--out", str(file))[0] == 0
    row = read(file)[row_id_of("clot-1", LISTED)]
    assert (row["doubtful"], row["reason"]) == ("yes", "a reviewer reads it otherwise")
    assert run("responses", "lines", "--in", change(file, "clot-1", LISTED, doubtful="no"), "--by", "Ann")[0] == 0
    assert LISTED not in {row["text"] for row in json.loads(run("responses", "lines", "--doubtful", "--json")[1])}


def test_the_sheet_has_a_column_for_it(run: Run, study: Path) -> None:
    assert run("review", "export", "--reviewer", "A")[0] == 0
    sheet = study / "sheets" / "A.csv"
    rows = read(sheet)
    row = next(row for row in rows.values() if row["answer"] == "Recent surgery")
    row |= {"key_mark": "B", "judgement_mark": "1", "misread": "1"}
    assert run("review", "import", write(rows, sheet))[0] == 0
    listed = json.loads(run("responses", "lines", "--doubtful", "--json")[1])
    assert LISTED in {row["text"] for row in listed}


def test_a_sheet_of_an_earlier_version_has_no_such_column(run: Run, study: Path) -> None:
    assert run("review", "export", "--reviewer", "A")[0] == 0
    sheet = study / "sheets" / "A.csv"
    rows = read(sheet)
    for row in rows.values():
        del row["misread"]
        row |= {"key_mark": "0", "judgement_mark": "1"}
    code, _, err = run("review", "import", write(rows, sheet))
    assert code == 0, err


def test_marks_of_answers_that_vanish_are_kept(run: Run, table: Path, study: Path) -> None:
    whole, when = answer_id_of("clot-1", ON_ONE_LINE), datetime(2026, 3, 4, tzinfo=UTC)
    with StudyStore.open(study, create=False) as store:
        store.add_marks([mark(whole, "key", when, "A")])
    assert run("responses", "lines", "--in", change(table, "clot-1", ON_ONE_LINE, **THREE), "--by", "Ann")[0] == 0
    with StudyStore.open(study, create=False) as store:
        assert [held.answer_id for held in store.marks()] == [whole]


def test_a_response_marked_line_by_line_is_not_read_otherwise(run: Run, table: Path, study: Path) -> None:
    with StudyStore.open(study, create=False) as store:
        store.add_marks([mark(line_id_of("clot-1", "m3", 1, 1), "key", datetime(2026, 3, 4, tzinfo=UTC), "A")])
    code, _, err = run("responses", "lines", "--in", change(table, "clot-1", ON_ONE_LINE, **THREE), "--by", "Ann")
    assert code == 1
    assert "marked one by one" in err


def test_newer_rules_change_nothing_until_they_are_adopted(run: Run, study: Path) -> None:
    with StudyStore.open(study, create=False) as store:
        store.adopt_reading_rules(1, "as an earlier version read it")
    before = lines_of(run, "clot-2", "m1")
    found = json.loads(run("responses", "lines", "--compare", "--json")[1])
    assert (found["rules"], found["newest"]) == (1, 2)
    changed = {change["row_id"]: change for change in found["changes"]}
    assert changed[row_id_of("clot-2", "C")]["after"] == ["Metoprolol"]
    assert lines_of(run, "clot-2", "m1") == before == ["C"]
    assert run("responses", "lines", "--adopt")[0] == 0
    assert lines_of(run, "clot-2", "m1") == ["Metoprolol"]
    assert json.loads(run("responses", "lines", "--compare", "--json")[1])["changes"] == []
    assert "version 2 of the rules instead of 1" in run("status")[1]


def test_damage_is_noticed_and_a_backup_has_the_decisions(run: Run, table: Path, study: Path) -> None:
    copy = study.with_name(f"{study.name}-copy")
    assert run("responses", "lines", "--in", change(table, "clot-1", ON_ONE_LINE, **THREE), "--by", "Ann")[0] == 0
    assert run("backup", str(copy))[0] == 0
    with StudyStore.open(copy, create=False) as store:
        assert [decision.decided_by for decision in store.reading_decisions()] == ["Ann"]
    with StudyStore.open(study, create=False) as store, store._writing() as connection:
        connection.exec_driver_sql("UPDATE reading_decisions SET answers = '[]'")
    code, out, err = run("check")
    assert code == 1
    assert "reading_decisions" in out + err


def test_places_of_lines() -> None:
    text = "**Active** cancer; (recent) surgery. 癌症与手术"
    assert places_of(["recent surgery", "Active cancer", "手术"], text) == [(20, 35), (2, 17), (40, 42)]
    assert places_of(["cancer", "cancer"], text) == [(11, 17), None]
