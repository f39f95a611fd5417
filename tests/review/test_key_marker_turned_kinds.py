"""Kinds of turns that a fourth and a fifth unseen set showed, some examples each, and right lines beside them."""

from __future__ import annotations

import pytest
from marked_line import mark_line

from samp_eval.items.samp import KeyEntry, Question


def question(asked: str, *answers: str) -> Question:
    return Question(id="q", question=asked, requested=1, key=tuple(KeyEntry(answer=answer) for answer in answers))


CARE = question(
    "What would you do for her? Be specific.",
    "Mammogram",
    "Copper intrauterine device",
    "Check glucose before driving",
    "Number of a shelter",
    "Relaxation exercises",
    "Letter to her school",
    "Inhaled corticosteroid",
    "Long-term omeprazole",
)
ADVICE = question(
    "What would you advise him to do? Be specific.",
    "Potassium intake",
    "Stress management",
    "Smoking cessation",
    "Avoid bed rest",
    "Reduce oxygen",
    "Acetaminophen",
    "Educate family",
    "Replace naproxen with celecoxib",
    "Return for symptoms of PID",
    "Heat",
)
RISKS = question("Which risk factors would you ask about?", "Plan", "Alcohol use", "History of cancer")
TESTS = question("Which laboratory tests would you order?", "Serum calcium", "Albumin level", "Vitamin D")
DRUGS = question("Which drugs would you give now?", "Glucagon", "Enalapril")
STOP = question("Which drugs should he stop while he is ill?", "Ramipril", "Chlorthalidone", "Metformin")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # put off
        (CARE, "Mammogram four years from now"),
        (CARE, "Mammogram six months from today"),
        (CARE, "Copper IUD at her next period"),
        (CARE, "Insert the copper IUD at the next visit"),
        (CARE, "Mammogram after her next birthday"),
        # afterwards, where the key has before
        (CARE, "Check glucose after driving"),
        (CARE, "Check glucose at the end of driving"),
        (CARE, "Check glucose afterwards, when driving is done"),
        (CARE, "Glucose check following driving"),
        (CARE, "Test glucose after the driving"),
        # stopped too late
        (STOP, "Stop ramipril when he is well again"),
        (STOP, "Hold metformin once he has recovered"),
        (STOP, "Metformin, after he gets better"),
        (STOP, "Hold chlorthalidone after the illness"),
        (STOP, "Stop ramipril once the vomiting resolves"),
        # given to another
        (CARE, "Give the shelter number to her husband"),
        (CARE, "Hand the number of a shelter to his cousin"),
        (CARE, "Send the shelter number to the landlord"),
        (CARE, "Teach relaxation exercises to a neighbour"),
        (CARE, "Text the shelter number to the boyfriend"),
        # for another's own sake
        (CARE, "Daughter does relaxation exercises for her own stress"),
        (CARE, "Son does relaxation exercises to calm himself, on himself"),
        (CARE, "Husband does relaxation exercises for himself"),
        (CARE, "Mother books a mammogram for herself"),
        (CARE, "Sister gets a mammogram for her own peace of mind"),
        # without asking
        (CARE, "Letter to her school without asking her"),
        (CARE, "Letter to her school without her permission"),
        (CARE, "Copper IUD without telling her"),
        (CARE, "Letter to her school behind her back"),
        (CARE, "Copper IUD inserted without explaining it"),
        (CARE, "Mammogram is to be avoided"),
        # by another route, for a time only, on something that has to happen first
        (CARE, "Corticosteroid by nasal spray"),
        (CARE, "Corticosteroid ointment"),
        (CARE, "Omeprazole until Sunday"),
        (CARE, "Omeprazole for ten days"),
        (CARE, "Relaxation exercises after the wedding"),
        # praised, where the question asks what to stop
        (STOP, "Ramipril is the one to prefer"),
        (STOP, "Metformin is the best of them"),
        (STOP, "Chlorthalidone is perfectly fine"),
        (STOP, "Metformin would be my first choice"),
        (STOP, "Ramipril remains the recommended one"),
    ],
)
def test_a_turn_of_these_kinds_earns_nothing(asked: Question, text: str) -> None:
    assert mark_line(asked, text).entry == "0"


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (CARE, "Mammogram now", "A"),
        (CARE, "Copper IUD without delay", "B"),
        (CARE, "Check glucose before driving", "C"),
        (CARE, "Glucose check prior to driving", "C"),
        (CARE, "Give her the shelter number", "D"),
        (CARE, "Give the shelter phone number to her", "D"),
        (CARE, "Relaxation exercises for his own stress", "E"),
        (STOP, "Ramipril is to be stopped", "A"),
        (STOP, "Stop chlorthalidone until he is well again", "B"),
        (STOP, "Ditch the metformin", "C"),
    ],
)
def test_right_lines_beside_them_are_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # the one telling word for another purpose
        (ADVICE, "Serum potassium"),
        (ADVICE, "Stress test"),
        (ADVICE, "Treat PID"),
        (RISKS, "Treatment plan"),
        (RISKS, "Blood alcohol"),
        (TESTS, "Calcium intake"),
        (TESTS, "Albumin supplement"),
        (TESTS, "Vitamin D tablets"),
        (DRUGS, "Glucagon level"),
        (DRUGS, "Enalapril in double dose"),
        (ADVICE, "Stress management until tomorrow"),
        (ADVICE, "Smoking cessation after the divorce"),
        # the weak words of a wording that has one word more
        (ADVICE, "Family history of allergy"),
        # somebody else's
        (ADVICE, "His family should stop smoking"),
        (RISKS, "Cancer in his family"),
        # the other way round, or more than asked
        (ADVICE, "Bed rest rather than moving about"),
        (ADVICE, "Cut off the oxygen"),
        (ADVICE, "Replace acetaminophen with ibuprofen"),
        (ADVICE, "Replace celecoxib with naproxen"),
        (ADVICE, "Heat makes it worse"),
    ],
)
def test_one_telling_word_for_another_purpose_earns_nothing(asked: Question, text: str) -> None:
    assert mark_line(asked, text).entry == "0"


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (ADVICE, "Dietary potassium", "A"),
        (ADVICE, "Manage his stress", "B"),
        (ADVICE, "Quit smoking", "C"),
        (ADVICE, "Bed rest not recommended", "D"),
        (ADVICE, "Lower the oxygen", "E"),
        (ADVICE, "Acetaminophen 500 mg", "F"),
        (ADVICE, "Teach the family", "G"),
        (ADVICE, "Naproxen replaced with celecoxib", "H"),
        (ADVICE, "Return for PID symptoms", "I"),
        (ADVICE, "Heat pack", "J"),
        (RISKS, "Does she have a plan", "A"),
        (RISKS, "Has he been treated for cancer", "C"),
        (TESTS, "Calcium", "A"),
        (TESTS, "Serum vitamin D", "C"),
        (DRUGS, "Glucagon by injection", "A"),
        (TESTS, "Blood albumin", "B"),
    ],
)
def test_the_same_word_for_the_same_purpose_is_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter
