"""Words that say the same to the automatic marker, and lines that its new words must not let through."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from marked_line import mark_line

from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, Question
from samp_eval.review.markers.key_marker import KeyMarker
from samp_eval.review.markers.language.vocabulary import folded, raw_tokens, word_stem

TURNED = Path(__file__).resolve().parents[1] / "data" / "gold-turned.csv"
WORDS = files("samp_eval.review.markers.language").joinpath("words")


def stems(phrase: str) -> tuple[str, ...]:
    return tuple(word_stem(folded(word)) for word in raw_tokens(phrase.casefold()))


def test_no_phrase_of_the_lists_has_two_meanings() -> None:
    meaning: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name in ("drugs.txt", "synonyms.txt", "thesaurus.txt"):
        for line in WORDS.joinpath(name).read_text(encoding="utf-8").splitlines():
            main, _, others = line.partition("=")
            for other in others.split(",") if not line.startswith("#") else ():
                if stems(other):
                    assert meaning.setdefault(stems(other), stems(main)) == stems(main), f"{other.strip()} in {name}"


def test_turned_lines_are_not_credited() -> None:
    asked = load_bank().by_question()
    markers = {name: KeyMarker(question, case.stem) for name, (case, question) in asked.items()}
    with TURNED.open(encoding="utf-8", newline="") as source:
        lines = list(csv.DictReader(source))
    assert len(lines) >= 300
    credited = [line["text"] for line in lines if markers[line["question_id"]].mark(line["text"]).credited]
    assert len(credited) <= 0.01 * len(lines), credited


def question(asked: str, *answers: str) -> Question:
    return Question(id="q", question=asked, requested=1, key=tuple(KeyEntry(answer=answer) for answer in answers))


HISTORY = question(
    "Which features would you ask about?",
    "Urinary incontinence",
    "Loss of pleasure",
    "Hypoglycemia",
    "Smoking at home",
    "Parental asthma",
    "Delirium tremens",
    "Pain at night",
    "Loose rugs",
    "Temperature above 38 °C",
    "Intrauterine device",
)
CARE = question(
    "What should you do now?",
    "Stay active and avoid bed rest",
    "Lifting limit",
    "Reduced hours",
    "Replace propranolol",
    "Low-dose fluticasone",
    "Inhaled corticosteroid",
    "Lorazepam",
    "Zoledronic acid",
    "Teach family to give epinephrine",
    "Keep juice in the truck",
    "Photographs with her consent",
)


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (HISTORY, "Wets herself", "A"),
        (HISTORY, "Loss of her bladder control", "A"),
        (HISTORY, "No pleasure in anything", "B"),
        (HISTORY, "No longer enjoys things", "B"),
        (HISTORY, "Low sugars", "C"),
        (HISTORY, "Hypos", "C"),
        (HISTORY, "Cigarettes at home", "D"),
        (HISTORY, "Mother has asthma", "E"),
        (HISTORY, "Neighbour has asthma", "0"),
        (HISTORY, "DTs", "F"),
        (HISTORY, "Pain that goes away at night", "0"),
        (HISTORY, "Rugs that are fixed to the floor", "0"),
        (HISTORY, "T 38.6", "I"),
        (HISTORY, "IUD planned after this pregnancy", "0"),
        (HISTORY, "Head injury still to come", "0"),
        (HISTORY, "Will have an intrauterine device in May", "0"),
        (HISTORY, "No trouble with loss of pleasure", "0"),
        (CARE, "Lorazepam is the wrong choice", "0"),
        (CARE, "Lorazepam in 2035", "0"),
        (CARE, "Swap topiramate for propranolol", "0"),
        (CARE, "Don't lie around in bed", "0"),
        (CARE, "Higher lifting limit than before", "0"),
        (CARE, "Start with full hours and cut them later", "0"),
        (CARE, "Swap the propranolol for topiramate", "D"),
        (CARE, "Fluticasone at the highest dose", "0"),
        (CARE, "Steroid puffer", "F"),
        (CARE, "ICS only on the days she coughs", "0"),
        (CARE, "Lorazepam to settle the daughter", "0"),
        (CARE, "Any drug but lorazepam", "0"),
        (CARE, "Zoledronic acid when she turns 90", "0"),
        (CARE, "Zoledronic acid once she is an adult", "0"),
        (CARE, "Zometa", "H"),
        (CARE, "EpiPen for his brother", "0"),
        (CARE, "Juice in the cab", "J"),
        (CARE, "Photographs if she agrees", "K"),
    ],
)
def test_everyday_words_are_read_and_turns_are_not_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter


BRITISH = question(
    "What should you do now?",
    "Smoking cessation",
    "Follow up in two weeks",
    "Blood culture",
    "Absolute risk reduction 2 %",
    "Intensive care unit",
    "Propranolol",
)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Get him off the fags", "A"),
        ("Let him keep his fags", "0"),
        ("His wife should come off the fags", "0"),
        ("F/U in 2/52", "B"),
        ("F/U in 2/12", "0"),
        ("Bld C/S x1", "C"),
        ("ARR two per cent", "D"),
        ("ARR twenty per cent", "0"),
        ("Take him to ITU", "E"),
        ("No ITU", "0"),
        ("Propranolol 40 tds", "F"),
    ],
)
def test_british_words_and_shorthand_are_read(text: str, letter: str) -> None:
    assert mark_line(BRITISH, text).entry == letter
