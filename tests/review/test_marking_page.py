"""The marking page over HTTP: what it serves, what it takes, and what it refuses."""

from __future__ import annotations

import csv
import json
import secrets
import stat
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import ServedPage
from small_study import response

from samp_eval.items.samp import Bank
from samp_eval.review.marks import Mark
from samp_eval.review.page.marking_service import SECONDS_GATHERED, MarkingService
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

JSON = {"content-type": "application/json"}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def page(study: Path) -> Iterator[ServedPage]:
    served = ServedPage(study, "--reviewer", "Ann", "--reviewer", "Bob")
    yield served
    served.kill()


def send(url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers by lower-case name, and text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers or {})  # loopback
    try:
        with urllib.request.urlopen(request) as answer:  # loopback
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.read().decode(),
            )
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read().decode()


def mark(row: str, field: str, value: str, seen: str = "") -> dict[str, str]:
    """A mark as the page sends it."""
    return {"id": secrets.token_hex(16), "row": row, "field": field, "value": value, "seen": seen}


def give(link: str, *marks: Any) -> list[dict[str, Any]]:
    """Send marks; what the server says of each."""
    status, _, text = send(f"{link}marks", list(marks), JSON)
    assert status == 200, text
    held: list[dict[str, Any]] = json.loads(text)["held"]
    return held


