"""The page in a real browser: nothing runs, nothing is fetched, it fits a phone, and it can be read by everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import hostile_records
from sample import sample_records

from samp_eval.report.renderers import html
from samp_eval.report.renderers.html import render_html

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.enable_socket,
]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "report.html"
    file.write_text(render_html(hostile_records().content()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=CHROMIUM, headless=True, args=FLAGS
        )
        context.set_default_timeout(600_000)  # in milliseconds; a busy machine takes long to draw a page
        yield context
        context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_answers_run_nothing_and_break_nothing(browser: Any, hostile_file: Path, width: int) -> None:
    page = browser.new_page()
    seen: list[str] = []
    page.on("dialog", lambda dialog: seen.append(f"dialog {dialog.message}"))
    page.on("pageerror", lambda error: seen.append(f"error {error}"))
    page.on("console", lambda message: seen.append(f"console {message.text}"))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else seen.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(hostile_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.title() == "A small study"
    assert page.locator("section#references").is_visible()
    assert page.locator("img, link, iframe").count() == 0
    assert page.locator("script").count() == 1
    assert page.get_by_text("<script>document.title='owned'</script>").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen == []
    page.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    file = tmp_path / "report.html"
    file.write_text(render_html(sample_records().content()), encoding="utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    yield opened
    opened.close()


def test_a_click_or_a_key_on_a_heading_sorts(page: Any) -> None:
    page.locator("#table-questions-key").evaluate("table => table.closest('details').open = true")
    heading = page.locator("#table-questions-key th").nth(2)
    column = "rows => rows.map(row => Number(row.cells[2].dataset.value))"
    rows = page.locator("#table-questions-key tbody tr")
    heading.get_by_role("button").click()
    ascending = rows.evaluate_all(column)
    assert ascending == sorted(ascending)
    assert ascending[0] < ascending[-1]
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.get_by_role("button").press("Enter")
    assert rows.evaluate_all(column) == ascending[::-1]
    assert page.locator("#table-questions-key th[aria-sort]").count() == 1
    assert page.locator("#table-lines-correct button").count() == 0, "totals would lose their place"


def test_what_is_written_in_figures_is_not_cut_off(page: Any) -> None:
    cut = page.evaluate(
        """() => [...document.querySelectorAll("figure svg")].flatMap(figure => {
            const all = figure.getBoundingClientRect();
            return [...figure.querySelectorAll("text")].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < all.left || box.right > all.right || box.top < all.top || box.bottom > all.bottom;
            }).map(text => text.textContent);
        })"""
    )
    assert page.locator("figure svg text").count() > 50
    assert cut == []


def test_questions_are_found_and_opened_together(page: Any) -> None:
    shown = page.locator("details.question:visible")
    assert shown.count() == 12
    page.get_by_label("Text").fill("CASE-3-1")
    assert shown.count() == 1
    assert page.locator("#find output").inner_text() == "1 of 12"
    page.get_by_role("button", name="Open all").click()
    assert page.locator("details.question[open]").count() == 1
    page.get_by_label("Text").fill("")
    page.get_by_label("Missed by").select_option(label="gpt-4")
    expected = page.locator("details.question").evaluate_all(
        "all => all.filter(one => one.dataset.missed.split(' ').includes('1')).length"
    )
    assert shown.count() == expected > 0
    page.get_by_label("Topic").select_option(label="Fever")
    assert shown.count() == expected
    page.get_by_role("button", name="Close all").click()
    assert page.locator("details.question[open]").count() == 0


def test_the_page_is_whole_without_script(browser: Any, hostile_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "without.html"
    policy_refuses = hostile_file.read_text(encoding="utf-8").replace("'sha256-", "'sha256-0")
    file.write_text(policy_refuses, encoding="utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    assert opened.locator("#find").is_hidden()
    assert opened.locator("details.question:visible").count() == 12
    opened.locator("#unfold").check()
    assert opened.locator("details.question .key:visible").count() == 12
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, hostile_file: Path, scheme: str) -> None:
    axe_core = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    source = next(Path(axe_core.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(hostile_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(source)
    found = page.evaluate("axe.run(document)")
    assert len(found["passes"]) > 20
    serious = {
        one["id"]: one["nodes"][0]["html"] for one in found["violations"] if one["impact"] in ("serious", "critical")
    }
    assert serious == {}
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_the_questions_has_margins_and_no_empty_first_sheet(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(html, "LONGEST_QUESTIONS", 1000)
    _, questions = html.write_report(sample_records().content(), tmp_path)
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(questions.as_uri())
    heading, title = page.locator("#questions-heading").bounding_box(), page.locator("h1").bounding_box()
    assert heading["x"] == title["x"] >= 16
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    assert page.locator("#questions").evaluate("section => getComputedStyle(section).breakBefore") == "auto"
    inside = "table => getComputedStyle(table.closest('.scroll')).breakInside"
    assert page.locator("table.answers").first.evaluate(inside) == "auto", "long tables go on on the next sheet"
    page.close()
