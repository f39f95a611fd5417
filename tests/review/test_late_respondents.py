"""A respondent who joins late: its answers go out among hidden repeats, and it has no figures before it is marked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_study import bank_of_24, response
from test_sheets_csv import read, write

from samp_eval.items.samp import Bank
from samp_eval.review.assignment.late_answers import late_sheets
from samp_eval.review.page.marking_service import MarkingService
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, str]]
LATE = "model-three"


@pytest.fixture
def bank() -> Bank:
    """Six cases with four questions each."""
    return bank_of_24()


@pytest.fixture
def responses(bank: Bank) -> list[Response]:
    """Two respondents with two rounds; the second is right more often."""
    found = []
    for number, (_, question) in enumerate(bank.asked()):
        for place, name in enumerate(("model-one", "model-two")):
            for round_number in (1, 2):
                right = (number + round_number + place) % (2 + place) != 0
                lines = ["fever" if right else f"wrong of {name} {round_number}", f"something of {name}"]
                found.append(response(question.id, name, round_number, lines))
    return found


def mark_as_the_key_says(run: Run, study: Path, sheets: dict[str, Rows]) -> None:
    for name, rows in sheets.items():
        for row in rows:
            right = row["answer"] == "fever"
            row |= {"key_mark": "A" if right else "0", "judgement_mark": "1" if right else "0"}
        assert run("review", "import", str(write(rows, study / f"back-{name}.csv")))[0] == 0


def exported(run: Run, *options: str) -> dict[str, Rows]:
    code, out, err = run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob", *options, "--json")
    assert code == 0, err
    return {sheet["reviewer"]: read(Path(sheet["files"][0])) for sheet in json.loads(out)["sheets"] if sheet["files"]}


@pytest.fixture
def joined(run: Run, study: Path, store: StudyStore, bank: Bank) -> int:
    """Everything is marked, then a third model answers; returns how many of its answers are new."""
    mark_as_the_key_says(run, study, exported(run))
    store.keep_respondent(LATE, {"model": LATE})
    for number, (_, question) in enumerate(bank.asked()):
        new = f"something new {number}"
        words = (["fever"], [new], ["fever", new], ["fever", new])[number % 4]
        store.keep_response(response(question.id, LATE, 1, words))
    return 18


def test_a_sheet_of_new_answers_hides_repeats_among_them(run: Run, joined: int, store: StudyStore) -> None:
    before = {mark.place: mark.value for mark in store.marks()}
    rows = store.sheet_rows()
    sheets = exported(run)
    repeats = math.ceil(0.25 * joined)
    for sheet in sheets.values():
        new = [row for row in sheet if row["answer"].startswith("something new")]
        earlier = [row for row in sheet if row not in new]
        assert (len(new), len(earlier)) == (joined, repeats)
        assert not any(row["row_id"] in rows for row in sheet), "the ids of first rows would tell"
        assert not any(row["key_mark"] or row["judgement_mark"] for row in sheet)
        assert {row["question_id"] for row in earlier} <= {row["question_id"] for row in new}
        assert not all(row in earlier for row in sheet[-repeats:]), "at the end they would stand out"
    for row in sheets["Ann"]:
        row |= {"key_mark": "C", "judgement_mark": "1"}
    assert run("review", "import", str(write(sheets["Ann"], Path(store.location.name).parent / "again.csv")))[0] == 0
    after = {mark.place: mark.value for mark in store.marks()}
    assert {place: after[place] for place in before} == before
    assert sum(place[3] for place in after) == 2 * repeats


@pytest.mark.slow
def test_another_export_draws_no_more(run: Run, joined: int) -> None:
    first, again = exported(run), exported(run)
    assert {row["row_id"] for row in first["Ann"]} == {row["row_id"] for row in again["Ann"]}


def test_repeats_can_be_left_out_and_the_agreement_says_what_that_tells(run: Run, study: Path, joined: int) -> None:
    assert len(exported(run, "--repeat-share", "0")["Ann"]) == joined
    found = json.loads(run("agreement", "--replicates", "100", "--json")[1])["late_sheets"]
    assert [(sheet["reviewer"], sheet["new"], sheet["repeats"]) for sheet in found] == [
        ("Ann", joined, 0),
        ("Bob", joined, 0),
    ]
    assert found[0]["respondents"] == [LATE]
    assert found[0]["guessed_percent"] == 100


@pytest.mark.slow
def test_the_agreement_and_the_report_say_how_far_blinding_held(run: Run, study: Path, joined: int) -> None:
    mark_as_the_key_says(run, study, exported(run))
    found = json.loads(run("agreement", "--replicates", "100", "--json")[1])
    assert found["late_sheets"][0]["guessed_percent"] == pytest.approx(100 * 18 / 23)
    assert found["details"]["key"]["within_reviewer"]["Ann"]["percent"]["value"] == 100
    words = "Ann got 18 new answers of model-three"
    assert words in run("agreement", "--replicates", "100")[1]
    assert run("report")[0] == 0
    page = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert words.replace("Ann", "R1") in page
    assert "always guessing that an answer is new would be right for 78%" in page


def test_a_first_sheet_and_one_with_answers_of_all_have_no_hidden_repeats(run: Run, store: StudyStore) -> None:
    first = exported(run)
    assert len(first["Ann"]) == len({row["answer"] + row["question_id"] for row in first["Ann"]})
    for name in ("model-one", "model-two"):
        store.keep_response(response("q11", name, 3, [f"later of {name}"]))
    assert len(exported(run, "--new")["Ann"]) == 2


def test_the_page_shows_a_repeat_until_it_is_marked_then_the_first(run: Run, joined: int, store: StudyStore) -> None:
    def rows() -> Rows:
        found: Rows = json.loads(MarkingService(store, seed=1).work(Reviewer("Ann"), datetime.now(UTC)))["rows"]
        return found

    shown = rows()
    texts = [(row["question"], row["answer"]) for row in shown]
    assert len(texts) == len(set(texts))
    waiting = [row for row in shown if not row["marks"]]
    repeats = [row for row in waiting if not row["answer"].startswith("something new")]
    assert len(repeats) == math.ceil(0.25 * joined)
    assert len(waiting) == joined + len(repeats)
    assert [row["row"] for row in rows()] == [row["row"] for row in shown], "another load draws no more"
    mark_as_the_key_says(run, Path(store.location.name).parent, {"Ann": exported(run)["Ann"]})
    after = rows()
    assert all(row["marks"] for row in after)
    assert {row["row"] for row in repeats}.isdisjoint(row["row"] for row in after)
    assert {(row["question"], row["answer"]) for row in after} == set(texts)


def test_until_marked_there_are_no_figures_and_then_there_are(run: Run, study: Path, joined: int) -> None:
    code, out, err = run("analyze", "--json")
    assert code == 0, err
    terms = {term["term"]: term for term in json.loads(out)["terms"]}
    assert LATE not in terms
    assert all(math.isfinite(term["odds_ratio"]) for term in terms.values())
    assert f"{LATE} has no figures on either basis yet: 6 of its 24 responses are marked" in err
    assert run("report")[0] == 0
    page = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert f"{LATE} has no figures on either basis yet" in page
    assert f"{LATE} answered" not in page
    compared = json.loads(run("compare", "--json")[1])["scores"]
    (late,) = (score for score in compared if score["respondent"] == LATE)
    assert (late["responses"], late["open"]) == (0, 24)
    mark_as_the_key_says(run, study, exported(run))
    code, out, err = run("analyze", "--json")
    assert code == 0
    assert LATE in {term["term"] for term in json.loads(out)["terms"]}
    assert "no figures" not in err


def test_the_first_sheet_is_never_late_however_many_respondents_there_are() -> None:
    """Twelve respondents who share no answer each gave less than a tenth of the first sheet."""
    given_by = {f"answer-{number}": frozenset({f"model-{number % 12}"}) for number in range(24)}
    sent = datetime(2026, 3, 2, tzinfo=UTC)
    rows = [SheetRow(f"row-{name}", Reviewer("Ann"), "question", name, "text", "answer", sent) for name in given_by]
    assert late_sheets(rows, given_by) == []
