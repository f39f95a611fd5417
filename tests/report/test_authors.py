"""The authors' names stand in the report and the manuscript, and changing them is no deviation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sample import sample_records

from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.renderers.html import render_html
from samp_eval.run.provenance import planned
from samp_eval.study import Study

AUTHORS = ("Ada Lovelace", "Mary <b>Seacole</b>")


@pytest.fixture(scope="module")
def content() -> ReportContent:
    content = sample_records().content()
    return replace(content, study=content.study.model_copy(update={"authors": AUTHORS}))


def test_the_page_names_them_below_the_title(content: ReportContent) -> None:
    header = render_html(content).split("<header>")[1].split("</header>")[0]
    assert '<p class="byline">Ada Lovelace, Mary &lt;b&gt;Seacole&lt;/b&gt;</p>' in header
    nobody = replace(content, study=content.study.model_copy(update={"authors": ()}))
    assert render_html(nobody).split("</header>")[0].count('class="byline"') == 1


@pytest.mark.slow
def test_the_document_names_them_too(content: ReportContent, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    from samp_eval.report.renderers.docx import write_docx

    write_docx(content, tmp_path / "report.docx")
    document = docx.Document(str(tmp_path / "report.docx"))
    assert document.core_properties.author == ", ".join(AUTHORS)
    assert ", ".join(AUTHORS) in [paragraph.text for paragraph in document.paragraphs[:3]]


def test_naming_them_later_is_no_deviation() -> None:
    assert planned(Study()) == planned(Study(authors=AUTHORS))
