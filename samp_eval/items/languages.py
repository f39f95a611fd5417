"""The words that are put around a case, in its language: English and French; other languages get the English ones."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGE_NAMES", "Words", "words_in"]

LANGUAGE_NAMES = {"en": "English", "fr": "French", "es": "Spanish", "de": "German", "ja": "Japanese", "ko": "Korean"}
"""Names of languages for messages; others are shown by their code."""


@dataclass(frozen=True, slots=True)
class Words:
    """What surrounds a case and its question.

    Attributes
    ----------
    counts : tuple of str
        One to twelve, at their places; of feminine gender where that matters.
    one_answer, answers : str
        Instructions of a write-in question; ``{}`` is the count in capitals.
    options : tuple of str
        Instruction to choose one option, and several; ``{}`` is the count.
    any_options : str
        Instruction to choose, where the number is not told.
    case, question, answer : str
        Labels with their colon.
    vital_signs : str
        Heading.
    vital_labels : dict of str
        Labels of the vital signs by their English ones.
    colon : str
        Between a label and its value.
    """

    counts: tuple[str, ...]
    one_answer: str
    answers: str
    options: tuple[str, str]
    any_options: str
    case: str
    question: str
    answer: str
    vital_signs: str
    vital_labels: dict[str, str]
    colon: str


_ENGLISH = Words(
    counts=("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    one_answer="Give ONE answer.",
    answers="List {}.",
    options=("Select one.", "Select {}."),
    any_options="Select all that apply.",
    case="Case:",
    question="Question:",
    answer="Answer:",
    vital_signs="Vital signs",
    vital_labels={},
    colon=": ",
)
_FRENCH = Words(
    counts=("", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    one_answer="Donnez UNE réponse.",
    answers="Donnez {} réponses.",
    options=("Choisissez une réponse.", "Choisissez {} réponses."),
    any_options="Choisissez toutes les réponses exactes.",
    case="Cas :",
    question="Question :",
    answer="Réponse :",
    vital_signs="Signes vitaux",
    vital_labels={
        "Temperature": "Température",
        "Pulse": "Pouls",
        "Respirations": "Respirations",
        "Blood pressure": "Tension artérielle",
        "Oxygen saturation": "Saturation en oxygène",
        "Weight": "Poids",
    },
    colon=" : ",
)


def words_in(language: str) -> Words:
    """The words in a language by its code; ``fr-CA`` is French."""
    return _FRENCH if language.partition("-")[0] == "fr" else _ENGLISH
