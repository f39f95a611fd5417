"""Tables: rows of cells between bars, tabs or commas, and the column that holds the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samp_eval.answers.shapes.inline import plain

__all__ = ["table_answers"]

_SEPARATOR = re.compile(r"[\s|:+─━═┼┤├╪╞╡┌┐└┘┬┴╔╗╚╝╦╩╠╣╬│║-]+$")
_INDEX_NAME = re.compile(
    r"(?:#|no\.?|nr\.?|n[°º]|№|number|rank|index|order|id|item|nummer|número|numéro|序号|编号|s\.? ?no\.?)?$", re.I
)
_ANSWER_NAME = re.compile(r"answers?\b|réponses?\b|antwort|respuesta|答案|回答|response", re.I)
_ASIDE_NAME = re.compile(
    r"(?:why|rationale|reason|explanation|justification|comment|note|detail|evidence|source|reference|category|type|group"
    r"|class|system|domain|priority|confidence|purpose|significance|importance|relevance|mechanism|example|description"
    r"|kategorie|begründung|erklärung|grund|catégorie|explication|raison|justif|categoría|explicación|razón|类别|原因|理由|解释|说明)",
    re.I,
)
_ASIDE_ALONE = re.compile(rf"(?:clinical |key |the )?(?:{_ASIDE_NAME.pattern})(?:s|es|ies)?(?: \(.*\))?$", re.I)
_INDEX = re.compile(r"[\W_]*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})?[\W_]*$")
_QUOTED_CELL = re.compile(r'\s*(?:"((?:[^"\n]|"")*)"|([^,;\n"]*))\s*(?:([,;])|$)')


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    text: str


def table_answers(text: str) -> list[tuple[int, int]] | None:
    """Places of the answers in the first table of a text; None where there is none."""
    if "|" in text or "│" in text or "║" in text:
        found = _barred(text)
        if found:
            return found
    if "\t" in text:
        found = _column(_tabbed(text), headed=False)
        if found:
            return found
    if text.count(",") + text.count(";") > 1 and text.count("\n") > 0:
        return _comma_separated(text)
    return None


def _barred(text: str) -> list[tuple[int, int]] | None:
    """Rows in a row; the first is a header where a line of dashes follows it."""
    rows: list[list[_Cell]] = []
    headed, position = False, 0
    for raw in text.split("\n"):
        begin, position = position, position + len(raw) + 1
        line = raw.strip()
        if not line:
            continue
        if len(line) > 2 and ("-" in line or line[0] > "\u2500") and _SEPARATOR.match(line):
            headed = headed or len(rows) == 1
            continue
        bars = line.count("|") + line.count("│") + line.count("║")
        outer = line[0] in "|│║"
        if bars >= 2 or (outer and bars) or (bars and (rows or "|" in text[position : position + len(raw) + 80])):
            rows.append(_cells(raw, begin, re.compile(r"[|│║]"), outer))
        elif rows:
            break
    if len(rows) < 2 or (not headed and len({len(row) for row in rows}) > 1):
        return None
    return _column(rows, headed)


def _cells(raw: str, begin: int, bar: re.Pattern[str], outer: bool) -> list[_Cell]:
    cells, start = [], 0
    for place, end in enumerate(
        [*(found.start() for found in bar.finditer(raw) if raw[found.start() - 1] != "\\"), len(raw)]
    ):
        if not (outer and place == 0):
            cells.append(_cell(raw, begin, start, end))
        start = end + 1
    if outer and len(cells) > 1 and not cells[-1].text:
        cells.pop()
    return cells


def _cell(raw: str, begin: int, start: int, end: int) -> _Cell:
    piece = raw[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    return _Cell(begin + start, begin + end, plain(raw[start:end]) or piece.strip())


def _tabbed(text: str) -> list[list[_Cell]]:
    """Rows with as many tabs each; nothing where a line differs or the first cells do not count the rows."""
    rows, position, bar = [], 0, re.compile("\t")
    for raw in text.split("\n"):
        begin, position = position, position + len(raw) + 1
        if raw.strip():
            rows.append(_cells(raw, begin, bar, outer=False))
    same = len({len(row) for row in rows}) == 1 and rows and len(rows[0]) > 1
    return rows if same and len(rows) > 1 and (_counts(rows) or _counts(rows[1:]) or _named(rows[0])) else []


def _comma_separated(text: str) -> list[tuple[int, int]] | None:
    """Rows of a CSV file: every row has as many cells, and they are numbered, quoted, or named by a header."""
    rows: list[list[_Cell]] = []
    position, quoted = 0, True
    for raw in text.split("\n"):
        begin, position = position, position + len(raw) + 1
        if not raw.strip() or raw.strip().startswith("```"):
            continue
        row: list[_Cell] = []
        start = 0
        while start <= len(raw) and (found := _QUOTED_CELL.match(raw, start)) and len(row) < 20:
            place = found.span(1) if found.group(1) is not None else found.span(2)
            row.append(_cell(raw, begin, *place))
            quoted = quoted and found.group(1) is not None
            start = found.end()
            if found.group(3) is None:
                break
        if len(row) < 2 or start < len(raw.rstrip()) or len(rows) > 100:
            return None
        rows.append(row)
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return None
    if not (_counts(rows) or (_counts(rows[1:]) and _named(rows[0])) or (quoted and _named(rows[0]))):
        return None
    return _column(rows, headed=False)


def _counts(rows: list[list[_Cell]]) -> bool:
    """Whether the first cells count the rows: 1, 2, 3."""
    return len(rows) > 1 and [row[0].text.strip(" .)") for row in rows] == [
        str(place + 1) for place in range(len(rows))
    ]


def _named(row: list[_Cell]) -> bool:
    """Whether a row is a header: it names a column of answers, or of numbers or remarks beside another."""
    names = [cell.text for cell in row]
    if any(_ANSWER_NAME.match(name) and len(name) < 40 for name in names):
        return True
    return any(name and (_INDEX_NAME.match(name) or _ASIDE_ALONE.match(name)) for name in names)


def _column(rows: list[list[_Cell]], headed: bool) -> list[tuple[int, int]] | None:
    """Choose the column by the header's names, else the first one that does not count."""
    if not rows:
        return None
    header = rows[0] if headed or (len(rows) > 1 and _named(rows[0])) else None
    body = rows[1:] if header is not None else rows
    if not body:
        return None
    width = max(len(row) for row in body)
    names = [cell.text for cell in header] if header is not None else []
    columns = [place for place, name in enumerate(names) if _ANSWER_NAME.search(name) and place < width]
    if not columns:
        columns = [place for place in range(width) if not _is_index(body, names, place)] or [0]
        fitting = [place for place in columns if place >= len(names) or not _ASIDE_NAME.match(names[place])]
        columns = fitting or columns
    return [
        (row[columns[0]].start, row[columns[0]].end) for row in body if len(row) > columns[0] and row[columns[0]].text
    ]


def _is_index(body: list[list[_Cell]], names: list[str], place: int) -> bool:
    if place < len(names) and names[place] and _INDEX_NAME.match(names[place]) and names[place].casefold() != "item":
        return True
    return all(_INDEX.match(row[place].text) for row in body if place < len(row))
