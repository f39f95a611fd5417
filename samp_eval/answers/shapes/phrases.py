"""Words around an answer, listed in ``phrases.txt``: headings, introductions, remarks, explanations, refusals."""

from __future__ import annotations

import re

from samp_eval.answers.word_lists import entry_pattern, read_sections

__all__ = [
    "answer_heading",
    "answer_label_end",
    "aside_label",
    "closes",
    "introduces",
    "is_sentence",
    "question_label",
    "refuses",
    "short_label_end",
]

_DECORATION = r"[\s*_#>`\[【(]{0,9}"
_EDGES = " \t:：.*#-–—[]【】()"
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’)\]*_]{0,3}$")
_MANY_WORDS = 12
_FIRST_HAN = "\u2e80"


_SECTIONS = {
    section: [entry_pattern(entry) for entry in entries]
    for section, entries in read_sections("samp_eval.answers.shapes", "phrases.txt").items()
}


def _any(*sections: str) -> str:
    """A pattern for any phrase of these sections, longer ones first."""
    return "|".join(sorted((phrase for section in sections for phrase in _SECTIONS[section]), key=len, reverse=True))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ANSWER = (
    rf"(?:(?:{_any('before answer')})\s?){{0,3}}(?:{_any('answer')})(?:\s(?:{_any('behind answer')}))?(?:\s?\(s\))?"
)
_LABEL = _compiled(
    rf"{_DECORATION}{_ANSWER}(?:\s?#?\d{{1,2}})?[】\]]?[*_`]{{0,3}}\s?(?:(?:is|are)\s?)?(?:[:：]|(?<=】))[\s*_`]{{0,6}}"
)
_HEADING = _compiled(rf"{_ANSWER}(?P<number>\s?#?\d{{1,2}})?(?:\s(?:is|are))?")
_SPEAKS_OF_ANSWERS = _compiled(rf"(?<!\w)(?:{_any('answer')})")
_FINAL = _compiled(rf"(?<!\w)(?:{_any('final')})")
_ASIDE = rf"(?:(?:{_any('before aside')})\s)?(?:{_any('aside')})"
_ASIDE_LABEL = _compiled(rf"{_DECORATION}{_ASIDE}[】\]]?[*_`]{{0,3}}\s?[:：]")
_ASIDE_HEADING = _compiled(_ASIDE)
_NEEDS_COLON = _compiled(_any("aside with colon"))
_QUESTION = _compiled(rf"{_DECORATION}(?:{_any('question')})\s?\d{{0,2}}\s?[:：]")
_SHORT_ANSWER = re.compile(rf"{_DECORATION}[aAR]\s?\d{{0,2}}\s?[:：][\s*_]{{0,6}}(?=\S)")
_INTRODUCTION = _compiled(rf"{_DECORATION}(?:{_any('introduction')})")
_CLOSING = _compiled(rf"{_DECORATION}(?:{_any('closing')})")
_REFUSAL = _compiled(
    rf"(?:(?:{_any('sorry')})[\s,.;:!–—，。-]{{0,4}}(?:but |that |mais |aber |pero |dass |但)?){{0,2}}"
    rf"(?:{_any('refusal')}|(?:{_any('unable')}) (?:{_any('refused')}))"
)


def answer_label_end(line: str) -> int | None:
    """Where what follows ``Answer:`` begins; None where the line does not begin so."""
    found = _LABEL.match(line)
    return found.end() if found else None


def answer_heading(text: str) -> tuple[bool, bool, bool]:
    """Whether a plain line is nothing but a heading of answers, one that says they are final, one with a number."""
    core = text.strip(_EDGES)
    found = _HEADING.fullmatch(core) if len(core) < 60 else None
    if found:
        return True, _FINAL.search(core) is not None, found["number"] is not None
    if len(text) < 120 and text.endswith((":", "：")) and _SPEAKS_OF_ANSWERS.search(text):
        return True, _FINAL.search(text) is not None, False
    return False, False, False


def question_label(line: str) -> bool:
    """Whether a line repeats the question."""
    return _QUESTION.match(line) is not None


def short_label_end(line: str) -> int | None:
    """Where what follows ``A:`` begins, behind a line with ``Q:``."""
    found = _SHORT_ANSWER.match(line)
    return found.end() if found else None


def aside_label(line: str, text: str) -> bool:
    """Whether a line begins an explanation: ``Rationale: ...``, or a heading that says so."""
    if _ASIDE_LABEL.match(line):
        return True
    core = text.strip(_EDGES)
    return _ASIDE_HEADING.fullmatch(core) is not None and not _NEEDS_COLON.fullmatch(core)


def introduces(text: str) -> bool:
    """Whether a line says that answers follow."""
    return text.endswith((":", "：")) or _INTRODUCTION.match(text) is not None


def closes(text: str) -> bool:
    """Whether a line is a remark behind the answers."""
    return _CLOSING.match(text) is not None


def refuses(text: str) -> bool:
    """Whether a text begins by declining to answer."""
    return _REFUSAL.match(text.lstrip(" *_#>\"'“")) is not None


def is_sentence(text: str) -> bool:
    """Whether a line is a sentence of prose and no answer in a few words."""
    count = text.count(" ") + 1
    if count >= _MANY_WORDS:
        return True
    ended = _SENTENCE_END.search(text) is not None
    return ended and (count >= 5 or (count < 3 and len(text) >= 14 and text[0] > _FIRST_HAN))
