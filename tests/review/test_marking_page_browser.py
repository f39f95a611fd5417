"""The marking page in a real Chromium: keyboard alone, a killed server, two reviewers, hostile answers."""

from __future__ import annotations

from browsing import needs_chromium, opened, press, saved, says, show, sync_api
from serving import ServedPage

from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

pytestmark = needs_chromium


def test_fifty_answers_by_keyboard_alone_through_a_killed_server(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    shown = []
    for number in range(50):
        shown.append(page.inner_text("#answer"))
        press(page, "a" if number % 2 else "0", "1" if number % 3 else "2")
        if number % 2 and not number % 3:  # by the key, but wrong: the page asks
            press(page, "Enter")
        if number == 20:
            served.kill()
        if number == 30:
            says(page, "#saved", "not saved yet")
            served.start()
    saved(page)
    says(page, "#progress-text", "50 of 64")
    rows = {row.answer_id: row for row in store.sheet_rows().values() if row.reviewer == Reviewer("Ann")}
    marks = [one for one in store.marks() if one.reviewer == Reviewer("Ann")]
    assert len(marks) == 100
    assert len({rows[one.answer_id].text for one in marks}) == 50
    by_text = {(rows[one.answer_id].text, one.field): one.value for one in marks}
    plain = [(number, text) for number, text in enumerate(shown) if (text, "key") in by_text]
    assert len(plain) >= 45, "the other texts are shown with their hidden characters named"
    for number, text in plain:
        assert by_text[text, "key"] == ("A" if number % 2 else "0")
        assert by_text[text, "judgement"] == ("1" if number % 3 else "0")
    assert trouble == []


def test_marks_given_without_a_connection_survive_a_closed_tab(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"])
    saved(page)
    served.kill()
    press(page, "a", "1", "0", "2")
    says(page, "#saved", "4 not saved yet")
    context = page.context
    page.close()
    served.start()
    again = show(context.new_page(), served.links["Ann"])
    saved(again)
    says(again, "#progress-text", "2 of 64")
    assert sorted(one.value for one in store.marks()) == ["0", "0", "1", "A"]


def test_two_reviewers_at_once(browser: sync_api.Browser, served: ServedPage, store: StudyStore) -> None:
    first, _ = opened(browser, served.links["Ann"])
    second, _ = opened(browser, served.links["Bob"])
    for _ in range(10):
        press(first, "a", "1")
        press(second, "0", "2")
    saved(first)
    saved(second)
    values = {name: {one.value for one in store.marks() if one.reviewer == Reviewer(name)} for name in ("Ann", "Bob")}
    assert values == {"Ann": {"A", "1"}, "Bob": {"0"}}
    assert len(store.marks()) == 40


def test_undo_harm_comment_and_guide(browser: sync_api.Browser, served: ServedPage, store: StudyStore) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    answer = page.inner_text("#answer")
    press(page, "a", "1", "Backspace")
    assert page.inner_text("#answer") == answer
    press(page, "/")
    page.keyboard.type("abc 123 =1+1")
    press(page, "Escape", "?")
    sync_api.expect(page.locator("#guide")).to_be_visible()
    press(page, "Escape")
    saved(page)
    assert {one.field: one.value for one in store.marks()} == {"key": "A", "comment": "abc 123 =1+1"}
    assert trouble == []


def test_hostile_answers_are_text(browser: sync_api.Browser, served: ServedPage) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    seen = set()
    for _ in range(64):
        seen.add(page.inner_text("#answer"))
        press(page, "ArrowRight")
    assert "<script>alert(1)</script> & bold" in seen
    assert "gnorts and hidden" in seen, "a reading leaves out what nobody sees"
    assert page.locator("#answer b, #answer script").count() == 0
    assert trouble == []


def test_a_wrong_link_says_what_to_do(browser: sync_api.Browser, served: ServedPage) -> None:
    page = browser.new_page()
    page.goto(served.links["Ann"][:-3] + "zz/")
    assert "This link is not known" in page.inner_text("body")


def test_every_control_has_a_name_and_no_size_overflows(browser: sync_api.Browser, served: ServedPage) -> None:
    page, _ = opened(browser, served.links["Ann"])
    unnamed = page.eval_on_selector_all(
        "button, input, textarea, progress",
        "all => all.filter(one => !(one.innerText || one.ariaLabel || one.labels?.length)).map(one => one.outerHTML)",
    )
    assert unnamed == []
    for width, height in ((1366, 768), (1024, 768), (820, 1180), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{width} x {height}"
