"""Control and direction characters of an answer are shown, never obeyed."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from samp_eval.report.safe_text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\u241b[31mred"),
        ("a\u202eb", "a[U+202E]b"),
        ("one\ntwo\tthree", "one\ntwo three"),
        ("nul\x00", "nul\u2400"),
        ("37 °C – naïve", "37 °C – naïve"),
        ("العربية", "العربية"),
        ("\ud800", "[U+D800]"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_shown_text_is_legal_xml(text: str) -> None:
    ElementTree.fromstring(f"<p>{escape(visible(text))}</p>")  # our own markup
