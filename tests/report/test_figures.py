"""The figures: everything written in them can be read."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from sample import sample_records

from samp_eval.report.figure_style import drawing
from samp_eval.report.sections import report_sections

LONG = "a-provider/a-model-with-a-very-long-name-2026-11-25-preview"
STUDIES = {
    "two models": {"gpt-3.5-turbo": 0.5, "gpt-4": 0.7},
    "long names": {f"{LONG}-{number}": 0.3 + 0.1 * number for number in range(4)},
    "short names": {"a": 0.5, "b": 0.6},
}


@pytest.fixture(scope="module", params=STUDIES)
def figures(request: pytest.FixtureRequest) -> dict[str, Figure]:
    content = sample_records(models=STUDIES[request.param], questions=24).content()
    return {one.name: one.draw() for section in report_sections(content) for one in section.figures}


def _written(figure: Figure) -> dict[str, Bbox]:
    figure.dpi = 300
    canvas = FigureCanvasAgg(figure)
    with drawing("test"):
        canvas.draw()
    texts = [one for one in figure.findobj(Text) if isinstance(one, Text) and one.get_visible() and one.get_text()]
    return {
        f"{place}: {one.get_text()}": one.get_window_extent(canvas.get_renderer()) for place, one in enumerate(texts)
    }


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
