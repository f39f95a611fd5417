"""Options that begin with an article, named behind their letters: found in public banks, where each was a crash."""

from __future__ import annotations

import itertools

import pytest

from samp_eval.answers.reading import read_response

OPTIONS = (
    "A motor neuron supplies all its fibers",
    "An A antigen and a B antigen",
    "The A band of the sarcomere",
    "a protein",
    "A",
)


@pytest.mark.parametrize(("place", "option"), list(enumerate(OPTIONS[:4])))
@pytest.mark.parametrize(
    "form", ["{l}. {t}", "{l}) {t}", "{t}", "The answer is {l}. {t}.", "**{l}: {t}**", "({l}) {t}"]
)
def test_the_option_is_read_behind_its_letter(place: int, option: str, form: str) -> None:
    text = form.format(l="ABCD"[place], t=option)
    reading = read_response(text, requested=1, question_format="single", options=OPTIONS[:4])
    assert [line.option for line in reading.lines] == [place], text


def test_no_text_of_articles_and_letters_is_a_crash() -> None:
    words = ("A", "a", "The", "An", "motor neuron", "antigen", ".", "B")
    for parts in itertools.product(words, repeat=3):
        for options in (OPTIONS, ("A an antigen", "The a motor neuron"), ("A A", "An a")):
            read_response(" ".join(parts), requested=1, question_format="single", options=options)
