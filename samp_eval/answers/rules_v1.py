"""The first version of the rules for reading, by which studies of samp-eval 0.2 were read; they keep it.

It is never changed: a study that was marked under these rules must be read in the same way ever after. What it misreads
is what :mod:`samp_eval.answers.reading` reads.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

__all__ = ["AnswerLine", "answer_lines", "without_list_marker"]

_NUMBER = re.compile(r"^\s*\(?\d{1,2}\s?[.):](?=\s|[^\W\d]|[*_(\"'`])\s*")
_BULLET = re.compile(r"^\s*(?:[-*+•·‣▪◦●–—](?=\s))\s*")
_LETTER = re.compile(r"^\s*\(?([A-Za-z])[.)]\s+")
_ANSWER_WORD = re.compile(r"^\s*(?:final\s+)?answers?(?:\s*#?\d{1,2})?\s*:\s*(?=\S)", re.IGNORECASE)
_REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.IGNORECASE | re.DOTALL)
_TERMINAL_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$")
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1|^([*_])(?=\w)([^*]+?)(?<=\S)\3$")
_HEADING_ALONE = re.compile(r"^\s*[*_#\s]*(?:final\s+)?answers?(?:\s*#?\d{1,2})?\s*:[*_\s]*$", re.IGNORECASE)
_MARKER_ALONE = re.compile(r"^\s*\(?(?:\d{1,2}|[A-Za-z])[.):]\s*$|^\s*[-*+•·‣▪◦●–—]\s*$")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer of a response.

    Attributes
    ----------
    number : int
        From 1, in the order written.
    text : str
        Without list markers, emphasis and control characters.
    counted : bool
        Whether it is among the first N; the others are kept and shown, never marked or scored.
    """

    number: int
    text: str
    counted: bool


def answer_lines(text: str, requested: int) -> list[AnswerLine]:
    """Split a response into its answer lines.

    Parameters
    ----------
    text : str
        The response as received.
    requested : int
        How many answers the question asks for (N).
    """
    cleaned = _cleaned(text)
    answers = _json_answers(cleaned)
    if answers is None:
        answers = _written_answers(cleaned)
    kept = [answer for answer in (_plain(answer) for answer in answers) if answer]
    return [AnswerLine(number, answer, number <= requested) for number, answer in enumerate(kept, start=1)]


def without_list_marker(text: str) -> str:
    """The text without a leading number or bullet. Letters stay: ``E. coli`` is an answer."""
    return _BULLET.sub("", _NUMBER.sub("", text, count=1), count=1).strip()


def _cleaned(text: str) -> str:
    text = _TERMINAL_ESCAPE.sub("", _REASONING.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\t", " ")).strip()


def _plain(answer: str) -> str:
    previous = None
    while previous != answer:
        previous, answer = answer, _EMPHASIS.sub(r"\2\4", answer)
    if answer.count("**") == 1:
        answer = answer.replace("**", "")
    return " ".join(_ANSWER_WORD.sub("", answer.lstrip("#").strip(), count=1).split())


def _json_answers(text: str) -> list[str] | None:
    """The strings of a JSON list, or of an object that holds one list or only strings; None for anything else."""
    fenced = re.fullmatch(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", text, re.DOTALL)
    body = fenced.group(1) if fenced else text
    if not body.lstrip().startswith(("[", "{")):
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else list(found.values())
    if not isinstance(found, list):
        return None
    values = [_json_value(value) for value in found]
    return [" ".join(value.split()) for value in values if value is not None] if None not in values else None


def _json_value(value: object) -> str | None:
    if isinstance(value, dict):
        texts = [text for text in value.values() if isinstance(text, str)]
        return texts[0] if texts else None
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _written_answers(text: str) -> list[str]:
    written = [line for line in text.split("\n") if line.strip() and not _is_decoration(line)]
    for marker in (_NUMBER, _letter_marker(written), _BULLET):
        items = _items(written, marker) if marker is not None else []
        if items:
            return items
    if len(written) > 1 and written[0].rstrip().rstrip("*_").endswith(":"):
        written = written[1:]
    return [without_list_marker(line) for line in written]


def _is_decoration(line: str) -> bool:
    return any(shape.match(line) for shape in (_RULE, _MARKER_ALONE, _HEADING_ALONE)) or line.strip().startswith("```")


def _items(written: list[str], marker: re.Pattern[str]) -> list[str]:
    """Text of the lines that carry the marker at the outermost level, if these lines are a list at all."""
    marked = [line for line in written if marker.match(_unwrapped(line))]
    if len(marked) < 2 and (len(marked) != 1 or len(written) > 2):
        return []
    if (
        marker is _BULLET
        and written.index(marked[0]) > 0
        and not written[written.index(marked[0]) - 1].rstrip(" *_").endswith(":")
    ):
        unmarked = len(written) - len(marked)
        if unmarked >= len(marked):
            return []
    outermost = min(_indent(line) for line in marked)
    return [marker.sub("", _unwrapped(line), count=1) for line in marked if _indent(line) == outermost]


def _unwrapped(line: str) -> str:
    """``**1. Fever**`` and ``## 1. Fever`` carry their number inside the emphasis."""
    return re.sub(r"^(\s*)(?:#{1,6}\s+|\*\*(?=\(?\d))", r"\1", line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _letter_marker(written: list[str]) -> re.Pattern[str] | None:
    """Letters number a list only where they run A, B, ...: a lone ``E. coli`` is an answer."""
    letters = "".join(match.group(1).lower() for line in written if (match := _LETTER.match(line)))
    return _LETTER if len(letters) > 1 and "abcdefghijklmnopqrstuvwxyz".startswith(letters) else None
