"""The committed report of the simulated example is what its script makes today."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from page import Page, read_page

from samp_eval.report.renderers.html import render_html

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Page:
    script = runpy.run_path(str(ROOT / "data" / "example" / "make_example.py"))
    folder = tmp_path_factory.mktemp("example")
    script["make_study"](folder)
    return read_page(render_html(script["example_content"](folder)))


def test_the_committed_report_is_up_to_date(remade: Page) -> None:
    committed = read_page((ROOT / "reports" / "example" / "report.html").read_text(encoding="utf-8"))
    stale = "remake it: python data/example/make_example.py"
    assert list(committed.tables) == list(remade.tables), stale
    for name, rows in committed.tables.items():
        assert rows == remade.tables[name], f"{name}: {stale}"


def test_the_example_is_the_published_design_and_says_simulated(remade: Page) -> None:
    assert "770 responses" in remade.text.replace("\xa0", " ")
    assert "They say nothing about any real model" in remade.text
    assert remade.tables["table-odds-ratios"][0][-1] == "Published"
