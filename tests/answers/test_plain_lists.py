"""The short way of reading a plainly numbered list comes to the reading that all rules together come to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from samp_eval.answers import reading
from samp_eval.answers.reading import Reading, read_response
from samp_eval.answers.shapes.plain_list import plain_list

DATA = Path(__file__).parents[1] / "data"
TEXTS = [entry["text"] for entry in yaml.safe_load((DATA / "readings.yaml").read_text(encoding="utf-8"))]
WORDS = st.sampled_from(
    ["Fever", "no", "No", "nr", "o", "Answer", "final", "Answers", "A", "iv", "1", "2.", "(3)", "K+", "50%", "'pain'",
     "cough,", "rationale", "Note", "and", "Question", "E.", "coli", "x-ray", "he/she", "Sorry", "Because", "None"]
)  # fmt: skip
ITEMS = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=5)
SEPARATORS = st.sampled_from([". ", ") ", ".", " ", ": "])
ENDS = st.sampled_from(["\n", "\n\n", " \n", "\r\n"])


def by_all_rules(text: str, requested: int, finish_reason: str) -> Reading:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "plain_list", lambda text, requested: None)
        return read_response(text, requested=requested, finish_reason=finish_reason)


def numbered(items: list[str], separator: str, end: str, first: int) -> str:
    return "".join(f"{number}{separator}{item}{end}" for number, item in enumerate(items, start=first))


def test_a_plain_list_is_known_and_what_could_be_more_is_not() -> None:
    assert plain_list("1. Fever\n2. Neck stiffness", 2) == (("Fever", 3, 8), ("Neck stiffness", 12, 26))
    for text in ("1. Fever", "1. Fever: high\n2. Cough", "1. Answers\n2. Cough", "1. No 1 fever\n2. Cough"):
        assert plain_list(text, 2) is None


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_of_the_table_is_read_alike(text: str) -> None:
    for requested in (1, 3):
        assert read_response(text, requested=requested) == by_all_rules(text, requested, "")


@given(ITEMS, SEPARATORS, ENDS, st.integers(0, 2), st.integers(1, 4), st.sampled_from(["stop", "length"]))
@example(["Fever, high", "Cough, dry"], ". ", "\n", 1, 2, "stop")
@example(["Fever,", "Cough"], ") ", "\n", 1, 2, "length")
def test_any_numbered_list_is_read_alike(
    items: list[str], separator: str, end: str, first: int, requested: int, finish_reason: str
) -> None:
    text = numbered(items, separator, end, first)
    read = read_response(text, requested=requested, finish_reason=finish_reason)
    assert read == by_all_rules(text, requested, finish_reason)
