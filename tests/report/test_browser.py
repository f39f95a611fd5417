"""The page in a real browser: nothing runs, nothing is fetched, it fits a phone, and it can be read by everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sample import sample_records

from samp_eval.report.html import render_html

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.enable_socket,
]

HOSTILE = [
    "<script>document.title='owned'</script>",
    '"><img src=http://127.0.0.1:9/x onerror="document.title=1">',
    "</td></tr></table></section></main></body></html><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "\u202egnp.exe\u202c \u2066x",
    "</style><style>body{display:none}</style><link rel=stylesheet href=//127.0.0.1:9/a.css>",
    "x" * 3000,
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
    file.write_text(render_html(sample_records(answers=HOSTILE).content()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=CHROMIUM, headless=True, args=FLAGS
        )
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
    assert page.locator("script, img, link, iframe").count() == 0
    assert page.get_by_text("<script>document.title='owned'</script>").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen == []
    page.close()


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
