"""Many windows and connections at once, in a real Chromium: each window works, and nothing is made or lost twice."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from browsing import needs_chromium, opened, press, saved, says, sync_api
from serving import ServedPage

from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

pytestmark = needs_chromium

WINDOWS, IDLE = 8, 1100
ANSWERS = 64


def test_eight_first_loads_at_once_show_the_same_rows(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    context = browser.new_context()
    windows = [context.new_page() for _ in range(WINDOWS)]
    for window in windows:
        window.evaluate("link => { location.href = link }", served.links["Ann"])  # returns before the page is there
    for window in windows:
        window.wait_for_selector("#key button")
        says(window, "#progress-text", f"of {ANSWERS}")
    assert len({window.inner_text("#answer") for window in windows}) == 1
    rows = [row for row in store.sheet_rows().values() if row.reviewer == Reviewer("Ann")]
    assert len(rows) == len({row.answer_id for row in rows}) == ANSWERS
    press(windows[0], "a", "1")
    saved(windows[0])
    for window in windows:
        says(window, "#progress-text", f"1 of {ANSWERS}")
    assert sorted(mark.value for mark in store.marks()) == ["1", "A"]


def test_marks_are_saved_beside_a_thousand_idle_connections(
    browser: sync_api.Browser, served: ServedPage, store: StudyStore
) -> None:
    address = urlsplit(served.links["Ann"])
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(IDLE)]
    page, trouble = opened(browser, served.links["Ann"])
    for _ in range(10):
        press(page, "a", "1")
    saved(page)
    says(page, "#progress-text", f"10 of {ANSWERS}")
    assert len(store.marks()) == 20
    assert trouble == []
    for connection in idle:
        connection.close()
