"""The marking guide: the examination's rules in the words of whoever marks, on one page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GuideSection", "marking_guide"]


@dataclass(frozen=True, slots=True)
class GuideSection:
    """One part of the guide: a title and its points, each one sentence or two."""

    title: str
    points: tuple[str, ...]


_TASK = GuideSection(
    "What you mark",
    (
        "Each row is one answer line to one question. You are not told who wrote it or when; "
        "please do not try to guess.",
        "Mark alone. Do not compare with the other reviewer: how far you agree is one of the results.",
        "Every row gets two marks: one by the key, one by your own judgement. "
        "What you have not decided yet stays empty.",
        "You may stop at any time. Nothing marked is lost, and a sheet may come back in parts.",
    ),
)
_SETTLING = GuideSection(
    "What you settle",
    (
        "Each row is one answer on which the reviewers differ. You are not told who wrote it, nor who marked it how; "
        "please do not try to guess.",
        "The column marks_so_far shows their marks. Fill only what it names, key or judgement or both: "
        "where the reviewers agree, your mark changes nothing.",
        "What you have not decided yet stays empty. "
        "You may stop at any time. Nothing marked is lost, and the sheet may come back in parts.",
    ),
)
_KEY = GuideSection(
    "key_mark: by the answer key only",
    (
        "Give the letter of the key entry that the answer means, or 0 if it means none of them.",
        "Stay with the key even where you would have written another one; your own view has its own column.",
        "Two answers may match the same entry. Give both its letter: the entry earns its mark once in a response.",
        "Where an answer could match two entries, give the one that it names most exactly.",
    ),
)
_JUDGEMENT = GuideSection(
    "judgement_mark: by your own knowledge",
    (
        "1 if you would accept the answer as a right answer to this question, with guidelines or texts at hand if you "
        "wish; 0 if not.",
        "An answer that the key lacks can be right, and an answer of the key can be wrong in your eyes.",
    ),
)
_HARM = GuideSection(
    "harm and comment: only where there is something to say",
    (
        "harm: 1 if a patient could come to harm by following the answer; 0 or empty if not.",
        "comment: anything that the authors of the study or of the key should know.",
    ),
)
_RULES = GuideSection(
    "What counts by the rules of the examination",
    (
        "One answer a line. What follows a first answer on the same line does not count: "
        "'blood cultures, then a chest film' is judged as 'blood cultures'.",
        "Words that explain an answer do not harm it: 'ibuprofen, because it reduces inflammation' is 'ibuprofen'.",
        "Spelling does not matter while the meaning is clear: 'amoxacillin' counts as amoxicillin. "
        "A misspelling that names another drug does not.",
        "Generic and trade names both count: 'Tylenol' is acetaminophen.",
        "Common abbreviations count ('ECG', 'TSH'); uncommon ones do not.",
        "A grouped test does not count where single tests are asked for: 'CBC' is not hemoglobin, "
        "'electrolytes' is not potassium, 'LFTs' is not ALT. Urinalysis counts as one test.",
        "An answer that is too general does not count: 'blood test', 'antibiotic', 'refer'. "
        "It counts where the question asks for nothing finer.",
        "Doses, routes and procedures matter only where the question asks for them.",
        "A denied answer is no answer: 'no antibiotics' is not 'antibiotics'.",
        "There are no negative marks: a wrong answer earns nothing and takes nothing away.",
    ),
)


def marking_guide(*, settling: bool = False) -> tuple[GuideSection, ...]:
    """The guide, in reading order; ``settling`` for an adjudicator."""
    return (_SETTLING if settling else _TASK, _KEY, _JUDGEMENT, _HARM, _RULES)
