"""Moodle XML: questions with options, true or false, short and numerical answers.

It is read with the standard library's expat, which expands no entities here: a document type is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from samp_eval.input_files.limits import MAX_BANK_BYTES, UnreadableFile, read_bytes
from samp_eval.items.importing.html_text import plain_text, tidy
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.quiz import (
    QuizAnswer,
    category_name,
    choice_question,
    number_words,
    short_question,
)

__all__ = ["read_moodle_xml"]

MAX_DEPTH = 100
_SHOWN_FILES = ("questiontext/file", "answer/file", "image_base64")
"""What a candidate sees before answering; files of feedback are not wanted. The last is of Moodle 1.9."""


def read_moodle_xml(file: Path) -> Iterator[tuple[str, ImportedQuestion | LeftOut]]:
    """Every question with its place; raises :class:`UnreadableFile` for what is no XML or declares entities."""
    topic = ""
    quiz = _tree(read_bytes(file, MAX_BANK_BYTES))
    if quiz.tag != "quiz":
        raise UnreadableFile(f"is no Moodle XML: its first element is {quiz.tag!r}, not 'quiz'")
    for number, element in enumerate(quiz.iter("question"), start=1):
        if element.get("type") == "category":
            topic = category_name(_text(element, "category"))
            continue
        place = f"question {number}"
        try:
            yield place, _question(element, topic)
        except LeftOut as reason:
            yield place, reason


def _tree(content: bytes) -> Element:
    builder, depth = TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise UnreadableFile(f"is nested more than {MAX_DEPTH} levels deep")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise UnreadableFile("declares a document type, as Moodle does not; entities are not expanded")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # of an encoding that Python does not know
        raise UnreadableFile(f"is no XML: {error}") from error
    return builder.close()


def _question(element: Element, topic: str) -> ImportedQuestion:
    kind = element.get("type", "")
    if any(element.find(place) is not None for place in _SHOWN_FILES) or _text(element, "image"):
        raise LeftOut("needs a picture")
    name = _text(element, "idnumber") or _text(element, "name")
    asked = _plain(element.find("questiontext"))
    answers = [_answer(answer) for answer in element.findall("answer")]
    if kind == "truefalse":
        answers = [QuizAnswer(answer.text.capitalize(), answer.percent) for answer in answers]
        return choice_question(name, asked, answers, single=True, topic=topic)
    if kind == "multichoice":
        single = (element.findtext("single") or "true").strip().casefold() in ("true", "1")
        return choice_question(name, asked, answers, single=single, topic=topic)
    if kind in ("shortanswer", "numerical"):
        return short_question(name, asked, answers, topic)
    raise LeftOut(f"is of the type {kind or 'without a name'}, which cannot be asked here")


def _answer(element: Element) -> QuizAnswer:
    try:
        percent = float(element.get("fraction", "0"))
    except ValueError as error:
        raise LeftOut("has an answer whose share of the mark is no number") from error
    return QuizAnswer(number_words(_plain(element), element.findtext("tolerance") or ""), percent)


def _plain(element: Element | None) -> str:
    """The text of an element without markup; a text that is said to be plain has none, whatever it looks like."""
    if element is None:
        return ""
    text = (element.findtext("text") or element.text or "").strip()
    return tidy(text) if element.get("format") in ("plain_text", "plain") else plain_text(text)


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{name}/text") or element.findtext(name) or "").strip()
