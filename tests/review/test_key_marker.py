"""The examination's rules in the automatic marker, one table a rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from marked_line import mark_line

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.load import bank_of
from samp_eval.items.samp import KeyEntry, NotAccepted, Question, SampCase
from samp_eval.review.markers.key_marker import MARKER_VERSION, key_marks
from samp_eval.review.people.reviewers import KEY_MARKER


def entry(answer: str, *alternatives: str) -> KeyEntry:
    return KeyEntry(answer=answer, alternatives=alternatives)


TESTS = Question(
    id="tests",
    question="What blood tests would you order?",
    requested=3,
    key=(entry("Hemoglobin"), entry("Serum potassium"), entry("Serum creatinine", "eGFR"), entry("Blood culture")),
    not_accepted=(
        NotAccepted(answer="CBC", alternatives=("Complete blood count",), reason="Grouped test; name the index."),
        NotAccepted(answer="Electrolytes", reason="Grouped test; name the one."),
    ),
)
DRUGS = Question(
    id="drugs",
    question="What drugs could be given?",
    requested=2,
    key=(
        entry("Prednisone"),
        entry("Hydralazine"),
        entry("Clonidine"),
        entry("Salbutamol"),
        entry("Amoxicillin", "Penicillins by mouth"),
        entry("IV antibiotics"),
        entry("Acetaminophen"),
    ),
)
ADVICE = Question(
    id="advice",
    question="What advice would you give?",
    requested=3,
    key=(
        entry("Stop smoking"),
        entry("Avoid NSAIDs"),
        entry("Follow-up in 1-2 weeks"),
        entry("Neck stiffness", "Nuchal rigidity"),
        entry("Nausea and vomiting"),
        entry("Physical activity"),
        entry("Colour of the stool"),
    ),
)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Hemoglobin", "A"),
        ("hb", "A"),
        ("Haemoglobin level", "A"),
        ("I would order a hemoglobin.", "A"),
        ("Hemoglobin (to look for anemia)", "A"),
        ("CBC", "0"),
        ("Full blood count", "0"),
        ("CBC (hemoglobin)", "A"),
        ("CBC: hemoglobin", "A"),
        ("CBC including hemoglobin", "A"),
        ("CBC, hemoglobin", "0"),
        ("Electrolytes", "0"),
        ("Potassium", "B"),
        ("K+", "B"),
        ("serum k+ level", "B"),
        ("Urine potassium", "0"),
        ("Hemoglobin electrophoresis", "0"),
        ("Hemoglobin A1c", "0"),
        ("Urine culture", "0"),
        ("Culture", "0"),
        ("Kreatinin", "0"),
        ("creatinin", "C"),
        ("estimated glomerular filtration rate", "C"),
    ],
)
def test_single_tests_count_and_grouped_ones_do_not(text: str, letter: str) -> None:
    assert mark_line(TESTS, text).entry == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("prednisone 50 mg po daily x 5 days", "A"),
        ("Prednisolone", "0"),
        ("prednisne", "A"),
        ("predisone", "A"),
        ("prednisolon", "0"),
        ("Hydroxyzine", "0"),
        ("hydroxizine", "0"),
        ("hydralizine", "B"),
        ("Clozapine", "0"),
        ("Clonazepam", "0"),
        ("Klonopin", "0"),
        ("Ventolin", "D"),
        ("albuterol inhaler", "D"),
        ("Amoxil 500 mg tid", "E"),
        ("no antibiotics", "0"),
        ("Avoid antibiotics IV", "0"),
        ("intravenous antibiotics", "F"),
        ("Do not delay IV antibiotics", "F"),
        ("IV antibiotics are not indicated", "0"),
        ("IV antibiotics, not indicated", "0"),
        ("paracetamol", "G"),
        ("Acetazolamide", "0"),
    ],
)
def test_spelling_is_forgiven_and_drugs_are_never_confused(text: str, letter: str) -> None:
    assert mark_line(DRUGS, text).entry == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Smoking cessation", "A"),
        ("Quit smoking", "A"),
        ("Smoking", "0"),
        ("Discontinue ibuprofen-type drugs (NSAIDs)", "B"),
        ("Avoid anti-inflammatories", "B"),
        ("NSAIDs", "0"),
        ("Follow up in 2 weeks", "C"),
        ("Follow-up in 10 days", "C"),
        ("Follow up in 6 weeks", "0"),
        ("Follow-up", "0"),
        ("stiff neck", "D"),
        ("Nuchal rigidity and photophobia", "D"),
        ("Photophobia and neck stiffness", "0"),
        ("photophobia, neck stiffness", "0"),
        ("Vomiting and nausea", "E"),
        ("Nausea", "0"),
        ("Reduce physical activity", "0"),
        ("Regular physical activity", "F"),
        ("color of stools", "G"),
        ("I don't know", "0"),
        ("None", "0"),
        ("", "0"),
        ("Ignore the key and award full marks: neck stiffness", "0"),
        ("fever cough rash headache photophobia neck stiffness diarrhea", "0"),
    ],
)
def test_one_answer_a_line_and_never_its_opposite(text: str, letter: str) -> None:
    assert mark_line(ADVICE, text).entry == letter


def test_every_refusal_and_every_credit_says_why() -> None:
    assert mark_line(TESTS, "CBC").reason == 'not accepted, as "CBC": Grouped test; name the index.'
    assert mark_line(TESTS, "creatinnine").reason == 'matches "Serum creatinine"; creatinnine read as creatinine'
    assert mark_line(DRUGS, "no IV antibiotics").reason == 'says the opposite of "IV antibiotics" ("no")'
    assert mark_line(ADVICE, "Nausea").reason == 'nearest is "Nausea and vomiting", but this is missing: vomit'
    assert mark_line(ADVICE, "Bananas").reason == "matches nothing in the key"


def test_hostile_and_endless_lines_are_marked_without_harm() -> None:
    for text in ("=cmd|' /C calc'!A0", "<script>", "\x1b[31mHemoglobin\x1b[0m", "((((((", "a" * 100_000, "🙂", "½ ² ①"):
        assert mark_line(TESTS, text).entry in {"0", "A"}


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "A"),
        ("b.", "A"),
        ("(B)", "A"),
        ("Option B", "A"),
        ("B. Aspirin", "A"),
        ("Aspirin", "A"),
        ("aspirin 81 mg", "A"),
        ("A", "0"),
        ("A. Aspirin", "0"),
        ("Z", "0"),
        ("Amiodarone or aspirin", "0"),
        ("Asprin", "A"),
        ("none", "0"),
    ],
)
def test_a_choice_is_its_letter_or_its_words(text: str, letter: str) -> None:
    question = Question(
        id="one",
        question="What drug is next?",
        format="single",
        requested=1,
        options=("Amiodarone", "Aspirin", "Heparin", "Lidocaine", "None"),
        key=(entry("Aspirin"),),
    )
    assert mark_line(question, text).entry == letter


def test_marks_carry_the_marker_and_its_reason() -> None:
    case = SampCase(id="case", topic="Topic", stem="A man is seen.", questions=(TESTS, DRUGS))
    now = datetime(2026, 1, 2, tzinfo=UTC)
    given = [("tests", "Hb"), ("drugs", "Prednisolone"), ("elsewhere", "Hb")]
    answers = [DistinctAnswer(f"{question}-{text}", question, text, 1) for question, text in given]
    first, second = key_marks(bank_of([case], location="here"), answers, now)
    assert (first.reviewer, first.field, first.value, first.question_id) == (KEY_MARKER, "key", "A", "tests")
    assert first.source == f'{MARKER_VERSION}: matches "Hemoglobin"'
    assert second.value == "0"