def work(link: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(send(f"{link}work")[2])
    return found


def test_each_link_shows_its_own_rows_and_marks_only(page: ServedPage) -> None:
    ann, bob = work(page.links["Ann"]), work(page.links["Bob"])
    assert len(ann["rows"]) == len(bob["rows"]) == 34
    assert not {row["row"] for row in ann["rows"]} & {row["row"] for row in bob["rows"]}
    assert "model" not in json.dumps(ann).replace("call model-one", "").replace("call model-two", "")
    given = mark(ann["rows"][0]["row"], "judgement", "1")
    assert give(page.links["Ann"], given) == [{"value": "1", "version": given["id"], "against": None}]
    assert work(page.links["Ann"])["rows"][0]["marks"] == {"judgement": "1"}
    assert not any(row["marks"] for row in work(page.links["Bob"])["rows"])
    assert give(page.links["Bob"], given) == [{"refused": "this answer is not on your list"}]


def test_a_wrong_token_shows_nothing(page: ServedPage) -> None:
    link = page.links["Ann"]
    for path in ("", "work"):
        status, headers, text = send(link[:-5] + "xxxx/" + path)
        assert status == 404
        assert "This link is not known" in text
        assert "content-security-policy" in headers
    assert send(link[:-5] + "xxxx/marks", [], JSON)[0] == 404


def test_headers_are_those_of_a_careful_site(page: ServedPage) -> None:
    _, headers, text = send(page.links["Ann"])
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert "http://" not in text
    assert "https://" not in text
    assert "<script>" not in text


def test_what_another_site_sends_is_refused(page: ServedPage) -> None:
    foreign = [
        ({**JSON, "origin": "http://elsewhere.example"}, 403),
        ({**JSON, "sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({**JSON, "host": "elsewhere.example"}, 400),
    ]
    assert send(f"{page.links['Ann']}marks", [], JSON)[0] == 200
    for headers, status in foreign:
        assert send(f"{page.links['Ann']}marks", [], headers)[0] == status, headers


def test_what_is_no_mark_is_refused_and_the_others_are_saved(page: ServedPage, store: StudyStore) -> None:
    row = work(page.links["Ann"])["rows"][0]["row"]
    no_marks: list[Any] = [
        mark(row, "key", "Z"),
        mark(row, "judgement", "maybe"),
        mark(row, "respondent", "1"),
        mark("bbbbbbbbbb", "key", "A"),
        mark(row, "comment", "x" * 2001),
        mark(row, "comment", "a lone \ud800 surrogate"),
        {**mark(row, "key", "A"), "id": "1"},
        {**mark(row, "key", "A"), "more": "1"},
        "no mark",
        None,
    ]
    held = give(page.links["Ann"], *no_marks, mark(row, "judgement", "1"))
    assert ["refused" in one for one in held] == [*(True for _ in no_marks), False]
    assert [(one.field, one.value) for one in store.mark_history()] == [("judgement", "1")]


def test_what_is_no_list_of_marks_is_refused(page: ServedPage, store: StudyStore) -> None:
    link = page.links["Ann"]
    row = work(link)["rows"][0]["row"]
    bodies: tuple[object, ...] = ({}, "x", 1, [mark(row, "key", "A")] * 1001)
    for body in bodies:
        assert send(f"{link}marks", body, JSON)[0] == 422, body
    assert send(f"{link}marks", [mark(row, "comment", "x" * 2_000_000)], JSON)[0] == 413
    assert store.mark_history() == []


def test_a_mark_taken_back_is_no_mark_and_stays_in_the_history(page: ServedPage, store: StudyStore) -> None:
    row = work(page.links["Ann"])["rows"][0]["row"]
    given = mark(row, "key", "A")
    give(page.links["Ann"], given, mark(row, "key", "", seen=given["id"]))
    assert store.marks() == []
    assert [one.value for one in store.mark_history()] == ["A", ""]


def test_two_pages_of_one_reviewer_see_both_marks_and_decide(page: ServedPage, store: StudyStore) -> None:
    link = page.links["Ann"]
    row = next(one["row"] for one in work(link)["rows"] if one["question"] == "fever-1")
    give(link, mark(row, "key", "A"))
    stale = mark(row, "key", "B")
    (held,) = give(link, stale)
    assert (held["value"], held["against"]) == ("A", "B")
    assert give(link, stale) == [held], "sent twice, taken once"
    shown = next(one for one in work(link)["rows"] if one["row"] == row)
    assert (shown["marks"], shown["against"]) == ({"key": "A"}, {"key": "B"})
    give(link, mark(row, "key", "B", seen=shown["versions"]["key"]))
    shown = next(one for one in work(link)["rows"] if one["row"] == row)
    assert (shown["marks"], shown["against"]) == ({"key": "B"}, {})
    assert [one.value for one in store.mark_history()] == ["A", "B", "A", "B"]


def test_eight_first_loads_at_once_make_one_row_for_each_answer(study: Path, store: StudyStore, bank: Bank) -> None:
    together = threading.Barrier(8)

    def load(_: int) -> list[str]:
        with StudyStore.open(study, create=False) as own:  # as another process has it
            service = MarkingService(own, seed=1)
            together.wait()
            return [row["row"] for row in json.loads(service.work(Reviewer("Ann"), datetime.now(UTC)))["rows"]]

    with ThreadPoolExecutor(8) as pool:
        loads = list(pool.map(load, range(8)))
    assert all(one == loads[0] for one in loads)
    assert len(store.sheet_rows()) == len(loads[0]) == 34


@pytest.mark.slow
def test_answers_that_come_while_the_page_is_served_are_shown(page: ServedPage, store: StudyStore) -> None:
    before = len(work(page.links["Ann"])["rows"])
    store.keep_response(response("fever-2", "model-one", 9, ["a late answer"]))
    until = time.monotonic() + 10 * SECONDS_GATHERED
    while len(work(page.links["Ann"])["rows"]) == before:
        assert time.monotonic() < until
    assert len(work(page.links["Ann"])["rows"]) == before + 1


def test_links_outlive_the_server_and_are_private(page: ServedPage, study: Path) -> None:
    before = dict(page.links)
    page.kill()
    page.start()
    assert page.links == before
    assert stat.S_IMODE((study / "review-links.json").stat().st_mode) == 0o600
    assert len({link.split("/r/")[1] for link in before.values()}) == 2
    assert all(len(link.split("/r/")[1]) >= 32 for link in before.values())


def test_an_adjudicator_sees_both_marks_without_names(study: Path, run: Run) -> None:
    served = ServedPage(study, "--reviewer", "Ann", "--reviewer", "Bob", "--adjudicator", "Cy")
    try:
        for name, value in (("Ann", "1"), ("Bob", "0")):
            rows = [row for row in work(served.links[name])["rows"] if row["question"] == "knee-1"]
            give(served.links[name], *(mark(row["row"], "judgement", value) for row in rows))
        link = served.links["adjudicator:Cy"]
        (row,) = work(link)["rows"]
        assert (row["question"], row["both"]) == ("knee-1", {"judgement": ["0", "1"]})
        assert "Ann" not in json.dumps(work(link))
        give(link, mark(row["row"], "judgement", "1"))
        assert work(link)["rows"][0]["marks"] == {"judgement": "1"}
        status = json.loads(run("review", "status", "--json")[1])
        assert (status["disagreements"]["judgement"], status["unresolved"]["judgement"]) == (1, 0)
    finally:
        served.kill()


def test_a_taken_port_is_one_line(page: ServedPage, run: Run) -> None:
    port = page.links["Ann"].split(":")[2].split("/")[0]
    code, _, err = run("review", "serve", "--reviewer", "Ann", "--port", port)
    assert code == 1
    assert f"cannot serve on 127.0.0.1 port {port}" in err
    assert len(err.strip().splitlines()) == 1


def test_opening_the_page_to_a_network_warns(study: Path) -> None:
    served = ServedPage(study, "--reviewer", "Ann", "--host", "0.0.0.0")
    assert "Warning: the page is reachable from the network" in served.kill()


def test_without_the_web_extra_the_command_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "samp_eval.review.page.serve", raising=False)
    code, _, err = run("review", "serve", "--reviewer", "Ann")
    assert code == 1
    assert "pip install '.[web]'" in err


def test_a_sheet_holds_the_marks_of_the_page(page: ServedPage, run: Run, study: Path) -> None:
    row = work(page.links["Ann"])["rows"][0]["row"]
    give(page.links["Ann"], mark(row, "harm", "1"), mark(row, "later", "1"), mark(row, "misread", "1"))
    assert run("review", "export", "--reviewer", "Ann", "--all")[0] == 0
    with (study / "sheets" / "Ann.csv").open(encoding="utf-8-sig", newline="") as file:
        exported = next(one for one in csv.DictReader(file) if one["row_id"] == row)
    assert exported["harm"] == "1"


@pytest.mark.slow
def test_the_history_names_a_mark_that_another_page_had_not_seen(page: ServedPage, run: Run) -> None:
    row = next(one["row"] for one in work(page.links["Ann"])["rows"] if one["question"] == "fever-1")
    for value in ("A", "B"):
        give(page.links["Ann"], mark(row, "key", value))
    give(page.links["Ann"], mark(row, "key", "A"))
    changes = json.loads(run("review", "history", "--all", "--json")[1])
    assert [(one["before"], one["after"]) for one in changes] == [(None, "A"), ("A", "B"), ("B", "A")]


def test_rows_are_made_again_only_where_there_are_others(study: Path, store: StudyStore) -> None:
    service, ann, now = MarkingService(store, seed=1), Reviewer("Ann"), datetime.now(UTC)
    first = service.work(ann, now)
    made = service._shown[ann][3]
    assert service.work(ann, now) == first
    assert service._shown[ann][3] is made
    row = made.rows[0]
    store.keep_sheet_rows([replace(row, row_id="zzzzzzzzzz", repeat=True)])  # a sheet went out meanwhile
    rows = json.loads(service.work(ann, now))["rows"]
    assert [shown["answer"] for shown in rows if shown["row"] == "zzzzzzzzzz"] == [row.text]
    assert len(rows) == len(made.rows) + 1
    store.add_marks([Mark(ann, row.question_id, row.answer_id, "judgement", "1", now, "sheet.csv")])
    rows = json.loads(service.work(ann, now))["rows"]
    assert [shown["marks"] for shown in rows if shown["row"] == row.row_id] == [{"judgement": "1"}]
