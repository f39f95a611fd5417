"""The marker on lines that turn a key's words: direction, time, comparison, negation, person, condition, shorthand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from marked_line import mark_line

from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, NotAccepted, Question
from samp_eval.review.markers.key_marker import KeyMarker, KeyMatch
from samp_eval.review.markers.language.shorthand import spelled_out

GOLD = Path(__file__).resolve().parents[1] / "data" / "gold-direction.csv"
SHORTHAND = {"abbreviation", "dose_tail", "first_of_two", "other_words"}
LEAST_PRECISION = 0.985
LEAST_RECALL = 0.9
MOST_CREDITED_REVERSED = 0.01


def gold(part: str) -> list[tuple[dict[str, str], KeyMatch]]:
    asked = load_bank().by_question()
    markers = {name: KeyMarker(question, case.stem) for name, (case, question) in asked.items()}
    with GOLD.open(encoding="utf-8", newline="") as source:
        lines = [line for line in csv.DictReader(source) if line["part"] == part]
    return [(line, markers[line["question_id"]].mark(line["text"])) for line in lines]


def test_the_marker_reads_lines_that_turn_a_key_and_notes_in_shorthand() -> None:
    found = gold("tune")
    credited = [line for line, match in found if match.credited]
    right = [line for line in credited if line["mark"] != "0"]
    reversed_lines = [(line, match) for line, match in found if line["mark"] == "0" and line["kind"] not in SHORTHAND]
    assert len(found) >= 1500
    assert len(reversed_lines) >= 800
    assert len(right) / len(credited) >= LEAST_PRECISION
    assert len(right) / sum(line["mark"] != "0" for line, _ in found) >= LEAST_RECALL
    assert sum(match.credited for _, match in reversed_lines) / len(reversed_lines) <= MOST_CREDITED_REVERSED


FINDINGS = Question(
    id="findings",
    question="Which findings would you ask about?",
    requested=3,
    key=(
        KeyEntry(answer="Head injury within the past three months"),
        KeyEntry(answer="Small fundal height", alternatives=("Fundal height",)),
        KeyEntry(answer="Chest pain"),
        KeyEntry(answer="Previous stroke", alternatives=("Stroke",)),
        KeyEntry(answer="Morning stiffness that eases with movement", alternatives=("Morning stiffness",)),
    ),
)
ACTIONS = Question(
    id="actions",
    question="What should you do now?",
    requested=3,
    key=(
        KeyEntry(answer="Endoscopy within 24 hours", alternatives=("Arrange endoscopy",)),
        KeyEntry(answer="Noninvasive ventilation"),
        KeyEntry(answer="Drive only if glucose is above 5 mmol/L"),
        KeyEntry(answer="Stop naproxen"),
        KeyEntry(answer="Wait until he is in withdrawal"),
        KeyEntry(answer="Recommend the vaccine"),
    ),
    not_accepted=(NotAccepted(answer="Stop ASA", reason="Needed for the stent."),),
)


@pytest.mark.parametrize(
    ("question", "text", "letter"),
    [
        (FINDINGS, "Head injury two weeks ago", "A"),
        (FINDINGS, "Head injury last month", "A"),
        (FINDINGS, "Head injury two years ago", "0"),
        (FINDINGS, "Head injury as a child", "0"),
        (FINDINGS, "Reduced fundal height", "B"),
        (FINDINGS, "Large fundal height", "0"),
        (FINDINGS, "Chest pain not relieved", "C"),
        (FINDINGS, "Resolution of chest pain", "0"),
        (FINDINGS, "Chest pain (resolved)", "0"),
        (FINDINGS, "Stroke 20 years ago", "D"),
        (FINDINGS, "Family history of stroke", "0"),
        (FINDINGS, "Stroke in her sister", "0"),
        (FINDINGS, "h/o CVA", "D"),
        (FINDINGS, "Stiffness in the morning that gets better as he moves", "E"),
        (ACTIONS, "Endoscopy w/in 24h", "A"),
        (ACTIONS, "Delay endoscopy for 48 hours", "0"),
        (ACTIONS, "Endoscopy next month", "0"),
        (ACTIONS, "NIV q4h", "B"),
        (ACTIONS, "Take him off noninvasive ventilation", "0"),
        (ACTIONS, "Drive only if glucose is above 15", "0"),
        (ACTIONS, "D/C naproxen", "D"),
        (ACTIONS, "Stop naproxen and ASA", "D"),
        (ACTIONS, "Stop ASA and naproxen", "0"),
        (ACTIONS, "Continue naproxen", "0"),
        (ACTIONS, "Do not start until he is in withdrawal", "E"),
        (ACTIONS, "Recommend against the vaccine", "0"),
        (ACTIONS, "Naproxen rather than the vaccine", "0"),
    ],
)
def test_a_line_is_credited_only_in_the_sense_of_the_key(question: Question, text: str, letter: str) -> None:
    assert mark_line(question, text).entry == letter


@pytest.mark.parametrize(
    "text",
    ["Noninvasive ventilation if he worsens", "Noninvasive ventilation only after lunch", "Juggle the vaccine"],
)
def test_a_line_that_only_a_reader_can_judge_is_open(text: str) -> None:
    match = mark_line(ACTIONS, text)
    assert (match.entry, match.is_open) == ("0", True)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("d/c home", "discharge home"),
        ("D/C'd ASA", "discontinue ASA"),
        ("seizure d/o", "seizure disorder"),
        ("↑ALT", " increased ALT"),
        ("hip #", "hip fracture"),
        ("labetalol q20min", "labetalol every 20 min"),
        ("stroke in the past year", "stroke within 1 year"),
        ("HIV -ve", "HIV negative"),
        ("9-valent", "9-valent"),
    ],
)
def test_shorthand_is_written_out(short: str, long: str) -> None:
    assert " ".join(spelled_out(short).split()) == " ".join(long.split())
