"""The page of pairs: two responses side by side over HTTP and in Chromium."""

from __future__ import annotations

import json
import secrets
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import needs_chromium, press, says, started_browser
from marked_study import make_marked_study
from processes import free_port
from serving import ServedPage

from samp_eval.cli.main import main
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.store.study_store import StudyStore

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def marked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("pair-page"))


@pytest.fixture
def study(marked_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(marked_once, tmp_path / "study"))


class ServedPairs(ServedPage):
    """``samp-eval review pairs serve`` as a process of its own."""

    command = ("review", "pairs", "serve")


@pytest.fixture
def page(study: Path) -> Iterator[ServedPairs]:
    served = ServedPairs(study, "--reviewer", "A", "--reviewer", "B")
    yield served
    served.kill()


def fetched(link: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(link, data=data, headers=headers or (JSON if data else {}))  # loopback
    try:
        with urllib.request.urlopen(request) as answer:  # loopback
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def entry(row: str, value: str, field: str = "choice") -> dict[str, str]:
    return {"id": secrets.token_hex(16), "row": row, "field": field, "value": value, "seen": ""}


def held(study: Path) -> tuple[dict[str, PairRow], dict[str, ChosenPair]]:
    with StudyStore.open(study, create=False) as store:
        return {row.row_id: row for row in store.pair_rows()}, store.pair_choices()


def test_serving_draws_the_pairs_and_shows_each_reviewer_their_own(page: ServedPairs, study: Path) -> None:
    rows, _ = held(study)
    assert rows
    shown = {name: fetched(f"{page.links[name]}work")[1] for name in ("A", "B")}
    for name, work in shown.items():
        own = {row["row"] for row in work["rows"]}
        assert own == {row_id for row_id, row in rows.items() if row.reviewer == name}
        for row in work["rows"]:
            assert row["first"] == rows[row["row"]].first_text.split("\n")
            assert row["choice"] == ""
    written = json.dumps(shown)
    assert not [name for row in rows.values() for name, _ in (row.first, row.second) if name in written], "blinded"
    order = [row["row"] for row in shown["A"]["rows"]]
    assert order != sorted(order)
    assert main(["review", "pairs", "export", "--study", str(study)]) == 0  # the same pairs on sheets


def test_choices_and_reasons_are_taken_once_and_can_be_changed(page: ServedPairs, study: Path) -> None:
    rows, _ = held(study)
    row = next(row_id for row_id, found in rows.items() if found.reviewer == "A")
    link = f"{page.links['A']}choices"
    first = entry(row, "first")
    status, answer = fetched(link, [first, entry(row, " it names the dose ", "reason")])
    assert status == 200
    assert answer["held"][0] == {"value": "first", "version": first["id"]}
    assert fetched(link, [first])[0] == 200
    _, choices = held(study)
    assert (choices[row].choice, choices[row].reason, choices[row].source) == (
        "first",
        "it names the dose",
        "page of pairs",
    )
    fetched(link, [entry(row, "poor")])
    _, choices = held(study)
    assert (choices[row].choice, choices[row].reason) == ("poor", "it names the dose")
    assert fetched(f"{page.links['A']}work")[1]["rows"]


def test_what_is_no_choice_is_refused(page: ServedPairs, study: Path) -> None:
    rows, _ = held(study)
    own = next(row_id for row_id, found in rows.items() if found.reviewer == "A")
    other = next(row_id for row_id, found in rows.items() if found.reviewer == "B")
    link = f"{page.links['A']}choices"
    refused = {
        "'best' is no choice": entry(own, "best"),
        "this pair is not on your list": entry(other, "first"),
        "a reason goes with a choice": entry(own, "because", "reason"),
        "this is no choice": {"row": own},
    }
    _, answer = fetched(link, list(refused.values()))
    assert [one["refused"] for one in answer["held"]] == list(refused)
    assert held(study)[1] == {}
    assert fetched(link, {"no": "list"})[0] == 422
    assert fetched(link, [entry(own, "first")], origin="http://elsewhere.example", **JSON)[0] == 403
    assert fetched(link, [entry(own, "first")], **{"content-type": "text/plain"})[0] == 415
    assert fetched(f"{page.links['A'].rsplit('/r/', 1)[0]}/r/{'x' * 32}/work")[0] == 404
    assert held(study)[1] == {}


def test_whoever_has_no_pairs_is_told_so(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "pairs", "export", "--study", str(study), "--reviewer", "A", "--reviewer", "B"]) == 0
    port = str(free_port())
    assert main(["review", "pairs", "serve", "--study", str(study), "--reviewer", "C", "--port", port]) == 1
    assert "'C' has no pairs; they were drawn for A, B" in capsys.readouterr().err
    assert main(["review", "pairs", "serve", "--study", str(study), "--questions", "3"]) == 2


class TestInChromium:
    pytestmark = needs_chromium

    def test_all_pairs_by_keyboard_alone_through_a_killed_server(self, page: ServedPairs, study: Path) -> None:
        rows, _ = held(study)
        own = {row_id: row for row_id, row in rows.items() if row.reviewer == "A"}
        with started_browser() as browser:
            window = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            trouble: list[str] = []
            host = page.links["A"].split("/r/")[0]
            window.on("pageerror", lambda error: trouble.append(str(error)))
            window.on("request", lambda sent: None if sent.url.startswith(host) else trouble.append(sent.url))
            window.goto(page.links["A"])
            says(window, "#progress-text", f"0 of {len(own)}")
            seen = []
            for number in range(len(own)):
                seen.append((window.inner_text("#first"), window.inner_text("#second")))
                if number == 1:
                    press(window, "/")
                    window.keyboard.type("names the dose")
                    press(window, "Escape")
                if number == 2:
                    page.kill()
                press(window, "1" if number % 2 else "2")
                if number == 4:
                    says(window, "#saved", "not saved yet")
                    page.start()
            says(window, "#saved", "All choices saved")
            says(window, "#progress-text", f"all of {len(own)} compared")
            window.reload()
            says(window, "#progress-text", f"all of {len(own)} compared")
            assert trouble == []
        _, choices = held(study)
        assert set(choices) == set(own)
        assert [choice.reason for choice in choices.values() if choice.reason] == ["names the dose"]
        counted = sum(choice.choice == "second" for choice in choices.values())
        assert counted == (len(own) + 1) // 2
        assert len(set(seen)) > 1

    def test_the_page_is_accessible_and_fits_a_phone(self, page: ServedPairs) -> None:
        axe_core = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
        source = next(Path(axe_core.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
        with started_browser() as browser:
            for width, height in ((1366, 768), (390, 844)):
                window = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True).new_page()
                window.goto(page.links["A"])
                says(window, "#progress-text", "0 of")
                window.add_script_tag(content=source)
                found = window.evaluate("axe.run(document)")
                assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
                assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
