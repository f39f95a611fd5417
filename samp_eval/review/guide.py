"""The marking guide: the examination's rules, in the words of the sheets and in those of the marking page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GuideSection", "marking_guide", "page_guide"]


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
        "Give the letter of the key entry that the answer means, or 0 if it means none of them. "
        "A row shows some wordings of each entry; other words for the same thing earn its letter too.",
        "Stay with the key even where you would have written another one; your own view has a mark of its own.",
        "Two answers may match the same entry. Give both its letter: the entry earns its mark once in a response.",
        "Where an answer could match two entries, give the one that it names most exactly.",
        "An answer that the key lists as not accepted gets 0, even where you would accept it. "
        "A more exact answer than the one listed is marked on its own: 'grief counselling' is not 'counselling'.",
    ),
)
_JUDGEMENT = GuideSection(
    "judgement_mark: by your own knowledge",
    (
        "1 if you would accept the answer as a right answer to this question, with guidelines or texts at hand if you "
        "wish; 0 if not.",
        "An answer that the key lacks can be right, and an answer of the key can be wrong in your eyes. "
        "The answers that the key does not accept do not bind you here.",
        "The rules of the examination on lines bind here too: judge the first answer of the line only, and at the "
        "detail that the question asks for. A grouped or general answer is 0 where a single one is asked for.",
    ),
)
_HARM = GuideSection(
    "harm, comment and misread: only where there is something to say",
    (
        "harm: 1 if a patient could come to harm by following the answer; 0 or empty if not. "
        "Judge the first answer of the line here too; if what follows it could harm, say so in the comment: "
        "'stop naproxen and ASA' after a coronary stent.",
        "comment: anything that the authors of the study or of the key should know.",
        "misread: 1 if the line is not what its author gave as an answer: a heading, half a sentence, two answers in "
        "one. Mark the line as it stands; a person will look at the whole response.",
    ),
)
_PAGE_TASK = GuideSection(
    "What you mark",
    (
        "Each answer is one line that somebody wrote to the question. You are not told who wrote it or when; "
        "please do not try to guess.",
        "Mark alone. Do not compare with the other reviewer: how far you agree is one of the results.",
        "Every answer gets two marks, one by the key and one by your own judgement. "
        "Then the page goes on to the next answer that is open.",
        "Every mark is saved at once, and a comment while you type it. You can stop at any time and open your link "
        "again, also on another device.",
    ),
)
_PAGE_SETTLING = GuideSection(
    "What you settle",
    (
        "Each answer is one on which the reviewers differ. You are not told who wrote it, nor who marked it how; "
        "please do not try to guess.",
        "The page names both marks. Give the mark that is disputed: by the key, by your own judgement, or both.",
        "Every mark is saved at once. You can stop at any time and open your link again, also on another device.",
    ),
)
_PAGE_KEY = GuideSection(
    "By the key",
    (
        "Press the letter of the entry that the answer means, or 0 if it means none of them. Clicking or tapping does "
        "the same, here as everywhere.",
        "+3 beside an entry opens three more wordings of it.",
        *_KEY.points[1:],
    ),
)
_PAGE_JUDGEMENT = GuideSection(
    "By your own judgement",
    (
        "1 (right) if you would accept the answer as a right answer to this question, with guidelines or texts at hand "
        "if you wish; 2 (wrong) if not; 3 (wrong and could harm) if a patient could come to harm by following it.",
        "0 means the same as in the sheets: none of the key while that mark is open, then wrong. "
        "The page shows the 0 on the button that it presses.",
        *_JUDGEMENT.points[1:],
        "If two of your marks contradict each other, the page asks before it goes on.",
    ),
)
_PAGE_FLAGS = GuideSection(
    "Comment, later, and not how I read it",
    (
        "/ goes to the comment: anything that the authors of the study or of the key should know, and what follows a "
        "first answer and could harm. Escape leaves it.",
        "4 puts an answer aside for later and goes on; the overview lists it.",
        "5 (not how I read it) if this line is not what its author gave as an answer: a heading, half a sentence, "
        "two answers in one. Mark the line as it stands; a person will look at the whole response.",
    ),
)
_PAGE_WAYS = GuideSection(
    "Finding your way",
    (
        "Space goes to the next open answer, → or Enter to the next one, ← back. Backspace takes your last mark back.",
        ". opens the overview: every question with what is open, and what you put aside, flagged or called harmful. "
        "Type the number of an answer, or words of it or its question, and press Enter.",
        "? opens this guide, Escape closes it. Without “single keys” the page leaves letters and digits alone.",
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
        "A grouped test that names its index counts as that index: 'CBC for hemoglobin' is 'hemoglobin'. "
        "If it names several, the first counts.",
        "An answer that is too general does not count: 'blood test', 'antibiotic', 'refer'. "
        "It counts where the question asks for nothing finer.",
        "Doses, routes and procedures matter only where the question asks for them.",
        "A denied answer is no answer: 'no antibiotics' is not 'antibiotics'.",
        "A hedged answer counts as its first choice: 'L5 or S1' is 'L5'. 'Consider', 'possible' and 'likely' take "
        "nothing away; a condition of its own ('ventilation only if he worsens') makes another answer of it.",
        "A right first answer earns its mark even where a wrong or harmful one follows on the line.",
        "There are no negative marks: a wrong answer earns nothing and takes nothing away.",
    ),
)


def marking_guide(*, settling: bool = False) -> tuple[GuideSection, ...]:
    """The guide, in reading order; ``settling`` for an adjudicator."""
    return (_SETTLING if settling else _TASK, _KEY, _JUDGEMENT, _HARM, _RULES)


def page_guide(*, settling: bool = False) -> tuple[GuideSection, ...]:
    """The guide of the marking page, with the keys that it has; ``settling`` for an adjudicator."""
    task = _PAGE_SETTLING if settling else _PAGE_TASK
    return (task, _PAGE_KEY, _PAGE_JUDGEMENT, _PAGE_FLAGS, _PAGE_WAYS, _RULES)
