"""The figures: everything written in them can be read."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from pandas import DataFrame
from sample import sample_records

from samp_eval.analysis.reviewer_agreement import StudyAgreement
from samp_eval.report.figures.plots import _ratio_ticks, agreement_plot, forest_plot, level_bars
from samp_eval.report.figures.style import figure_style, text_width
from samp_eval.report.sections import report_sections
from samp_eval.statistics.reviewers.agreement import IntervalEstimate

LONG = "a-provider/a-model-with-a-very-long-name-2026-11-25-preview"
STUDIES = {
    "two models": {"gpt-3.5-turbo": 0.5, "gpt-4": 0.7},
    "long names": {f"{LONG}-{number}": 0.3 + 0.1 * number for number in range(4)},
    "short names": {"a": 0.5, "b": 0.6},
    "wide names": {"W" * 60: 0.5, "M@" * 30: 0.6},
}


@pytest.fixture(scope="module", params=STUDIES)
def figures(request: pytest.FixtureRequest) -> dict[str, Figure]:
    content = sample_records(models=STUDIES[request.param], questions=24).content()
    return {one.name: one.draw() for section in report_sections(content) for one in section.figures}


def _written(figure: Figure) -> dict[str, Bbox]:
    figure.dpi = 300
    canvas = FigureCanvasAgg(figure)
    # as in a page; files are cut to what is written
    with figure_style("test"), mpl.rc_context({"text.hinting": "none"}):
        canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib annotates only a part
    texts = [one for one in figure.findobj(Text) if isinstance(one, Text) and one.get_visible() and one.get_text()]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    return {f"{place}: {one.get_text()}": one.get_window_extent(renderer) for place, one in enumerate(texts)}


def test_nothing_is_cut_off(figures: dict[str, Figure]) -> None:
    assert {"forest", "agreement", "levels-key", "questions-key"} <= set(figures)
    for name, figure in figures.items():
        written = _written(figure)
        assert written
        for text, box in written.items():
            assert box.x0 >= 0, (name, text)
            assert box.y0 >= 0, (name, text)
            assert box.x1 <= figure.bbox.x1, (name, text)
            assert box.y1 <= figure.bbox.y1, (name, text)


def test_no_two_texts_overlap(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        written = list(_written(figure).items())
        for place, (text, box) in enumerate(written):
            for other, beside in written[place + 1 :]:
                shared = Bbox.intersection(box, beside)
                assert shared is None or shared.width < 3 or shared.height < 9, (name, text, other)


@pytest.mark.parametrize("count", [3, 9, 30])
def test_bars_keep_their_height_below_a_long_legend(count: int) -> None:
    content = sample_records(models={"a": 0.5}).content()
    shares = DataFrame(1 / count, index=["a"], columns=np.linspace(0, 100, count))
    described = replace(content.described, level_shares={**content.described.level_shares, "key": shares})
    figure = level_bars(replace(content, described=described), "key")
    assert figure.axes[0].get_position().height * figure.get_figheight() == pytest.approx(0.63)


def test_a_coefficient_without_an_interval_has_none_in_the_figure() -> None:
    content = sample_records().content()
    assert isinstance(content.agreement, StudyAgreement)
    one = content.agreement.bases["key"]
    lacking = replace(one, overall=replace(one.overall, cohen_kappa=IntervalEstimate(0.5, None, None)))
    agreement = replace(content.agreement, bases={**content.agreement.bases, "key": lacking})
    written = [text.split(": ", 1)[1] for text in _written(agreement_plot(replace(content, agreement=agreement)))]
    assert "0.50" in written
    assert "0.50 (0.50\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.50)" not in written


def test_respondents_that_differ_at_their_end_are_told_apart() -> None:
    content = sample_records(models=STUDIES["long names"], questions=24).content()
    (row,) = {text.split(": ", 1)[1] for text in _written(forest_plot(content)) if "-1 v " in text}
    assert row == "a-provider…-preview-1 v a-provider…-preview-0"


def test_what_the_font_lacks_has_room_for_a_whole_em() -> None:
    assert text_width("\N{CJK UNIFIED IDEOGRAPH-6A21}" * 10) == pytest.approx(10 * 9 / 72, rel=0.01)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.4, 6, [0.5, 1, 2, 5]), (0.5, 900, [1, 10, 100]), (1e-4, 1e5, [1e-3, 1, 1e3]), (150, 700, [200, 500])],
)
def test_an_axis_of_odds_ratios_has_as_many_numbers_as_fit(low: float, high: float, expected: list[float]) -> None:
    assert _ratio_ticks(low, high, 2.0) == expected
