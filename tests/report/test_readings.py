"""How the answers were read: the report's section, its sensitivity rows, and what a person's decision changes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page import Page, read_page
from sample import RIGHT, Records, sample_records

from samp_eval.analysis.model.sensitivity import Variation
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.cli.main import main
from samp_eval.report.renderers.html import render_html
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore

Command = Callable[..., str]
ON_ONE_LINE = "Fever, cough, and rash."
REFUSAL = "I cannot provide medical advice."


def with_texts(records: Records, text: str, rounds: tuple[int, ...]) -> Records:
    """The records with another text in these rounds of gpt-4."""

    def changed(response: Response) -> Response:
        concerned = response.ask.respondent == "gpt-4" and response.ask.round in rounds
        return replace(response, reply=replace(response.reply, text=text)) if concerned else response

    return replace(records, responses=tuple(map(changed, records.responses)))


@pytest.fixture
def records() -> Records:
    return with_texts(with_texts(sample_records(questions=24), ON_ONE_LINE, (1, 2)), REFUSAL, (3,))


def test_the_section_counts_shapes_and_what_has_no_clear_answer(records: Records) -> None:
    page = read_page(render_html(records.content()))
    shapes = page.tables["table-shapes"]
    assert shapes[0] == ["Respondent", "Responses", "Numbered list", "Lines", "Prose"]
    assert shapes[1] == ["gpt-3.5-turbo", "120", "120 (100.0%)", "0", "0"]
    assert shapes[2] == ["gpt-4", "119", "47 (39.5%)", "48 (40.3%)", "24 (20.2%)"]
    assert page.tables["table-readings"][2] == ["gpt-4", "119", "0", "0", "24 (20.2%)", "48 (40.3%)", "0"]
    assert "The readings of 48 of 239 responses (20.1%) are doubtful" in words(page)


@pytest.mark.slow
def test_sensitivity_leaves_doubtful_readings_and_refusals_out(records: Records) -> None:
    content = records.content()
    fits = {(one.what, one.basis): fitted(one) for one in content.variations}
    for basis in ("key", "judgement"):
        scored = fits["planned", basis].fit.n_observations
        assert scored - fits["refusals", basis].fit.n_observations == 24
    without = sample_records(questions=24).content()
    assert not {"readings", "refusals"} & {one.what for one in without.variations}


def fitted(variation: Variation) -> Any:
    assert isinstance(variation.outcome, StudyFit)
    return variation.outcome


def words(page: Page) -> str:
    return " ".join(page.text.replace("\xa0", " ").split())


@pytest.fixture
def study(records: Records, tmp_path: Path) -> Path:
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(records.bank)
        for name, settings in records.respondents.items():
            store.keep_respondent(name, settings)
        store.keep_outcomes(records.responses)
    return tmp_path


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: str) -> str:
        assert main([*arguments, "--study", str(study)]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return command


def test_from_a_doubtful_response_to_the_changed_odds_ratio_and_the_reports_sentence(run: Command, study: Path) -> None:
    run("mark")
    before = json.loads(run("analyze", "--json"))
    assert before["readings"]["gpt-4"] == {"refused": 24, "open": 0, "no_answer": 0, "doubtful": 48}
    file = study / "doubtful.csv"
    run("responses", "lines", "--doubtful", "--out", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == 24, "one for each question, though two rounds gave the text"
    for row in rows[:20]:
        row |= {f"line_{number}": word.lower() for number, word in enumerate(RIGHT, start=1)}
    for row in rows[20:]:
        row["doubtful"] = "no"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run("responses", "lines", "--in", str(file), "--by", "Ann")
    run("mark")
    after = json.loads(run("analyze", "--json"))
    assert after["readings"]["gpt-4"] == {"refused": 24, "open": 0, "no_answer": 0, "doubtful": 0}
    assert after["n_observations"] == before["n_observations"]
    odds = [found["terms"][0]["odds_ratio"] for found in (before, after)]
    assert odds[1] > 1.2 * odds[0], "forty responses with one right line have three now"
    run("report")
    page = read_page((study / "reports" / "report.html").read_text(encoding="utf-8"))
    sentence = "Ann decided how 48 responses are read, without knowing the respondent: 40 changed and 8 confirmed."
    assert sentence in words(page)
    assert "The reading of none of the 239 responses is doubtful." in words(page)
