"""Cells as one table of what programs do to them, and what stays an edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samp_eval.spreadsheet_cells import escape_formula, plain, reformatted, same_text, shown, well_decoded

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("=1+1", "=1+1"),
        ("'quoted'", "quoted'"),
        ("fever  and\tchills", " fever and chills "),
        ("caf\u00e9", "cafe\u0301"),
        ("≥ 38 °C", "? 38 °C"),
        ("≥ 38 °C", "â‰¥ 38 Â°C"),
        ("发烧 🤒 ｆever", "?? ?? fever"),
        ("hidden\u200b end", "hidden end"),
        ("none", "none"),
    ],
)
def test_an_answer_that_is_still_there(answer: str, cell: str) -> None:
    assert same_text(answer, cell)


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ("0012", "12"),
        ("1.50", "1.5"),
        ("1,5", "1.5"),
        ("1E5", "100000"),
        ("12345678901234567890", "1.23456789012346E+19"),
        ("5 %", "0.05"),
        ("1-2", "02-Jan"),
        ("1-2", "2026-01-02 00:00:00"),
        ("3/4", "45355"),
        ("MAR1", "01-Mar"),
        ("12:30", "12:30:00"),
        ("TRUE", "1"),
        ("true", "WAHR"),
    ],
)
def test_an_answer_that_a_program_has_reformatted(answer: str, cell: str) -> None:
    assert not same_text(answer, cell)
    assert reformatted(answer, cell)


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ("fever", "fevers"),
        ("fever", ""),
        ("none", ""),
        ("NA", "#N/A"),
        ("=1+1", "2"),
        ("=1+1", "#NAME?"),
        ("12", "13"),
        ("amoxicillin 500 mg", "amoxicillin 250 mg"),
        ("naïve", "native"),
        ("≥ 38", "≤ 38"),
    ],
)
def test_an_edit_is_an_edit(answer: str, cell: str) -> None:
    assert not same_text(answer, cell)
    assert not reformatted(answer, cell)


@given(TEXTS)
def test_every_text_comes_back_from_its_inert_form(text: str) -> None:
    assert plain(escape_formula(text)) == text
    assert not escape_formula(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert same_text(text, escape_formula(text))


@given(TEXTS)
def test_utf8_read_as_cp1252_is_read_back(text: str) -> None:
    garbled = "".join(_as_windows(byte) for byte in text.encode())
    assert well_decoded(garbled) == text


def _as_windows(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def test_a_text_too_long_for_a_cell_is_cut_and_known_again() -> None:
    text = "word " * 10_000
    assert len(shown(text)) < 32_767
    assert same_text(text, shown(text))


def test_a_long_answer_that_a_program_made_poorer_is_compared() -> None:
    """By a pattern with alternatives the comparison would never end."""
    assert same_text("发烧无力" * 1000, "?" * 4_000)
    assert same_text("发烧无力" * 1000, "??" * 4_000)
    assert not same_text("发烧无力" * 1000, "?" * 3_999 + "x")
    assert not same_text("无法" * 21 + "é", "??" * 21 + "x")
