"""``samp-eval review plan``, ``reassign`` and ``status``, and what follows the plan, on both databases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_study import bank_of_24, response
from test_sheets_csv import read, write

from samp_eval.items.forms.registry import write_cases
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.review.page.marking_service import MarkingService
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
PANEL = ("Ann", "Bob", "Cy", "Di")


@pytest.fixture
def study_folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Kept in study.db, and kept on PostgreSQL."""
    return new_study(tmp_path)


@pytest.fixture
def bank() -> Bank:
    """Six cases with four questions each."""
    return bank_of_24()


@pytest.fixture
def responses(bank: Bank) -> list[Response]:
    """Both say fever; what else they say is wrong, and each respondent's own."""
    return [
        response(question.id, name, 1, ["fever", f"something of {name}"])
        for name in ("model-one", "model-two")
        for _, question in bank.asked()
    ]


def plan(run: Run, *options: str, reviewers: tuple[str, ...] = PANEL) -> dict[str, Any]:
    named = [word for name in reviewers for word in ("--reviewer", name)]
    code, out, err = run("review", "plan", *named, *options, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def sheets(run: Run, study: Path) -> dict[str, list[dict[str, str]]]:
    """The newest sheet of each reviewer who has one."""
    code, out, err = run("review", "export", "--json")
    assert code == 0, err
    return {sheet["reviewer"]: read(Path(sheet["files"][0])) for sheet in json.loads(out)["sheets"] if sheet["files"]}


def fill(run: Run, study: Path, name: str, rows: list[dict[str, str]], *, wrong_key: str = "0") -> None:
    """Mark as the key says; what is no fever gets ``wrong_key``."""
    for row in rows:
        right = row["answer"] == "fever"
        row |= {"key_mark": "A" if right else wrong_key, "judgement_mark": "1" if right else "0"}
    code, _, err = run("review", "import", str(write(rows, study / f"back-{name}.csv")))
    assert code == 0, err


def test_sheets_and_the_page_show_what_the_plan_assigns(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "4")
    pairs = Counter(tuple(sorted(who["reviewers"])) for who in made["questions"].values())
    assert sorted(pairs.values()) == [4] * 6
    assert made["loads"]["spread"] <= 0.03
    found = sheets(run, study)
    for name in PANEL:
        own = {
            question
            for question, who in made["questions"].items()
            if name in who["reviewers"] or name in who["compared"]
        }
        assert {row["question_id"] for row in found[name]} == own
        page = json.loads(MarkingService(store, seed=1).work(Reviewer(name), datetime.now(UTC)))
        assert {row["question"] for row in page["rows"]} == own
    on_sheets = Counter(row["question_id"] for rows in found.values() for row in rows)
    assert sorted(Counter(on_sheets.values()).items()) == [(2 * 3, 20), (4 * 3, 4)]


def test_nobody_outside_the_plan_gets_a_sheet(run: Run, study: Path) -> None:
    plan(run)
    code, _, err = run("review", "export", "--reviewer", "Eve")
    assert code == 1
    assert "Eve is not in the study's plan of who marks what, which has Ann, Bob, Cy, Di" in err
    assert run("review", "serve", "--reviewer", "Eve")[0] == 1


def test_any_two_of_the_panel_settle_an_answer(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "4")
    found = sheets(run, study)
    for name in PANEL[:-1]:
        fill(run, study, name, found[name])
    status = json.loads(run("review", "status", "--json")[1])
    open_answers = {who["reviewer"]: who["open"] for who in status["reviewers"]}
    assert open_answers == {"Ann": 0, "Bob": 0, "Cy": 0, "Di": len(found["Di"])}
    without_di = [question for question, who in made["questions"].items() if "Di" not in who["reviewers"]]
    scored = scored_questions(store)
    assert scored == set(without_di)
    fill(run, study, "Di", found["Di"])
    assert scored_questions(store) == set(made["questions"])


def scored_questions(store: StudyStore) -> set[str]:
    from samp_eval.api.loaded_study import stored_study
    from samp_eval.study import Study

    table = stored_study(store, Study(), store.marks()).table
    return set(table[(table["basis"] == "key") & table["score_percent"].notna()]["question_id"])


def score_table(store: StudyStore) -> list[tuple[Any, ...]]:
    from samp_eval.api.loaded_study import stored_study
    from samp_eval.study import Study

    table = stored_study(store, Study(), store.marks()).table
    return sorted(table[["question_id", "respondent", "basis", "score_percent"]].itertuples(index=False, name=None))


def marks_of(name: str, question: str, answers: list[str], value: str) -> list[Mark]:
    fields: dict[MarkField, str] = {"key": value, "judgement": "0" if value == "0" else "1"}
    return [
        Mark(Reviewer(name), question, answer, field, written, datetime.now(UTC), "test")
        for answer in answers
        for field, written in fields.items()
    ]


def test_marks_outside_the_plan_and_of_the_common_set_change_no_score(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "4")
    found = sheets(run, study)
    compared = next(question for question, who in made["questions"].items() if who["compared"])
    other = next(question for question, who in made["questions"].items() if not who["compared"])
    third = made["questions"][compared]["compared"][0]
    outsider = next(name for name in PANEL if name not in made["questions"][other]["reviewers"])
    for name in PANEL:
        fill(run, study, name, found[name])
    before = score_table(store)
    answers = {row.answer_id for row in store.sheet_rows().values() if row.question_id == other}
    in_common = {row.answer_id for row in store.sheet_rows().values() if row.question_id == compared}
    store.add_marks([*marks_of(outsider, other, list(answers), "B"), *marks_of(third, compared, list(in_common), "0")])
    assert score_table(store) == before
    assert json.loads(run("review", "adjudicate", "--json")[1])["disagreements"] == 0
    agreement = json.loads(run("agreement", "--replicates", "100", "--json")[1])
    assert agreement["bases"]["key"]["percent"]["value"] < 100


@pytest.mark.slow
def test_what_the_pair_disputes_goes_to_a_third_person(run: Run, study: Path) -> None:
    plan(run, "--common", "0")
    found = sheets(run, study)
    for name in PANEL:
        fill(run, study, name, found[name], wrong_key="B" if name == "Ann" else "0")
    of_ann = sum(row["answer"] != "fever" for row in found["Ann"])
    assert json.loads(run("review", "adjudicate", "--json")[1])["disagreements"] == of_ann


@pytest.mark.slow
def test_severity_and_pairs_stand_in_the_agreement_and_the_report(run: Run, study: Path, store: StudyStore) -> None:
    plan(run, "--common", "4")
    found = sheets(run, study)
    for number, name in enumerate(PANEL):
        for place, row in enumerate(found[name]):
            credits = (place + number) % 3 == 0 or (name == "Ann" and place % 2 == 0)
            row |= {"key_mark": "A" if credits else "0", "judgement_mark": "1" if credits else "0"}
        assert run("review", "import", str(write(found[name], study / f"{name}.csv")))[0] == 0
    severity = json.loads(run("agreement", "--replicates", "100", "--json")[1])["details"]["key"]["severity"]
    assert sum(who["value"] for who in severity["reviewers"].values()) == pytest.approx(0, abs=1e-9)
    assert min(severity["reviewers"], key=lambda name: severity["reviewers"][name]["value"]) == "Ann"
    assert "Severity" in run("agreement", "--replicates", "100")[1]
    code, _, err = run("report")
    assert code == 0, err
    page = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert "Severity of the reviewers" in page
    assert "Whole questions were given to two of four reviewers" in page


def test_handed_over_work_moves_and_marks_stay(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "0")
    found = sheets(run, study)
    for name in PANEL[:-1]:
        fill(run, study, name, found[name])
    half = len(found["Di"]) // 2
    begun = found["Di"][: half + 1]  # ends inside a question
    fill(run, study, "Di", begun)
    code, out, err = run("review", "reassign", "Di", "Eve", "--reason", "Di fell ill.")
    assert code == 0, err
    assert "Eve takes over" in out
    later = sheets(run, study)
    assert set(later) == {"Eve"}
    assert {(row["question_id"], row["answer"]) for row in later["Eve"]} == {
        (row["question_id"], row["answer"]) for row in found["Di"][half + 1 :]
    }
    fill(run, study, "Eve", later["Eve"])
    assert scored_questions(store) == set(made["questions"])
    deviations = [what for what, _ in store.deviations()]
    assert any("Open questions of Di were handed over" in what and "Di fell ill." in what for what in deviations)
    handed_over = score_table(store)
    with_di = [replace(mark, reviewer=Reviewer("Di")) for mark in store.marks() if mark.reviewer.name == "Eve"]
    store.add_marks(with_di)  # as if Di had gone on: the same figures
    assert score_table(store) == handed_over


def test_a_question_is_not_handed_to_its_other_side(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "2")
    code, _, err = run("review", "reassign", "Di", "Ann")
    assert code == 1
    assert "Ann cannot take over" in err
    assert "must not mark the other side" in err
    assert run("review", "reassign", "Di", "Ann", "Bob", "Cy")[0] == 0
    held = store.assignment_plan()
    assert held is not None
    for question in made["questions"]:
        holders = held.holders(question)
        assert len(set(holders)) == 2
        assert "Di" not in holders
    code, _, err = run("review", "reassign", "Di", "Ann", "Bob")
    assert code == 1
    assert "nothing to hand over" in err


def test_an_author_does_not_mark_the_case_and_does_not_take_it_over(run: Run, study: Path) -> None:
    made = plan(run, "--author", "Ann=case-1", "--author", "Ann=case-2", "--common", "2")
    own = [who for question, who in made["questions"].items() if question[1] in "12"]
    assert not any("Ann" in (*who["reviewers"], *who["compared"]) for who in own)
    assert run("review", "plan", "--reviewer", "Ann", "--reviewer", "Bob", "--author", "Ann=nothing")[0] == 1


def test_whole_cases(run: Run, study: Path) -> None:
    made = plan(run, "--by-case", "--common", "0")
    pairs: dict[str, set[tuple[str, ...]]] = {}
    for question, who in made["questions"].items():
        pairs.setdefault(question[:2], set()).add(tuple(who["reviewers"]))
    assert [len(of_case) for of_case in pairs.values()] == [1] * 6


@pytest.mark.slow
def test_a_plan_after_marks_is_a_deviation_and_keeps_who_marked(run: Run, study: Path, store: StudyStore) -> None:
    made = plan(run, "--common", "0")
    assert plan(run, "--common", "0", "--seed", "9") != made  # before any mark
    made = plan(run, "--common", "0")
    found = sheets(run, study)
    fill(run, study, "Ann", found["Ann"])
    named = [word for name in (*PANEL, "Eve") for word in ("--reviewer", name)]
    code, _, err = run("review", "plan", *named)
    assert code == 1
    assert "give its --reason" in err
    again = plan(run, "--common", "0", "--reason", "Eve joined.", reviewers=(*PANEL, "Eve"))
    for question, who in made["questions"].items():
        if "Ann" in who["reviewers"]:
            assert again["questions"][question] == who
    assert any("Eve" in who["reviewers"] for who in again["questions"].values())
    assert any("Eve joined." in what for what, _ in store.deviations())
    assert again["loads"]["questions"]["Eve"] >= 6


def test_a_plan_after_marking_began_without_one_goes_on_with_who_marked(run: Run, study: Path) -> None:
    run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob")
    rows = read(study / "sheets" / "Ann.csv")
    first = rows[0]["question_id"]
    fill(run, study, "Ann", [row for row in rows if row["question_id"] == first])
    code, _, err = run("review", "plan", "--reviewer", "Cy", "--reviewer", "Di", "--reason", "Others.")
    assert code == 1
    assert "Ann marked answers already" in err
    made = plan(run, "--reason", "Two more reviewers joined.")
    assert "Ann" in made["questions"][first]["reviewers"]


def test_status_tells_pace_and_end_and_who_is_silent(run: Run, study: Path, store: StudyStore) -> None:
    plan(run, "--common", "0")
    found = sheets(run, study)
    fill(run, study, "Ann", found["Ann"][:12])
    status = {who["reviewer"]: who for who in json.loads(run("review", "status", "--json")[1])["reviewers"]}
    ann = status["Ann"]
    assert (ann["questions"], ann["assigned"], ann["open"], ann["per_day"]) == (12, 36, 24, 12.0)
    assert ann["done_by"] == str((datetime.now(UTC) + timedelta(days=2)).date())
    assert status["Bob"]["done_by"] is None
    assert "done by" in run("review", "status")[1]
    silent = json.loads(run("review", "status", "--stale", "7", "--json")[1])["reviewers"]
    assert {who["reviewer"] for who in silent} == {"Bob", "Cy", "Di"}
    assert "never" in run("review", "status", "--stale", "7")[1]


def test_the_pace_counts_from_the_first_row(store: StudyStore, run: Run, study: Path) -> None:
    from samp_eval.review.people.reviewer_progress import review_progress

    run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob")
    fill(run, study, "Ann", read(study / "sheets" / "Ann.csv")[:36])
    bank = store.bank()
    assert bank is not None
    now = datetime.now(UTC) + timedelta(days=4)
    rows = list(store.sheet_rows().values())
    found = review_progress(bank, store.responses(), rows, store.marks(), (), now=now)
    ann = next(who for who in found.reviewers if who.reviewer == "Ann")
    assert (ann.assigned, ann.open, ann.per_day) == (None, 36, 9.0)
    assert ann.done_by == (now + timedelta(days=4)).date()
    assert found.only_silent(5, now).reviewers == tuple(who for who in found.reviewers if who.reviewer == "Bob")
    for listed in (("Ann", "Bob"), ("Bob", "Ann")):
        again = review_progress(bank, store.responses(), reversed(rows), store.marks(), listed, now=now)
        assert tuple(who.reviewer for who in again.reviewers) == listed, "as in the study file, whatever the store says"


def test_questions_that_no_plan_knows_are_named(run: Run, study: Path, store: StudyStore) -> None:
    plan(run, "--common", "0")
    held = store.assignment_plan()
    assert held is not None
    fewer = {question: seats for question, seats in held.seats.items() if question != "q11"}
    store.keep_assignment_plan(replace(held, seats=fewer))
    assert "1 question is in no plan" in run("review", "status")[2]
    assert not any(row["question_id"] == "q11" for rows in sheets(run, study).values() for row in rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reviewer", "Ann", "--each", "2"), "2 of 1 reviewers cannot mark each question"),
        ((), "who marks? give --reviewer NAME for each"),
        (("--reviewer", "Ann", "--reviewer", "Bob", "--author", "Cy=case-1"), "the author Cy is not among"),
    ],
)
def test_what_cannot_be_planned_is_refused(run: Run, study: Path, options: tuple[str, ...], words: str) -> None:
    code, _, err = run("review", "plan", *options)
    assert code == 1
    assert words in err


