"""A report whose questions are too long for one page has a second page; both are whole by themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from page import read_page
from sample import sample_records

from samp_eval.report.renderers import html
from samp_eval.report.renderers.html import render_html, write_report


def test_questions_that_are_too_long_stand_beside_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = replace(sample_records(questions=12).content(), damage=("the mark of answer 7 is damaged",))
    assert [file.name for file in write_report(content, tmp_path)] == ["report.html"]
    whole = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert whole == render_html(content)
    monkeypatch.setattr(html, "LONGEST_QUESTIONS", 1000)
    report, questions = write_report(content, tmp_path)
    page, beside = (file.read_text(encoding="utf-8") for file in (report, questions))
    fold = re.compile(r'<details class="question" id="question-([^"]+)".*?</details>', re.DOTALL)
    assert not fold.search(page)
    assert '<a href="questions.html">' in page
    assert "The 12 questions of this study have a page of their own" in page
    assert [found[0] for found in fold.finditer(beside)] == [found[0] for found in fold.finditer(whole)]
    assert read_page(page).tables == read_page(whole).tables
    for text in (page, beside):
        assert '<p class="flag">Damaged study' in text
        assert "the mark of answer 7 is damaged" in text
        loaded = [value for _, name, value in read_page(text).attributes if name in ("src", "href")]
        assert all(value.startswith("#") or value in ("questions.html", "report.html") for value in loaded)
