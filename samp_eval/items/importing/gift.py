"""GIFT, Moodle's form for typing questions: choice, true or false, short and numerical answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from samp_eval.input_files.limits import MAX_BANK_BYTES, UnreadableFile
from samp_eval.input_files.text import read_table_text
from samp_eval.items.importing.html_text import plain_text, tidy
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.quiz import (
    QuizAnswer,
    category_name,
    choice_question,
    number_words,
    short_question,
)

__all__ = ["gift_escaped", "looks_like_gift", "read_gift"]

_FORMAT = re.compile(r"^\s*\[(?:html|moodle|plain|markdown)\]", re.IGNORECASE)
_AS_IT_IS = re.compile(r"^\s*\[plain\]", re.IGNORECASE)
_NAME = re.compile(r"^\s*::((?:\\.|(?!::).)*)::", re.DOTALL)
_ANSWERS = re.compile(r"(?<!\\)\{((?:\\.|[^\\{}])*)\}", re.DOTALL)
_EMBEDDED = re.compile(r"\s*\d*:[A-Z_]+:")
"""How an answer in a text with gaps begins, as in ``{1:MC:``."""
_ANSWER = re.compile(r"([=~])((?:\\.|[^\\=~])*)", re.DOTALL)
_WEIGHT = re.compile(r"^\s*%(-?\d+(?:\.\d+)?)%")
_TRUE = frozenset({"T", "TRUE"})
_FALSE = frozenset({"F", "FALSE"})
_BLANK = "_____"
"""Where the answer belongs into the middle of a sentence."""


def looks_like_gift(file: Path) -> bool:
    """Whether a text has answers in braces and is no JSON, which begins with one."""
    try:
        text = read_table_text(file, MAX_BANK_BYTES).text.lstrip()
    except UnreadableFile:
        return False
    return bool(_ANSWERS.search(text)) and not text.startswith(("{", "["))


def read_gift(
    file: Path, notify: Callable[[str], None] | None = None
) -> Iterator[tuple[str, ImportedQuestion | LeftOut]]:
    """Every question with the line that it begins in; ``notify`` is told if the file was not read as UTF-8."""
    topic = ""
    decoded = read_table_text(file, MAX_BANK_BYTES)
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    for number, text in _blocks(decoded.text):
        if text.lstrip().startswith("$CATEGORY:"):
            topic = category_name(text.partition(":")[2].strip().split("\n")[0])
            continue
        try:
            yield f"line {number}", _question(text, topic)
        except LeftOut as reason:
            yield f"line {number}", reason


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Questions end with a blank line or a remark (``//``) outside of their answers, or where the next name begins."""
    lines: list[str] = []
    begins = 1
    for number, line in enumerate([*text.replace("\r\n", "\n").split("\n"), ""], start=1):
        written = line.strip()
        if lines and not _open(lines):
            ended = not written or written.startswith(("//", "$CATEGORY:"))
            if ended or lines[0].startswith("$CATEGORY:") or (written.startswith("::") and "}" in "".join(lines)):
                yield begins, "\n".join(lines)
                lines = []
        if written.startswith("//") or not (written or lines):
            continue
        begins = begins if lines else number
        lines.append(written if written.startswith("$CATEGORY:") else line)
    if lines:
        yield begins, "\n".join(lines)


def _open(lines: list[str]) -> bool:
    """Whether the answers have begun and not ended; of a long text only the last 200 lines count."""
    text = re.sub(r"\\.", "", "\n".join(lines[-200:]))
    return text.count("{") > text.count("}")


def _question(text: str, topic: str) -> ImportedQuestion:
    named = _NAME.match(text)
    name = _unescaped(named.group(1)).strip() if named else ""
    text = text[named.end() :] if named else text
    found = _ANSWERS.search(text)
    if found is None:
        raise LeftOut("has no answers")
    if _EMBEDDED.match(found.group(1)) or _ANSWERS.search(text, found.end()):
        raise LeftOut("is a text with several gaps, which cannot be asked here")
    as_it_is = bool(_AS_IT_IS.match(text))
    before, behind = (_plain(part, as_it_is) for part in (text[: found.start()], text[found.end() :].strip(' ";')))
    asked = f"{before} {_BLANK} {behind}".replace(f"{_BLANK} .", f"{_BLANK}.") if len(behind) > 1 else before
    inside = re.split(r"(?<!\\)####", found.group(1))[0].strip()
    verdict = re.split(r"(?<!\\)#", inside)[0].strip().upper()
    if verdict in _TRUE | _FALSE:
        answers = [QuizAnswer("True", 100.0 * (verdict in _TRUE)), QuizAnswer("False", 100.0 * (verdict in _FALSE))]
        return choice_question(name, asked, answers, single=True, topic=topic)
    if inside.startswith("#"):
        return short_question(name, asked, list(_numbers(inside[1:])), topic)
    return _with_answers(name, asked, inside, topic, as_it_is=as_it_is)


def _with_answers(name: str, asked: str, inside: str, topic: str, *, as_it_is: bool) -> ImportedQuestion:
    found = [(sign, *_weighed(text, sign)) for sign, text in _ANSWER.findall(inside)]
    if not found:
        raise LeftOut("is answered by an essay")
    if any(re.search(r"(?<!\\)->", text) for _, text, _ in found):
        raise LeftOut("asks to match, which cannot be asked here")
    answers = [QuizAnswer(_plain(text, as_it_is), percent) for _, text, percent in found]
    if all(sign == "=" for sign, _, _ in found):
        return short_question(name, asked, answers, topic)
    single = any(sign == "=" for sign, _, _ in found)
    return choice_question(name, asked, answers, single=single, topic=topic)


def _weighed(text: str, sign: str) -> tuple[str, float]:
    """An answer without its feedback, and its share of the mark."""
    weight = _WEIGHT.match(text)
    percent = float(weight.group(1)) if weight else 100.0 if sign == "=" else 0.0
    return re.split(r"(?<!\\)#", text[weight.end() if weight else 0 :])[0], percent


def _numbers(text: str) -> Iterator[QuizAnswer]:
    for _, part in _ANSWER.findall(text) or [("=", text)]:
        answer, percent = _weighed(part, "=")
        value = answer.strip()
        low, dots, high = value.partition("..")
        number, _, tolerance = value.partition(":")
        yield QuizAnswer(f"{low} to {high}" if dots else number_words(number, tolerance), percent)


def _plain(text: str, as_it_is: bool) -> str:
    """A text without its format and markup; what is said to be plain has none."""
    bare = _unescaped(_FORMAT.sub("", text.strip()))
    return tidy(bare) if as_it_is else plain_text(bare)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([~=#{}:\\])", r"\1", text.replace("\\n", "\n"))


def gift_escaped(text: str) -> str:
    """A text with a backslash before every sign that GIFT would read as its own."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", text)
