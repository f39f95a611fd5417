"""The lines of a text, each with its marker, its indentation and its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.list_markers import Marker, marker_of

__all__ = ["Line", "split_lines"]

_RULE = re.compile(r"[\s>]*(?:[-*_=~─━═]\s*){3,}$")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s*[\w+.-]{0,20}\s*$")
_NO_WORD = re.compile(r"\W*$")
_QUOTED = re.compile(r"(?:\s*>(?=\s{0,9}[^\W\d]|\s{0,9}[>*_#\"'(-]))+\s*")
_HEADING = re.compile(r"[\s>]*(#{1,6})\s+")
_BOLD = re.compile(
    r"[\s#>]*(\*\*|__)(?!\s)(?:(?!\1)[^\n])+(?<!\s)\1\s*[:：]?\s*$|[\s#>]*(\*\*|__)(?!\s)[^\n*_]+[:：]\s*\2\s*$"
)
_GLUED_BULLET = re.compile(r"[-*–—](?=[^\W\d])|o (?=\S)")
_FOOTNOTE = re.compile(r"\s*\[\^?[\w-]{1,30}\]:\s")
_TAB = 4


@dataclass(slots=True)
class Line:
    """One line with words on it.

    Attributes
    ----------
    begin, start, end : int
        Where the line begins, where its words begin behind the marker, and where they end; in the excerpt.
    text : str
        The words without decoration.
    indent : int
        Columns before the first character; a tab is four.
    marker : Marker or None
    level : int
        Of a heading, 1 to 6; 0 for none.
    bold : bool
        Whether all of the words are in bold print.
    fence : int
        Number of the fenced block it stands in; 0 outside.
    paragraph : int
        Number of the paragraph, from 0: empty lines stand between paragraphs.
    """

    begin: int
    start: int
    end: int
    text: str
    indent: int = 0
    marker: Marker | None = None
    level: int = 0
    bold: bool = False
    fence: int = 0
    paragraph: int = 0

    @property
    def colon(self) -> bool:
        """Whether it ends with a colon."""
        return self.text.endswith((":", "："))

    def drop_colon(self) -> None:
        """Let the words end before the colon behind them."""
        if self.colon:
            self.text = self.text[:-1].rstrip()

    @property
    def is_heading(self) -> bool:
        """Whether it looks like a heading over other lines: bold, with heading signs, or with a colon at its end."""
        return self.colon or self.bold or self.level > 0


def split_lines(text: str) -> list[Line]:
    """Every line with words; rules, fences, empty items and empty lines are left out."""
    found: list[Line] = []
    fence, fences, paragraph, position = 0, 0, 0, 0
    for raw in text.split("\n"):
        begin, position = position, position + len(raw) + 1
        if not raw.strip().strip("> \t"):
            paragraph += 1
            continue
        sign = raw.lstrip()[0]
        if sign in "`~" and _FENCE.match(raw):
            fences += not fence
            fence = 0 if fence else fences
            continue
        if sign in "-*_=~─━═>" and _RULE.match(raw):
            paragraph += 1
            continue
        line = None if sign == "[" and _FOOTNOTE.match(raw) else _line(raw, begin)
        if line is not None:
            line.fence, line.paragraph = fence, paragraph
            found.append(line)
    _read_glued_bullets(text, found)
    return found


def _line(raw: str, begin: int) -> Line | None:
    marker = marker_of(raw)
    head = raw[: len(raw) - len(raw.lstrip())]
    indent = len(head) + (_TAB - 1) * head.count("\t")
    start, level, bold = 0, 0, False
    if "#" in raw:
        heading = _HEADING.match(raw)
        level = len(heading.group(1)) if heading else 0
        start = heading.end() if heading else 0
    if marker is not None and marker.kind in ("number", "bullet"):
        start = marker.end
    elif raw.lstrip()[0] == ">" and not start:
        quoted = _QUOTED.match(raw)
        start = quoted.end() if quoted else 0
    content = raw[start:]
    if _NO_WORD.match(content):
        return None
    if "**" in content or "__" in content:
        bold = _BOLD.match(content) is not None or (level == 0 and _BOLD.match(raw) is not None)
    end = begin + len(raw.rstrip())
    start += len(content) - len(content.lstrip())
    words = plain(raw[start:])
    if not words:
        return None
    return Line(begin, begin + start, end, words, indent, marker, level, bold)


def _read_glued_bullets(text: str, lines: list[Line]) -> None:
    """``-Fever`` and ``o fever`` are items where each line begins so; a lone ``-blocker`` is a word."""
    if len(lines) < 2 or any(line.marker for line in lines):
        return
    for line in lines:
        if not _GLUED_BULLET.match(text, line.start):
            return
    for line in lines:
        line.marker = Marker("bullet", 0, line.start + 1 - line.begin, text[line.start])
        line.start += 1 + (text[line.start + 1] == " ")
        line.text = plain(text[line.start : line.end])
