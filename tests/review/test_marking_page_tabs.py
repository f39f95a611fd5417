"""One reviewer with several pages: tabs of a browser, two devices, a page that is reloaded or crashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browsing import needs_chromium, opened, press, saved, says, show, sync_api
from serving import ServedPage
from test_sheets_csv import read, write

from samp_eval.store.study_store import StudyStore

pytestmark = needs_chromium


def marks(store: StudyStore) -> list[tuple[str, str]]:
    return [(one.field, one.value) for one in store.marks()]


def test_two_tabs_without_the_server_lose_nothing(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    one, trouble = opened(browser, served.links["Ann"])
    two = show(one.context.new_page(), served.links["Ann"])
    saved(two)
    served.kill()
    press(one, "0", "2", "0", "2")
    says(two, "#progress-text", "2 of 64")
    press(two, *(["ArrowRight"] * 4), "0", "1")
    says(one, "#progress-text", "3 of 64")
    says(one, "#saved", "6 not saved yet")
    context = one.context
    one.close()
    two.close()
    served.start()
    again = show(context.new_page(), served.links["Ann"])
    saved(again)
    says(again, "#progress-text", "3 of 64")
    assert len(store.marks()) == len(store.mark_history()) == 6
    assert trouble == []


def test_tabs_that_wait_for_the_server_send_each_mark_once(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    one, _ = opened(browser, served.links["Ann"])
    tabs = [one, *(show(one.context.new_page(), served.links["Ann"]) for _ in range(2))]
    saved(tabs[2])
    served.kill()
    for number, tab in enumerate(tabs):
        press(tab, *(["ArrowRight"] * 5 * number), "0", "1")
    says(one, "#saved", "6 not saved yet")
    served.start()
    for tab in tabs:
        saved(tab)
        says(tab, "#progress-text", "3 of 64")
    assert len(store.mark_history()) == 6


def test_two_devices_that_differ_are_both_shown_until_the_reviewer_decides(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    desktop, _ = opened(browser, served.links["Ann"])
    tablet, _ = opened(browser, served.links["Ann"])
    press(desktop, "1")
    saved(desktop)
    press(tablet, "2")
    says(tablet, "#undecided", "judgement: right (holds now)")
    says(tablet, "#undecided", "judgement: wrong (from the other page)")
    assert marks(store) == [("judgement", "1")]
    assert [one.value for one in store.mark_history()] == ["1", "0", "1"]
    tablet.reload()
    tablet.wait_for_selector("#undecided button")
    press(tablet, "0")
    says(tablet, "#progress-text", "0 of 64")
    tablet.click("#undecided button:has-text('wrong')")
    says(tablet, "#progress-text", "1 of 64")
    saved(tablet)
    assert sorted(marks(store)) == [("judgement", "0"), ("key", "0")]


def test_a_stale_tab_does_not_put_an_older_mark_over_a_newer_one(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    stale, _ = opened(browser, served.links["Ann"])
    stale.context.set_offline(True)
    press(stale, "2")
    says(stale, "#saved", "1 not saved yet")
    newer, _ = opened(browser, served.links["Ann"])
    press(newer, "1")
    saved(newer)
    stale.context.set_offline(False)
    says(stale, "#undecided", "judgement: right (holds now)")
    assert marks(store) == [("judgement", "1")]


def test_a_comment_that_is_not_left_is_kept(browser: sync_api.Browser, served: ServedPage, store: StudyStore) -> None:
    page, _ = opened(browser, served.links["Ann"])
    page.fill("#comment", "unsure of the dose")
    page.reload()
    page.wait_for_selector("#key button")
    sync_api.expect(page.locator("#comment")).to_have_value("unsure of the dose")
    saved(page)
    assert marks(store) == [("comment", "unsure of the dose")]


def test_a_comment_is_saved_while_it_is_typed_and_read_in_the_other_tab(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"])
    other = show(page.context.new_page(), served.links["Ann"])
    press(page, "/")
    page.keyboard.type("unsure of the dose")
    sync_api.expect(other.locator("#comment")).to_have_value("unsure of the dose")
    saved(page)
    page.keyboard.type(", ask")
    saved(page)
    sync_api.expect(page.locator("#comment")).to_be_focused()
    assert marks(store) == [("comment", "unsure of the dose, ask")]
    assert len(store.mark_history()) <= 4, "not a mark for every letter"


def test_a_comment_of_a_tab_that_crashed_is_sent_by_the_next_one(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"])
    page.evaluate("window.addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true)")
    page.evaluate(
        "window.setTimeout = () => 0"
    )  # neither the pause ends after which it is sent, nor does it say goodbye
    page.fill("#comment", "unsure")
    row = page.evaluate("document.getElementById('comment').dataset.row")
    context = page.context
    page.close()
    again = show(context.new_page(), served.links["Ann"])
    sync_api.expect(again.locator("#comment")).to_have_value("unsure")
    assert again.evaluate("document.getElementById('comment').dataset.row") == row
    saved(again)
    assert marks(store) == [("comment", "unsure")]


def test_marks_that_wait_from_before_the_queue_changed_are_sent(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, _ = opened(browser, served.links["Ann"])
    path = "/r/" + served.links["Ann"].split("/r/")[1] + "marks"
    row = page.evaluate("document.getElementById('comment').dataset.row")
    former = [{"row": row, "field": "key", "value": "A"}, {"row": row, "field": "judgement", "value": "1"}]
    page.evaluate("([name, value]) => localStorage.setItem(name, value)", [f"samp-eval:{path}", json.dumps(former)])
    page.reload()
    says(page, "#progress-text", "1 of 64")
    saved(page)
    assert marks(store) == [("key", "A"), ("judgement", "1")]


def test_without_storage_the_page_still_sends_what_is_marked(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); } }")
    press(page, "a", "1")
    saved(page)
    assert marks(store) == [("key", "A"), ("judgement", "1")]
    assert trouble == []


def test_a_mark_that_only_an_import_says_is_kept_when_the_reviewer_gives_it(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore, tmp_path: Path, run: Callable[..., Any]
) -> None:
    page, trouble = opened(browser, served.links["Ann"])
    shown = page.inner_text("#answer")
    page.close()
    assert run("review", "export", "--reviewer", "Ann", "--out", str(tmp_path / "out"))[0] == 0
    rows = [{**row, "key_mark": "A", "judgement_mark": "1"} for row in read(tmp_path / "out" / "Ann.csv")]
    assert run("review", "import", str(write(rows, tmp_path / "filled.csv")))[0] == 0
    again, _ = opened(browser, served.links["Ann"])
    assert again.inner_text("#answer") == shown
    press(again, "a", "a", "1")
    saved(again)
    assert len(store.mark_history()) == 2 * len(rows) + 2
    assert run("review", "withdraw", "1", "--reason", "It was the wrong file.")[0] == 0
    assert marks(store) == [("key", "A"), ("judgement", "1")]
    assert trouble == []
