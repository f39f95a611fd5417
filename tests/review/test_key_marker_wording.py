"""Everyday wordings, quantities and turns of phrase that the automatic marker reads, one table a mechanism."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from marked_line import mark_line

from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, Question
from samp_eval.review.markers.key_marker import KeyMarker
from samp_eval.review.markers.parts import parts_of

INDEPENDENT = Path(__file__).resolve().parents[1] / "data" / "gold-independent.csv"
LEAST_PRECISION = 0.985
LEAST_RECALL = 0.9


def question(asked: str, *answers: str) -> Question:
    return Question(id="q", question=asked, requested=1, key=tuple(KeyEntry(answer=answer) for answer in answers))


HISTORY = question(
    "What would you ask?",
    "Weight loss",
    "Craving",
    "Excess alcohol",
    "Suicidal thoughts",
    "Previous self-harm",
    "Harm to others",
    "Retinal haemorrhage",
)
CARE = question(
    "What would you do?",
    "Lumbar puncture",
    "Smoking cessation",
    "Keep opioids out of reach",
    "Restart the pill",
    "Semaglutide",
    "Fluticasone",
    "Complete WCB form",
    "Stop beta-blocker",
    "Treat boyfriend",
    "Continue acetylsalicylic acid",
)
STOPPED = question("Which of his drugs should he stop?", "Metformin", "Oxybutynin")
NUMBERS = question(
    "Which features matter?",
    "Born before 37 weeks",
    "Membranes ruptured more than 18 hours",
    "Number needed to treat 50",
    "Endoscopy within 24 hours",
    "Dose of 81 mg",
    "Milk no more than 500 mL",
)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Has he been losing pounds without trying?", "A"),
        ("Weight gain", "0"),
        ("Do you experience strong cravings?", "B"),
        ("No cravings", "0"),
        ("Excess alcohol consumption", "C"),
        ("Thoughts of ending her life", "D"),
        ("Has she hurt herself before", "E"),
        ("Harm to others", "F"),
        ("Bleeding at the back of the eye", "G"),
    ],
)
def test_everyday_words_and_questions_to_the_patient(text: str, letter: str) -> None:
    assert mark_line(HISTORY, text).entry == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Tap the spine", "A"),
        ("Help him give up cigarettes", "B"),
        ("Keep narcotics where the boy cannot get at them", "C"),
        ("Narcotics cannot be given", "0"),
        ("Resume the pill", "D"),
        ("Do not resume the pill", "0"),
        ("Ozempic once weekly", "E"),
        ("Flovent HFA 50 mcg, one puff twice a day", "F"),
        ("Fill out the WCB paperwork", "G"),
        ("Get him off the beta-blocker", "H"),
        ("Get her boyfriend checked and treated too", "I"),
        ("Do not stop aspirin", "J"),
        ("Stop aspirin", "0"),
    ],
)
def test_doses_purposes_and_verbs_with_particles(text: str, letter: str) -> None:
    assert mark_line(CARE, text).entry == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Hold metformin", "A"),
        ("Stop the oxybutynin today", "B"),
        ("Do not stop oxybutynin", "0"),
        ("Never discontinue metformin", "0"),
        ("Continue metformin", "0"),
    ],
)
def test_stopping_is_the_very_answer_where_the_question_asks_what_to_stop(text: str, letter: str) -> None:
    assert mark_line(STOPPED, text).entry == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("He was born at 35 weeks", "A"),
        ("Born at less than 34 weeks", "A"),
        ("Born at 37 weeks", "0"),
        ("Born after 37 weeks", "0"),
        ("Her waters broke more than a day before birth", "B"),
        ("Ruptured membranes for 20 hours", "B"),
        ("Membranes ruptured less than 18 hours", "0"),
        ("NNT = 1/0.02 = 50", "C"),
        ("NNT = 1/0.25 = 4", "0"),
        ("Endoscopy within 12 hours", "D"),
        ("Endoscopy in 3 days", "0"),
        ("Dose of 81 mg", "E"),
        ("Dose of 162 mg", "0"),
        ("Milk 400 mL", "F"),
        ("Milk 750 mL", "0"),
    ],
)
def test_a_number_that_satisfies_the_key_is_right(text: str, letter: str) -> None:
    assert mark_line(NUMBERS, text).entry == letter


def test_the_marker_agrees_with_another_hand() -> None:
    asked = load_bank().by_question()
    with INDEPENDENT.open(encoding="utf-8", newline="") as source:
        lines = list(csv.DictReader(source))
    found = []
    for line in lines:
        case, item = asked[line["question_id"]]
        found.append((KeyMarker(item, case.stem).mark(line["text"]).entry, line["mark"]))
    credited = [pair for pair in found if pair[0] != "0"]
    right = sum(entry == mark for entry, mark in credited)
    assert right / len(credited) >= LEAST_PRECISION
    assert right / sum(mark != "0" for _, mark in found) >= LEAST_RECALL


SEPARATORS = "such as|eg|ie|including|specifically|namely|especially|and|or|plus|vs|versus|as well as|followed by|then"


@pytest.mark.parametrize("separator", SEPARATORS.split("|"))
def test_each_separator_in_letters_parts_a_line_without_punctuation(separator: str) -> None:
    words, boundaries = parts_of(f"Fever {separator} cough")
    assert words == [("fever", 0), ("cough", 1)]
    assert len(boundaries) == 2


def test_a_line_of_words_alone_has_one_part() -> None:
    assert parts_of("Fever of sand orchards") == ([("fever", 0), ("of", 0), ("sand", 0), ("orchards", 0)], ["start"])
