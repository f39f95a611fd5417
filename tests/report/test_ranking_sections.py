"""Ranks in the report: of three and more respondents, in the summary, a section and the methods."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from page import read_page
from sample import BEGIN, MADE, sample_records

from samp_eval.analysis.scored_study import score_study
from samp_eval.report.content.report_content import ReportContent, gather_content
from samp_eval.report.prose.draw_sentences import draw_words
from samp_eval.report.prose.methods import methods_paragraphs
from samp_eval.report.prose.ranking_sentences import settled_on_each_basis
from samp_eval.report.prose.summary import summary_sentences
from samp_eval.report.renderers.html import render_html
from samp_eval.report.sections import Section, report_sections
from samp_eval.review.assignment.draw import draw_questions
from samp_eval.statistics.not_estimated import NotEstimated

FOUR = {"first": 0.9, "second": 0.6, "third": 0.55, "last": 0.2}


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_records(models=FOUR, questions=24).content()


def sections_of(content: ReportContent) -> dict[str, Section]:
    return {section.anchor: section for section in report_sections(content)}


def test_two_respondents_have_no_ranks() -> None:
    content = sample_records().content()
    assert not content.rankings
    assert not {"ranks", "pairs"} & set(sections_of(content))
    assert "the odds of a higher score" in " ".join(summary_sentences(content))


@pytest.mark.slow
def test_a_report_on_two_does_not_import_the_ranking() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/report'); from sample import sample_records\n"
        "from samp_eval.report.sections import report_sections\n"
        "report_sections(sample_records().content())\n"
        "print('samp_eval.analysis.ranking.study_ranking' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_the_summary_speaks_of_ranks(content: ReportContent) -> None:
    words = " ".join(summary_sentences(content))
    assert "Ranked by the answer key, first is first: its 95% rank interval holds no other rank." in words
    against = "the odds of a higher score, which depend on how many lines a question asks for, against those for "
    assert words.count(against) == len(content.fits), "once on each basis"
    for term in content.fits["key"].terms:
        if term.column in {respondent.id for respondent in content.respondents}:
            ratio = f"{term.odds_ratio:.2f}" if term.odds_ratio >= 0.1 else f"{term.odds_ratio:.3f}"
            assert f"{ratio} for {term.term} (95% CI" in words.replace("\xa0", " ")
    assert "p-values are not corrected for the three comparisons" in words


def test_bases_that_agree_are_said_together(content: ReportContent) -> None:
    ranking = content.ranked["key"]
    other = replace(ranking, choices=replace(ranking.choices, basis="judgement"))
    together = settled_on_each_basis([ranking, other])
    assert together[0].startswith("Ranked on both bases, first is first")
    assert len(together) == len(settled_on_each_basis([ranking]))
    turned = settled_on_each_basis([ranking, replace(other, fragility=None)])
    assert sum(sentence.startswith("Ranked by ") for sentence in turned) == 2


def test_the_table_has_the_numbers_of_the_ranking(content: ReportContent) -> None:
    page = read_page(render_html(content))
    ranking = content.ranked["key"]
    heading, *rows = page.tables["table-ranks-key"]
    assert [row[0] for row in rows] == [ranked.respondent for ranked in ranking.respondents]
    for row, ranked in zip(rows, ranking.respondents, strict=True):
        low, high = ranked.rank_low, ranked.rank_high
        assert row[1] == (str(low) if low == high else f"{low} to {high}")
        assert row[2] == f"{100 * ranked.mean_preference:.1f}"
    assert len(page.tables["table-ranked-pairs-key"]) == 1 + 6
    assert len(page.tables["table-mixture-key"]) == 1 + 4
    assert len(heading) == 8


def test_the_section_has_three_figures_for_each_basis(content: ReportContent) -> None:
    section = sections_of(content)["ranks"]
    assert [figure.name for figure in section.figures] == [
        f"{kind}-{basis}" for basis in content.bases for kind in ("ranks", "preferences", "mixture")
    ]
    assert sections_of(content)["pairs"].folded


def test_the_methods_cite_what_was_used(content: ReportContent) -> None:
    words = dict(methods_paragraphs(content))["Ranks"]
    for work in ("davidson", "mogstad", "firth", "munos"):
        assert f"[@{work}]" in words


@pytest.mark.slow
def test_who_beats_all_others_is_named_and_the_rest_is_shown() -> None:
    content = sample_records(models={"perfect": 2.0, "second": -1.0, "third": -1.0}, questions=24).content()
    section = sections_of(content)["ranks"]
    assert "perfect beat all others in every comparison, so no finite strength exists" in section.paragraphs[0]
    assert "second and third are even on every question" in section.paragraphs[0]
    assert section.figures[0].draw().axes[0].get_xlabel() == "Mean preference (%)"
    assert read_page(render_html(content)).tables["table-ranks-key"][1][2] == "100.0"


def drawn_content(n_drawn: int) -> ReportContent:
    records = sample_records(models=FOUR, questions=24, reviewers=("A", "B", "automatic:key"))
    names = [question.id for _, question in records.bank.asked()]
    draw = draw_questions(names, n_drawn, seed=4, now=BEGIN)
    given = records.study, records.bank, records.responses, records.failures, records.marks, tuple(records.respondents)
    return gather_content(score_study(*given, draw=draw), records.stored(), made_at=MADE)


@pytest.mark.slow
def test_ranks_from_a_part_of_the_marks_are_on_all_questions() -> None:
    content = drawn_content(16)
    ranks = sections_of(content)["ranks"]
    assert "on 24" in ranks.tables[0].caption
    assert any("marks of 16 of 24 questions, drawn at random" in paragraph for paragraph in ranks.paragraphs)
    assert not any("drawn questions only" in paragraph for paragraph in ranks.paragraphs)
    methods = dict(methods_paragraphs(content))
    assert "Ranks are on all questions" in methods["Ranks"]
    assert "and ranks, are of all questions" in draw_words(content)
    assert read_page(render_html(content))


def test_ranks_from_too_few_marks_are_refused_with_the_reason() -> None:
    content = drawn_content(10)
    assert all(isinstance(found, NotEstimated) for found in content.rankings.values())
    assert any("--drawn-only" in paragraph for paragraph in sections_of(content)["ranks"].paragraphs)
