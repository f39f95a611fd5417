"""Pictures in what a study shows and gives away: only where their licence lets everyone pass them on."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from page import Page
from pictured import pictured_bank, png
from pictured_study import asked_study

from samp_eval.cli.main import main
from samp_eval.input_files.picture import plain_picture
from samp_eval.report.content.sent_request import readable_request


def report_of(study: Path) -> Page:
    assert main(["report", "--study", str(study), "--out", str(study / "out")]) == 0
    page = Page()
    page.feed((study / "out" / "report.html").read_text(encoding="utf-8"))
    return page


def images(page: Page) -> list[str]:
    return [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]


def test_the_report_shows_a_picture_that_everyone_may_pass_on(tmp_path: Path) -> None:
    page = report_of(asked_study(tmp_path, licence="CC BY 4.0"))
    (shown,) = images(page)
    assert base64.b64decode(shown.removeprefix("data:image/png;base64,")) == plain_picture(png()).content
    assert "photograph. Drawn for the tests (licence: CC BY 4.0)" in page.text
    words = " ".join(page.text.split())
    assert "1 question came with pictures (photograph)" in words
    assert "Rounds without pictures asked the same questions without them, as a control." in words
    assert "round 3 prompted, without pictures" in words


def test_a_request_is_printed_with_what_stands_for_its_pictures() -> None:
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "sha256:ab image/png"}},
    ]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": parts}]})
    assert readable_request(body).startswith("[user]\nWhat is it?\n[sha256:ab image/png]\n")


def test_the_report_prints_the_credit_of_a_picture_that_it_may_not_show(tmp_path: Path) -> None:
    study = asked_study(tmp_path, licence="CC BY-NC-ND 4.0")
    page = report_of(study)
    words = " ".join(page.text.split())
    assert images(page) == []
    assert "A red field; SECRET-ALT. (not shown, because of its licence)" in words
    assert "Drawn for the tests (licence: CC BY-NC-ND 4.0)" in words
    assert "1 picture cannot be shown here under the licence." in words
    held = base64.b64encode(plain_picture(png()).content).decode()
    assert held not in (study / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("licence", "shown"), [("CC BY 4.0", True), ("CC BY-NC-ND 4.0", False)])
def test_the_word_document_shows_the_same_pictures(licence: str, shown: bool, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx comes with the extra docx")
    study = asked_study(tmp_path, models=1, licence=licence)
    assert main(["report", "--study", str(study), "--format", "docx", "--out", str(study / "out")]) == 0
    document = docx.Document(str(study / "out" / "report.docx"))
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described.count("A red field; SECRET-ALT.") == shown
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert ("A red field; SECRET-ALT. (not shown, because of its licence)" in words) is not shown
    assert f"Drawn for the tests (licence: {licence})" in words


def test_a_large_picture_is_scaled_down_for_the_report(tmp_path: Path) -> None:
    (shown,) = images(report_of(asked_study(tmp_path, content=png((3000, 1500)))))
    import io

    from PIL import Image

    assert Image.open(io.BytesIO(base64.b64decode(shown.partition(",")[2]))).size == (1000, 500)


@pytest.mark.parametrize(("licence", "given"), [("CC0", True), ("ours alone", False)])
def test_a_log_of_inspect_holds_what_was_sent_or_what_it_showed(licence: str, given: bool, tmp_path: Path) -> None:
    study = asked_study(tmp_path, models=1, licence=licence)
    assert main(["export", "--study", str(study), "--inspect", "--out", str(tmp_path / "out")]) == 0
    (log,) = (tmp_path / "out").glob("*.eval")
    with zipfile.ZipFile(log) as archive:
        samples = [json.loads(archive.read(name)) for name in archive.namelist() if name.startswith("samples/")]
    contents = {(one["id"], one["epoch"]): one["messages"][-2]["content"] for one in samples}
    assert isinstance(contents["seen-2", 3], str)  # the control
    assert isinstance(contents["seen-1", 1], str)
    text, shown = contents["seen-2", 1]
    assert text["type"] == "text"
    if given:
        assert shown["type"] == "image"
        assert shown["image"].startswith("data:image/png;base64,")
    else:
        assert shown["text"].endswith("(licence: ours alone): not part of this log")
        assert "SECRET-ALT" not in json.dumps(samples)
    assert main(["responses", "import", str(log), "--study", str(study), "--name", "again"]) == 0
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "- `pictures/shown.png`: photograph. Drawn for the tests" in readme


def test_the_tables_tell_the_control_apart(tmp_path: Path) -> None:
    study = asked_study(tmp_path)
    assert main(["export", "--study", str(study), "--out", str(tmp_path / "out")]) == 0
    rows = [line.split(",") for line in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8").splitlines()]
    place = rows[0].index("pictures")
    withheld = {(row[0], row[rows[0].index("round")]) for row in rows[1:] if row[place] == "0"}
    assert withheld == {("seen-2", "3")}


@pytest.mark.parametrize("form", ["moodle-xml", "gift", "huggingface"])
def test_candidates_elsewhere_are_told_of_a_picture_and_not_what_it_shows(form: str, tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path / "bank")
    target = tmp_path / ("data" if form == "huggingface" else "quiz.xml")
    assert main(["items", "convert", str(bank), str(target), "--format", form]) == 0
    file = target / "questions.jsonl" if form == "huggingface" else target
    written = file.read_text(encoding="utf-8").replace("\\", "")
    assert "[Picture pictures/shown.png: photograph]" in written
    assert "SECRET-ALT" not in written


def test_a_bank_for_inspect_has_its_pictures(tmp_path: Path) -> None:
    study = asked_study(tmp_path, models=1)
    target = tmp_path / "samples.jsonl"
    assert main(["items", "convert", str(study / "bank"), str(target), "--format", "inspect"]) == 0
    samples: dict[str, Any] = {}
    for line in target.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        samples[sample["id"]] = sample["input"]
    assert isinstance(samples["seen-1"], str)
    assert [part["type"] for part in samples["seen-2"][0]["content"]] == ["text", "image"]