def test_two_reviewers_need_no_plan_and_are_told_so(run: Run, study: Path) -> None:
    code, _, err = run("review", "plan", "--reviewer", "Ann", "--reviewer", "Bob")
    assert code == 0
    assert "everyone marks everything" in err
    assert run("review", "reassign", "Ann", "Bob")[0] == 1


def test_the_author_of_a_case_by_the_banks_files_does_not_mark_it(
    run: Run, study: Path, bank: Bank, tmp_path: Path
) -> None:
    wrote = {"case-1": ("  ann ", "Zoe"), "case-2": ("Bob",)}
    cases = [case.model_copy(update={"written_by": wrote.get(case.id, ())}) for case in bank.cases]
    write_cases(cases, tmp_path / "named")
    file = study / "study.toml"
    held = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"items = {json.dumps(str(tmp_path / 'named'))}\n{held}", encoding="utf-8")
    code, out, err = run("review", "plan", *(word for name in PANEL for word in ("--reviewer", name)), "--common", "4")
    assert (code, err) == (0, ""), "the bank is the study's: names are no part of its hash"
    assert "Ann wrote case-1 and does not mark it." in out
    made = plan(run, "--author", "Cy=case-2")
    assert made["authors"] == {"Ann": ["case-1"], "Bob": ["case-2"], "Cy": ["case-2"]}
    for case in bank.cases[:2]:
        not_marking = {name for name, own in made["authors"].items() if case.id in own}
        for question in case.questions:
            assert not not_marking.intersection(made["questions"][question.id]["reviewers"])
            assert not not_marking.intersection(made["questions"][question.id]["compared"])
