"""The page of the bank review: over HTTP, in Chromium, and beside sheets; all experts are simulated."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bank_experts import as_candidate, content, fill
from browsing import needs_chromium, press, says, started_browser, sync_api
from serving import ServedPage
from test_bank_review import CASES, bank, change_key, export, questions_of, run, study, take
from test_libreoffice import convert
from test_pair_page import entry, fetched

from samp_eval.items.load import load_bank
from samp_eval.review.bank.review_rows import PAGE, BankRating
from samp_eval.store.study_store import StudyStore

__all__ = ["bank", "study"]

ADA, BO, CY = "Dr. Ada Ng, CCFP", "Dr. Bo Roy", "Dr. Cy Tan"
FIRST = "back-pain-warehouse-1"


class ServedReview(ServedPage):
    """``samp-eval items review serve`` as a process of its own."""

    command = ("items", "review", "serve")


@pytest.fixture
def page(study: Path, bank: Path) -> Iterator[ServedReview]:
    served = ServedReview(study, "--items", str(bank), "--reviewer", BO, "--reviewer", CY)
    yield served
    served.kill()


def said(study: Path) -> list[BankRating]:
    with StudyStore.open(study, create=False) as store:
        return store.bank_ratings()


def rows_by_question(link: str) -> dict[str, Any]:
    return {row["question"]: row for row in fetched(f"{link}work")[1]["rows"]}


def send(link: str, row: str, **values: str) -> list[Any]:
    sent = [entry(row, value, name) for name, value in values.items()]
    found: list[Any] = fetched(f"{link}ratings", sent)[1]["held"]
    return found


def test_the_key_comes_with_the_answers_and_they_stay_as_they_are_then(page: ServedReview, study: Path) -> None:
    link = page.links[BO]
    work = fetched(f"{link}work")[1]
    assert len(work["rows"]) == 8
    assert {row["step"] for row in work["rows"]} == {"answers"}
    assert "Saddle numbness" not in json.dumps(work), "an entry of the key"
    row = rows_by_question(link)[FIRST]["row"]
    send(link, row, answer_1="Bladder problems ")
    assert rows_by_question(link)[FIRST]["step"] == "answers", "an answer that is being written is not finished"
    send(link, row, finished="1")
    shown = rows_by_question(link)[FIRST]
    assert (shown["step"], shown["answers"]) == ("ratings", ["Bladder problems"])
    assert [
        found["key"][0]["letter"] for name, found in fetched(f"{link}work")[1]["questions"].items() if name == FIRST
    ]
    (held,) = send(link, row, answer_1="Saddle numbness")
    assert "stay as they are" in held["refused"]
    assert rows_by_question(page.links[CY])[FIRST]["step"] == "answers"
    file = study.parent / "physicians.csv"
    assert run("items", "review", "report", "--study", study, "--answers", file) == 0
    assert "Bladder problems" in file.read_text(encoding="utf-8-sig")


def test_what_cannot_be_said_is_refused(page: ServedReview, study: Path) -> None:
    link = page.links[BO]
    row = rows_by_question(link)[FIRST]["row"]
    send(link, row, finished="1")
    rated = rows_by_question(link)[FIRST]["row"]
    held = send(link, rated, relevance="5", expected="9", key_wrong="Z", unknown="1", clarity="3", key_right="a,b")
    assert [set(one) for one in held] == [{"refused"}] * 4 + [{"value", "version", "against"}] * 2
    assert held[-1]["value"] == "A, B"
    other = fetched(f"{page.links[CY]}ratings", [entry(rated, "3", "relevance")])[1]["held"]
    assert other == [{"refused": "this question is not on your list"}]
    assert fetched(f"{link}ratings", [entry(rated, "3", "relevance")], origin="http://elsewhere.example")[0] == 403
    assert fetched(f"{link}ratings", {"no": "list"})[0] == 422
    assert {rating.source for rating in said(study)} == {PAGE}


def test_two_devices_that_differ_are_both_kept_and_a_rating_that_comes_twice_counts_once(
    page: ServedReview, study: Path
) -> None:
    link = page.links[BO]
    send(link, rows_by_question(link)[FIRST]["row"], finished="1")
    row = rows_by_question(link)[FIRST]["row"]
    first, second = entry(row, "4", "relevance"), entry(row, "2", "relevance")
    assert fetched(f"{link}ratings", [first, first])[1]["held"][1]["value"] == "4"
    (held,) = fetched(f"{link}ratings", [second])[1]["held"]
    assert (held["value"], held["against"]) == ("4", "2")
    assert rows_by_question(link)[FIRST]["against"] == {"relevance": "2"}
    assert [rating.value for rating in said(study) if rating.field == "relevance"] == ["4", "2", "4"]
    decided = {**entry(row, "2", "relevance"), "seen": held["version"]}
    assert fetched(f"{link}ratings", [decided])[1]["held"][0]["against"] is None
    assert rows_by_question(link)[FIRST]["marks"]["relevance"] == "2"


def test_a_sheet_goes_on_where_the_page_stopped_and_the_key_takes_back_what_it_changes(
    page: ServedReview, study: Path, bank: Path
) -> None:
    link = page.links[BO]
    send(link, rows_by_question(link)[FIRST]["row"], finished="1")
    send(link, rows_by_question(link)[FIRST]["row"], relevance="4", key_right="all")
    (sheet,) = export(study, experts=(BO,)).values()
    assert questions_of(sheet) == [FIRST], "only this question was answered"
    fill(
        sheet, lambda shown: {} if shown["relevance"] != "4" else {"clarity": 3, "expected": 2, "source_current": "yes"}
    )
    assert take(study, sheet) == 0
    shown = rows_by_question(link)[FIRST]
    assert shown["marks"] == {
        "relevance": "4", "key_right": "all", "clarity": "3", "expected": "2", "source_current": "yes"
    }  # fmt: skip
    change_key(study, bank)
    assert rows_by_question(link)[FIRST]["marks"] == {}
    (held,) = send(link, shown["row"], clarity="4")
    assert "corrected after this page was loaded" in held["refused"]


def test_an_empty_folder_says_what_a_review_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("export", "serve"):
        assert run("items", "review", command, "--study", tmp_path) == 1
        error = capsys.readouterr().err
        assert "holds no review of a bank yet" in error
        assert "--reviewer NAME" in error
    assert list(tmp_path.iterdir()) == []


def review_all(window: sync_api.Page, number: int) -> None:
    """Answer and rate every question by keyboard alone."""
    for done in range(number):
        sync_api.expect(window.locator("#answers input").first).to_be_focused()
        window.keyboard.type("Saddle numbness")
        places = window.locator("#answers input").count()
        press(window, *["Enter"] * places)
        sync_api.expect(window.locator("#finish")).to_be_focused()
        press(window, "Enter")
        sync_api.expect(window.locator("#with-key")).to_be_visible()
        press(window, "4", "3", "0", "5", "=")
        window.keyboard.type(f"{0.5 * places}")
        press(window, "Escape")
        says(window, "#still-open", "All is said")
        says(window, "#progress-text", f"{done + 1} of" if done + 1 < number else f"all of {number} rated")
        press(window, " ")


class TestInChromium:
    pytestmark = needs_chromium

    def test_two_tabs_and_a_killed_server(self, page: ServedReview, study: Path) -> None:
        with started_browser() as browser:
            one = browser.new_context().new_page()
            one.goto(page.links[BO])
            says(one, "#progress-text", "0 of 8")
            one.keyboard.type("Saddle numb")
            says(one, "#saved", "All ratings saved")
            one.reload()
            sync_api.expect(one.locator("#answer_1")).to_have_value("Saddle numb")
            one.click("#finish")
            sync_api.expect(one.locator("#with-key")).to_be_visible()
            two = one.context.new_page()
            two.goto(page.links[BO])
            says(two, "#progress-text", "0 of 8")
            press(two, "Escape", "ArrowLeft")
            page.kill()
            press(one, "4", "2", "c", "c")
            sync_api.expect(two.locator("[data-letter=C][data-verdict=no]")).to_have_attribute("aria-pressed", "true")
            press(one, "0", "Backspace")
            says(one, "#still-open", "entries A, B, D")
            says(one, "#saved", "not saved yet")
            page.start()
            says(one, "#saved", "All ratings saved")
            one.fill("#expected", "7")
            says(one, "#expected-problem", "A number from 0 to 4")
        held = {rating.field: rating.value for rating in said(study)}
        assert held["answer_1"] == "Saddle numb"
        assert (held["relevance"], held["clarity"], held["key_wrong"]) == ("4", "2", "C")
        assert "expected" not in held

    def test_the_page_is_accessible_and_fits_a_phone(self, page: ServedReview) -> None:
        axe_core = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
        source = next(Path(axe_core.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
        with started_browser() as browser:
            for width, height in ((1366, 768), (390, 844)):
                window = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True).new_page()
                window.goto(page.links[BO])
                says(window, "#progress-text", "0 of 8")
                window.add_script_tag(content=source)
                for _ in ("with the answers", "with the key"):
                    found = window.evaluate("axe.run(document)")
                    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
                    assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                    if window.locator("#finish").is_visible():
                        window.click("#finish")
                    sync_api.expect(window.locator("#with-key")).to_be_visible()

    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
    def test_three_experts_on_xlsx_and_page_one_late_one_key_changed_between_the_rounds(
        self, study: Path, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def by_libreoffice(sheet: Path, say: Any) -> Path:
            fill(sheet, say)
            return convert(sheet, "xlsx", tmp_path / "back")

        for say in (as_candidate, content):
            (sheet,) = export(study, "--items", bank, experts=(ADA,)).values()
            assert take(study, by_libreoffice(sheet, say)) == 0
        served = ServedReview(study, "--reviewer", BO)
        with started_browser() as browser:
            window = browser.new_context().new_page()
            window.goto(served.links[BO])
            review_all(window, 8)
            says(window, "#saved", "All ratings saved")
            says(window, "#finished-text", "All 8 questions are rated and saved")
            served.kill()
            change_key(study, bank)
            second = ServedReview(study, "--reviewer", BO, "--round", "2")
            window.goto(second.links[BO])
            says(window, "#progress-text", "0 of 8")
            sync_api.expect(window.locator("#with-key")).to_be_visible()
            says(window, "#position", "Question 1 of 8")  # its key has changed: it is rated anew
            press(window, "4", "4", "0", "5", "=")
            window.keyboard.type("2")
            press(window, "Escape", " ")
            says(window, "#said", "expected:")
            window.click("#agree")
            says(window, "#progress-text", "2 of 8")
            says(window, "#saved", "All ratings saved")
            second.kill()
        (again,) = export(study, experts=(ADA,)).values()
        assert questions_of(again) == [FIRST]
        assert take(study, by_libreoffice(again, content)) == 0
        for say in (as_candidate, content):  # the late one
            (sheet,) = export(study, experts=(CY,)).values()
            fill(sheet, say)
            assert take(study, sheet) == 0
        capsys.readouterr()
        assert run("items", "review", "report", "--study", study, "--json") == 0
        found = json.loads(capsys.readouterr().out)
        assert [(one["expert"], one["answered"], one["rated"]) for one in found["experts"]] == [
            (name, 8, 8) for name in (ADA, BO, CY)
        ]
        assert found["relevance"]["average"] == 1
        assert found["rounds"] == 2
        assert run("items", "review", "accept", "--study", study) == 0
        for case in load_bank(bank).cases:
            assert [text.split(", 20")[0] for text in case.reviewed_by] == [ADA, BO, CY]
        assert run("items", "check", bank) == 0
        edited = bank / f"{CASES[1]}.yaml"
        edited.write_text(edited.read_text(encoding="utf-8").replace("topic: ", "topic: X", 1), encoding="utf-8")
        capsys.readouterr()
        assert run("items", "check", bank) == 1
        assert f"changed since its review by {ADA}" in capsys.readouterr().out
