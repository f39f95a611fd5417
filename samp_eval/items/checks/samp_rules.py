"""Rules of the examination for its own questions: lengths, units, options in order, grouped tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from samp_eval.items.samp import KeyEntry, Question, SampCase

__all__ = ["samp_case_problems", "samp_question_problems"]

STEM_WORDS = range(50, 151)
MENU_OPTIONS = range(6, 13)
SINGLE_OPTIONS = 5
MAX_ANSWER_CHARACTERS = 99
MAX_ANSWER_WORDS = 10

_VITAL_UNITS = {
    "temperature": ("°C", "38.4 °C (oral)"),
    "pulse": ("/min", "112/min"),
    "respirations": ("/min", "24/min"),
    "blood_pressure": ("mmHg", "104/62 mmHg"),
    "oxygen_saturation": ("%", "94 % on room air"),
    "weight": ("kg", "14.2 kg"),
}
_UNITS = r"(?:[munpµμ]?mol|m?g\b|m?g/|[nµμu]g|U/|m?IU|%|×|x\s|f?L\b|mL)"
_ANALYTE_WITHOUT_UNIT = re.compile(
    r"\b(h[a]?emoglobin|sodium|potassium|creatinine|glucose|calcium|ferritin|bilirubin|urea|lactate|platelets?|troponin)"
    rf"(?: (?:is|was|of|level|count))* (\d+(?:\.\d+)?)(?!\.?\d|\s*{_UNITS}|\s*(?:to|and|[-–])\s*\d|-)",
    re.IGNORECASE,
)
_NUMBERS = r"(?:one|two|three|four|five|[1-9])"
_TYPED_INSTRUCTION = re.compile(
    rf"\b(?:list|select) {_NUMBERS}\b|\b(?:give|name|state) {_NUMBERS} answers?\b|^(?:give|name|state) {_NUMBERS}\b",
    re.IGNORECASE,
)
_ASKS_DIAGNOSIS = re.compile(
    r"\bdiagnos[ei]s\b|\bwhat (?:is|condition is) (?:the )?(?:most likely )?(?:cause|condition)\b", re.IGNORECASE
)
_GROUPED = re.compile(
    r"^(?:cbc|complete blood count|full blood count|(?:serum )?electrolytes|lytes|lfts?|liver (?:panel|enzymes)"
    r"|liver function tests?|lipid (?:panel|profile)|renal (?:panel|function tests?)|blood ?work|metabolic panel)$",
    re.IGNORECASE,
)
_NONE = re.compile(r"^none(?: of (?:the|these).*)?$", re.IGNORECASE)
_ASKS_TESTS = re.compile(r"\b(?:investigation|laborator|blood test|tests?\b|bloodwork)", re.IGNORECASE)


def samp_case_problems(case: SampCase) -> Iterator[tuple[str, str]]:
    """Place and problem of every breach by a case itself."""
    words = len(case.stem.split())
    if words not in STEM_WORDS:
        yield "stem", f"has {words} words; a stem has 50 to 150"
    if case.vitals is not None:
        for name, (unit, example) in _VITAL_UNITS.items():
            value = getattr(case.vitals, name)
            if value is not None and unit not in value.replace("mm Hg", "mmHg"):
                yield f"vitals {name}", f"{value!r} lacks its unit; write it as {example}"
    texts = [
        ("stem", case.stem),
        *((f"update of {asked.id}", asked.update) for asked in case.questions if asked.update),
    ]
    for where, text in texts:
        for found in _ANALYTE_WITHOUT_UNIT.finditer(text):
            yield where, f'"{found.group()}" lacks its unit (SI)'


def samp_question_problems(case: SampCase, question: Question) -> Iterator[tuple[str, str]]:
    """Place and problem of every breach by a question."""
    if "?" not in question.question:
        yield "question", "is not a question; it ends with a question mark"
    if _TYPED_INSTRUCTION.search(question.question):
        yield "question", "holds its instruction; List THREE. is generated from requested"
    if question.format == "write-in":
        yield from _entry_problems(question)
        yield from _named_diagnosis(case, question)
    else:
        yield from _order_problems(question)


def _entry_problems(question: Question) -> Iterator[tuple[str, str]]:
    for letter, entry in question.lettered_key().items():
        if len(entry.answer) > MAX_ANSWER_CHARACTERS or len(entry.answer.split()) > MAX_ANSWER_WORDS:
            yield (
                f"key entry {letter}",
                f"is longer than an answer may be ({MAX_ANSWER_WORDS} words, {MAX_ANSWER_CHARACTERS} characters)",
            )
        if _ASKS_TESTS.search(question.question):
            for wording in entry.wordings:
                if _GROUPED.match(wording):
                    yield (
                        f"key entry {letter}",
                        f'"{wording}" is a grouped test; name the index (hemoglobin, potassium, ALT)',
                    )


def _named_diagnosis(case: SampCase, question: Question) -> Iterator[tuple[str, str]]:
    """Find what a candidate has read already when a diagnosis is asked for."""
    if not _ASKS_DIAGNOSIS.search(question.question):
        return
    read = " ".join([case.stem, *case.updates_until(question)]).casefold()
    for letter, entry in question.lettered_key().items():
        named = _first_in(entry, read)
        if named is not None:
            yield f"key entry {letter}", f'the case names "{named}" before the question asks for it'


def _first_in(entry: KeyEntry, text: str) -> str | None:
    for wording in entry.wordings:
        found = re.search(rf"(?<!\w){re.escape(wording.casefold())}(?!\w)", text)
        if found and not re.search(r"\b(?:no|not|denies|without|never)\b[^.;]*$", text[: found.start()]):
            return wording
    return None


def _order_problems(question: Question) -> Iterator[tuple[str, str]]:
    options = list(question.options)
    allowed = MENU_OPTIONS if question.format == "menu" else range(SINGLE_OPTIONS, SINGLE_OPTIONS + 1)
    if len(options) not in allowed:
        wanted = "6 to 12 options" if question.format == "menu" else "five options"
        yield "options", f"there are {len(options)}; a {question.format} question has {wanted}"
    named = [option for option in options if not _NONE.match(option)]
    if len(named) < len(options) and not _NONE.match(options[-1]):
        yield "options", '"None" stands last'
    if named != sorted(named, key=_option_order):
        yield (
            "options",
            "are out of order: alphabetical, numbers ascending; as they should stand: "
            + "; ".join(sorted(named, key=_option_order)),
        )


def _option_order(option: str) -> tuple[int, float, str]:
    number = re.match(r"[^\w]*(\d+(?:\.\d+)?)", option)
    return (0, float(number.group(1)), option.casefold()) if number else (1, 0.0, option.casefold())
