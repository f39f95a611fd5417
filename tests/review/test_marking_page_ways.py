"""A physician's ways through the marking page: keys, fingers, the overview, and what the page asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import needs_chromium, opened, press, saved, says, show, sync_api
from serving import ServedPage
from small_study import response

from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank, KeyEntry, Question
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

pytestmark = needs_chromium

TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def long_page(study: Path) -> Iterator[ServedPage]:
    """More than 300 answers."""
    with StudyStore.open(study) as store:
        for number in range(1, 31):
            lines = [f"further answer {number} {line}" for line in range(10)]
            store.keep_response(response("fever-1", "model-three", number, lines))
    page = ServedPage(study, "--reviewer", "Ann")
    yield page
    page.kill()


@pytest.fixture
def bundled_page(tmp_path: Path) -> Iterator[ServedPage]:
    """One answer to each question of the bundled bank."""
    folder = tmp_path / "bundled"
    bank = load_bank()
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for _, question in bank.asked():
            store.keep_response(response(question.id, "model", 1, ["an answer"]))
    page = ServedPage(folder, "--reviewer", "Ann")
    yield page
    page.kill()


def marks(store: StudyStore) -> dict[str, str]:
    return {one.field: one.value for one in store.marks()}


def position(page: sync_api.Page) -> int:
    return int(page.inner_text("#position").split(" ")[0])


def test_correcting_answer_300_takes_five_presses(browser: sync_api.Browser, long_page: ServedPage) -> None:
    page, trouble = opened(browser, long_page.links["Ann"])
    page.uncheck("#go-on")
    press(page, ".", "3", "0", "0", "a", "1", *("ArrowRight",) * 3)
    for correction, pressed in (("b", "[data-value=B]"), ("0", "[data-field=key][data-value='0']")):
        press(page, ".", "3", "0", "0", correction)
        assert position(page) == 300
        sync_api.expect(page.locator(pressed)).to_have_attribute("aria-pressed", "true")
    assert trouble == []


def test_correcting_an_answer_by_finger_takes_four_taps(browser: sync_api.Browser, long_page: ServedPage) -> None:
    page, trouble = opened(browser, long_page.links["Ann"], **TABLET)
    page.tap("#overview-open")
    sync_api.expect(page.locator("#search")).not_to_be_focused()
    page.tap("#found summary >> nth=0")
    if page.locator("[data-at='299']").count() == 0:  # the first question was unfolded, and is folded now
        page.tap("#found summary:has-text('What would you look for')")
    page.tap("[data-at='299']")
    page.tap("#key button[data-value=A]")
    assert position(page) == 300
    sync_api.expect(page.locator("#key button[data-value=A]")).to_have_attribute("aria-pressed", "true")
    assert trouble == []


def test_words_and_filters_find_answers(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, "0", "3", "5", "4", ".")
    sync_api.expect(page.locator("#search")).to_be_focused()
    counts = {name: page.inner_text(f"[data-count={name}]") for name in ("all", "open", "later", "harm", "misread")}
    assert counts == {"all": "64", "open": "63", "later": "1", "harm": "1", "misread": "1"}
    for name, number in (("harm", "1"), ("later", "2"), ("misread", "2")):
        page.check(f"#filters input[value={name}]")
        assert page.locator("#found [data-at]").count() == 1
        assert page.inner_text("#found [data-at] .number") == number
    page.check("#filters input[value=all]")
    page.fill("#search", "further 2 7")
    found = page.locator("#found [data-at]").all_inner_texts()
    assert found
    assert all("further" in text for text in found)
    page.fill("#search", "stiff neck at once antibiotics")
    says(page, "#found", "Nothing is found")
    page.fill("#search", "at once antibiotics")
    press(page, "Enter")
    says(page, "#answer", "antibiotics now")
    says(page, "#question", "What do you do at once?")


def test_what_is_put_aside_comes_when_nothing_else_is_open(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, "4")
    assert position(page) == 2
    for _ in range(63):
        press(page, "0", "2")
    says(page, "#progress-text", "63 of 64")
    assert position(page) == 1
    sync_api.expect(page.locator("#finished")).to_be_hidden()
    press(page, "0", "1")
    says(page, "#finished", "All 64 answers are marked and saved. Thank you: nothing is left to do")
    press(page, ".")
    assert page.inner_text("[data-count=later]") == "0", "marked, it is not put aside any more"


def test_finished_says_what_is_not_saved(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    for _ in range(63):
        press(page, "0", "2")
    saved(page)
    served.kill()
    press(page, "0", "2")
    says(page, "#finished", "leave this page open until all marks are saved")
    served.start()
    says(page, "#finished", "marked and saved")


def test_0_means_what_it_means_in_the_sheet(browser: sync_api.Browser, served: ServedPage, store: StudyStore) -> None:
    page, _ = opened(browser, served.links["Ann"])
    sync_api.expect(page.locator("#zero")).to_be_hidden()
    press(page, "0")
    sync_api.expect(page.locator("#zero")).to_be_visible()
    press(page, "0")
    saved(page)
    assert marks(store) == {"key": "0", "judgement": "0"}
    assert position(page) == 2


def test_harm_is_said_before_the_page_goes_on(browser: sync_api.Browser, served: ServedPage, store: StudyStore) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, "0", "3")
    saved(page)
    assert marks(store) == {"key": "0", "judgement": "0", "harm": "1"}
    assert position(page) == 2
    press(page, "Backspace")
    assert position(page) == 1
    saved(page)
    assert marks(store) == {"key": "0"}


@pytest.mark.parametrize("keys", [("a", "2"), ("2", "a"), ("0", "3", "ArrowLeft", "1")])
def test_contradictory_marks_are_asked_about(
    keys: tuple[str, ...], browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, *keys)
    says(page, "#ask", "Is that meant?")
    saved(page)
    before = marks(store)
    press(page, "0", "1", "2")
    saved(page)
    assert marks(store) == before, "whoever types on does not change what is asked about"
    press(page, "Escape")
    sync_api.expect(page.locator("#ask")).to_be_hidden()
    assert position(page) == 1
    press(page, "ArrowRight", "1", "a")
    sync_api.expect(page.locator("#ask")).to_be_hidden()


def test_what_is_meant_goes_on(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, "a", "2", "Enter", "0", "2")
    assert position(page) == 3
    says(page, "#progress-text", "2 of 64")


def test_an_answer_that_a_correction_has_reopened_says_why(
    browser: sync_api.Browser, served: ServedPage, run: Callable[..., tuple[int, str, str]], tmp_path: Path, bank: Bank
) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    press(page, ".")
    page.fill("#search", "bursitis")
    press(page, "Enter", "0", "2")
    saved(page)
    corrected = [
        case.model_copy(
            update={
                "questions": tuple(
                    one.model_copy(update={"key": (*one.key, KeyEntry(answer="gout"))}) for one in case.questions
                )
            }
        )
        for case in bank.cases
    ]
    write_cases(corrected, tmp_path / "corrected")
    assert run("amend", "key", str(tmp_path / "corrected"), "--reason", "Gout is right too.")[0] == 0
    show(page, served.links["Ann"])
    press(page, ".")
    page.fill("#search", "bursitis")
    press(page, "Enter")
    says(page, "#again", 'Open again, because the key was corrected after you marked it. B. "gout" was added.')
    assert trouble == []


def test_a_page_that_is_open_while_the_key_is_corrected_marks_by_the_letters_that_it_shows(
    browser: sync_api.Browser,
    served: ServedPage,
    store: StudyStore,
    run: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    bank: Bank,
) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    press(page, ".")
    page.fill("#search", "bursitis")
    press(page, "Enter")
    longer = [
        case.model_copy(
            update={
                "questions": tuple(
                    one.model_copy(update={"key": (KeyEntry(answer="gout"), *one.key)}) for one in case.questions
                )
            }
        )
        for case in bank.cases
    ]
    write_cases(longer, tmp_path / "longer")
    assert run("amend", "key", str(tmp_path / "longer"), "--reason", "Gout is right too.")[0] == 0
    press(page, "a")
    saved(page)
    assert [mark.value for mark in store.marks()] == ["B"], "bursitis is B today"
    page.click("[data-field=key][data-value='0']")
    says(
        page,
        "#saved",
        "A mark was refused: the question or its key was corrected after this page was loaded. Reload the page.",
    )
    assert [mark.value for mark in store.marks()] == ["B"], "a 0 says nothing of an entry that the page does not show"
    show(page, served.links["Ann"])
    press(page, ".")
    page.fill("#search", "bursitis")
    press(page, "Enter")
    assert page.get_attribute("#key button[data-value=B]", "aria-pressed") == "true"
    assert trouble == []


def test_an_answer_that_reads_otherwise_is_stored_with_the_study(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"], **TABLET)
    page.tap("[data-act=misread]")
    saved(page)
    (flag,) = store.misread_marks()
    assert store.sheet_rows(Reviewer("Ann"))[
        page.evaluate("document.getElementById('comment').dataset.row")
    ].answer_id == (flag.answer_id)
    page.tap("[data-act=misread]")
    saved(page)
    assert store.misread_marks() == []


def test_after_a_click_the_keys_are_the_pages(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    page.click("#key button[data-value=A]")
    page.click("[data-act=right]")
    assert position(page) == 2
    press(page, "Enter")
    assert position(page) == 3
    page.click("#overview-open")
    page.fill("#search", "1")
    press(page, "Enter", "Enter")
    assert position(page) == 2


def test_the_guide_has_the_keys_of_the_page(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    press(page, "?")
    text = page.inner_text("#guide")
    for words in (
        "1 (right)",
        "2 (wrong)",
        "3 (wrong and could harm)",
        "4 puts an answer aside",
        "5 (not how I read it)",
    ):
        assert words in text
    for words in ("key_mark", "judgement_mark", "column", "row", "sheet may"):
        assert words not in text


def test_what_is_behind_the_key_stands_beside_it(browser: sync_api.Browser, bundled_page: ServedPage) -> None:
    page, trouble = opened(browser, bundled_page.links["Ann"], viewport={"width": 1366, "height": 768})
    question = question_shown(page, load_bank())
    assert question.rationale is not None
    assert page.inner_text("#rationale") == question.rationale
    assert page.inner_text("#source") == str(question.source)
    assert page.locator("#refused li").count() == len(question.not_accepted)
    entry = next(one for one in question.key if len(one.wordings) > 3)
    place = page.locator(".entry", has_text=entry.answer).first
    for wording in entry.wordings[:3]:
        sync_api.expect(place).to_contain_text(wording)
    sync_api.expect(place.locator(".further p")).to_be_hidden()
    place.locator("summary").click()
    sync_api.expect(place.locator(".further p")).to_have_text(" / ".join(entry.wordings[3:]))
    assert trouble == []


def question_shown(page: sync_api.Page, bank: Bank) -> Question:
    text = page.inner_text("#question")
    return next(one for _, one in bank.asked() if text == f"{one.question} {one.instruction}")


IN_VIEW = """() => {
  const bottom = Math.min(document.querySelector("footer").getBoundingClientRect().top,
    document.querySelector(".own").getBoundingClientRect().top);
  const entries = [...document.querySelectorAll("#key button, #answer")];
  const boxes = entries.map((one) => one.getBoundingClientRect());
  return boxes.every((box) => box.top > 0 && box.bottom <= bottom + 6);
}"""


@pytest.mark.parametrize("size", [(1366, 768), (820, 1180)])
def test_the_whole_key_is_in_view_without_scrolling(
    size: tuple[int, int], browser: sync_api.Browser, bundled_page: ServedPage
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    page, _ = opened(browser, bundled_page.links["Ann"], viewport=viewport)
    hidden = []
    for number in range(77):
        if not page.evaluate(IN_VIEW):
            hidden.append(page.inner_text("#question"))
        press(page, "ArrowRight")
        assert position(page) == min(number + 2, 77)
    assert hidden == []


def test_at_200_percent_header_and_footer_leave_room(browser: sync_api.Browser, bundled_page: ServedPage) -> None:
    page, _ = opened(browser, bundled_page.links["Ann"], viewport={"width": 683, "height": 384})
    height = "one => one.getBoundingClientRect().height"
    assert sum(page.locator(name).evaluate(height) for name in ("header", "footer")) < 0.2 * 384
    for name in ("#overview-open", "#guide-open", "#next-open", "#saved"):
        sync_api.expect(page.locator(name)).to_be_in_viewport()


def test_the_next_answer_comes_into_view_by_itself(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"], viewport={"width": 390, "height": 600}, has_touch=True)
    page.tap("#key button[data-value='0']")
    page.tap("[data-act=wrong]")
    assert position(page) == 2
    sync_api.expect(page.locator("#question")).to_be_in_viewport()
    sync_api.expect(page.locator("#answer")).to_be_in_viewport()


def test_a_narrow_page_keeps_the_case_until_its_first_answer_is_marked(
    browser: sync_api.Browser, served: ServedPage
) -> None:
    page = show(browser.new_context(**TABLET).new_page(), served.links["Ann"])
    sync_api.expect(page.locator("#case")).to_be_visible()
    page.tap("#key button[data-value='0']")
    sync_api.expect(page.locator("#case")).to_be_visible()


def test_an_adjudicator_settles_what_is_disputed(
    browser: sync_api.Browser, study: Path, store: StudyStore, run: Callable[..., tuple[int, str, str]]
) -> None:
    page = ServedPage(study, "--reviewer", "Ann", "--reviewer", "Bob", "--adjudicator", "Cy")
    try:
        for name, key in (("Ann", "1"), ("Bob", "2")):
            reviewer, _ = opened(browser, page.links[name])
            reviewer.keyboard.press(".")
            reviewer.fill("#search", "bursitis")
            press(reviewer, "Enter", key)
            saved(reviewer)
        cy, trouble = opened(browser, page.links["adjudicator:Cy"])
        says(cy, "#both", "The reviewers differ: by judgement wrong or right")
        press(cy, "0")
        says(cy, "#finished", "The only answer is marked and saved")
        cy.keyboard.press("?")
        says(cy, "#guide", "What you settle")
        assert trouble == []
        assert [(one.reviewer.label, one.field, one.value) for one in store.marks()][-1] == (
            "adjudicator:Cy",
            "judgement",
            "0",
        )
    finally:
        page.kill()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme: str, browser: sync_api.Browser, bundled_page: ServedPage) -> None:
    axe_core = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    source = next(Path(axe_core.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
    page, _ = opened(browser, bundled_page.links["Ann"], color_scheme=scheme, bypass_csp=True)
    page.evaluate(source)
    for keys in (("a",), (".",), ("Escape", "?")):
        press(page, *keys)
        found = page.evaluate("axe.run(document)")
        assert len(found["passes"]) > 20
        assert [one["id"] for one in found["violations"]] == []
