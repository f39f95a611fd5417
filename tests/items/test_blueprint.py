"""What a bank covers of a blueprint, and the weights that follow, by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBlueprint
from samp_eval.items.blueprint import LARGEST_WEIGHT, coverage, load_blueprint, question_weights
from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase

TEXT = """
[[dimension]]
name = "Age"

[[dimension.group]]
name = "Children"
target = 0.5
topics = ["fever"]

[[dimension.group]]
name = "Adults"
target = 0.3
topics = ["Cough"]
cases = ["odd"]

[[dimension.group]]
name = "Elderly"
target = 0.2
topics = ["Falls"]
"""


def bank(counts: dict[str, tuple[str, int]]) -> Bank:
    """Cases by id, each with its topic and number of questions."""
    return bank_of(
        [
            SampCase(
                id=name,
                topic=topic,
                stem="A person is unwell.",
                questions=tuple(
                    Question(id=f"{name}-{n}", question="Why?", requested=1, key=(KeyEntry(answer="Fever"),))
                    for n in range(number)
                ),
            )
            for name, (topic, number) in counts.items()
        ],
        location="tests",
    )


BANK = bank({"a": ("Fever", 2), "b": ("Cough", 5), "odd": ("Rash", 1), "other": ("Rash", 4)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "blueprint.toml"
    found.write_text(TEXT, encoding="utf-8")
    return found


def test_coverage_by_hand(file: Path) -> None:
    (age,) = coverage(load_blueprint(file), BANK)
    assert [(group.name, group.questions, group.share) for group in age.groups] == [
        ("Children", 2, 0.25),
        ("Adults", 6, 0.75),
        ("Elderly", 0, 0.0),
    ]
    assert [group.gap for group in age.groups] == pytest.approx([0.25, -0.45, 0.2])
    assert age.ungrouped == ("other",)
    assert age.covered == pytest.approx(0.25 + 0.3)
    assert age.distance == pytest.approx(8 * (0.25**2 / 0.5 + 0.45**2 / 0.3 + 0.2**2 / 0.2))


def test_weights_by_hand(file: Path) -> None:
    """Children get 5/8 of the eight grouped questions and adults 3/8; the four others keep their weight."""
    weights = question_weights(load_blueprint(file), BANK)
    assert weights["a-0"] == pytest.approx(5 / 2)
    assert weights["b-0"] == weights["odd-0"] == pytest.approx(3 / 6)
    assert weights["other-0"] == pytest.approx(1)
    assert sum(weights.values()) == pytest.approx(len(weights))


def test_no_question_stands_for_more_than_three(file: Path) -> None:
    lopsided = bank({"a": ("Fever", 1), "b": ("Cough", 19)})
    weights = question_weights(load_blueprint(file), lopsided)
    assert weights["a-0"] / weights["b-0"] == pytest.approx(LARGEST_WEIGHT / (20 * 0.375 / 19))


def test_two_dimensions_are_raked(tmp_path: Path) -> None:
    file = tmp_path / "blueprint.toml"
    file.write_text(
        TEXT
        + '[[dimension]]\nname = "Place"\n[[dimension.group]]\nname = "Office"\ntarget = 0.6\ncases = ["a", "b"]\n'
        + '[[dimension.group]]\nname = "Ward"\ntarget = 0.4\ncases = ["odd", "other"]\n',
        encoding="utf-8",
    )
    weights = question_weights(load_blueprint(file), BANK)
    office = sum(weight for name, weight in weights.items() if name[0] in "ab")
    assert office / sum(weights.values()) == pytest.approx(0.6)
    children, adults = (
        sum(weights[name] for name in names)
        for names in (
            ("a-0", "a-1"),
            ("b-0", "b-1", "b-2", "b-3", "b-4", "odd-0"),
        )
    )
    assert children / adults == pytest.approx(5 / 3, rel=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("0.2", "0.3", "add up to 1.1"),
        ('["Falls"]', '["Cough"]', "topic cough is in another group already"),
        ("target = 0.5", "target = 1.5", "target"),
        ('name = "Age"', 'title = "Age"', "title"),
    ],
)
def test_a_faulty_blueprint_says_where(file: Path, old: str, new: str, problem: str) -> None:
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FaultyBlueprint, match=problem):
        load_blueprint(file)


def test_the_command_shows_gaps(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cases(BANK.cases, tmp_path / "bank")
    assert main(["items", "blueprint", str(file), "--items", str(tmp_path / "bank")]) == 0
    shown = capsys.readouterr().out
    assert "Without a question: Elderly." in shown
    assert "In no group: other." in shown
    assert main(["items", "blueprint", str(file), "--items", str(tmp_path / "bank"), "--json"]) == 0
    (age,) = json.loads(capsys.readouterr().out)
    assert age["groups"][0]["gap"] == 0.25
