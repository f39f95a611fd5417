"""What spreadsheet programs do to a cell, and how a text is kept from being run or changed by them.

A text that begins with ``=``, ``+``, ``-``, ``@``, tab or carriage return could be taken for a formula. In CSV it goes
out with an apostrophe before it; in XLSX cells are typed as text. The row id says which answer a row is, so what comes
back need not equal what went out: it only must be explainable as what a program does to that text.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "SHEET_TEXT_LIMIT",
    "escape_formula",
    "plain",
    "reformatted",
    "same_text",
    "shown",
    "parse_boolean",
    "well_decoded",
]

SHEET_TEXT_LIMIT = 32_000
"""Characters; a cell of XLSX holds 32,767."""

_CUT = " [cut here; the whole answer is in the study]"
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?(\d{1,3}([ \u00a0\u202f,.']\d{3})+|\d+)?([.,]\d+)?(e[+-]?\d+)?\s?%?", re.IGNORECASE)
_DATE_LIKE = re.compile(
    r"\d{1,4}\s?[-/.:]\s?\d{1,4}(\s?[-/.:]\s?\d{1,4})?( ?[ap]m?)?"
    r"|(\d{1,2}[ -/.]?)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -/.]?\d{0,4}"
    r"|\d{1,2} ?[ap]m?",
    re.IGNORECASE,
)
_DATE_SHOWN = re.compile(
    r"\d{1,4}[-/.:]\d{1,2}([-/.:]\d{1,4})?([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?( ?[ap]m)?"
    r"|\d{1,2}[-. /]?[^\W\d]{3,9}\.?([-. /]?\d{2,4})?|[^\W\d]{3,9}\.?[-. /]?\d{2,4}|\d{1,6}([.,]\d+)?",
    re.IGNORECASE,
)
_TRUTH = {
    "true": True,
    "wahr": True,
    "vrai": True,
    "verdadero": True,
    "false": False,
    "falsch": False,
    "faux": False,
    "falso": False,
}


def shown(text: str) -> str:
    """The text as a sheet shows it: cut where a cell would not hold it."""
    return text if len(text) <= SHEET_TEXT_LIMIT else text[:SHEET_TEXT_LIMIT] + _CUT


def escape_formula(text: str) -> str:
    """The text as a CSV cell that no spreadsheet program runs."""
    return "'" + text if text.startswith((*_LIVE, "'")) else text


def plain(cell: str) -> str:
    """A cell's text without the apostrophe of :func:`escape_formula`, whether or not a program has dropped it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_LIVE, "'")) else cell


def parse_boolean(cell: str) -> bool | None:
    """TRUE and FALSE in the languages in which spreadsheet programs write them; None for anything else."""
    return _TRUTH.get(cell.strip().casefold())


def same_text(expected: str, cell: str) -> bool:
    """Whether a cell still says what went out, up to apostrophe, white space, Unicode form and a wrong encoding."""
    wanted = _collapsed(shown(expected))
    readings = [cell, plain(cell), cell.removeprefix("'")]
    found = [_collapsed(one) for reading in readings for one in (reading, well_decoded(reading))]
    if {wanted, wanted.removeprefix("'"), _collapsed(escape_formula(wanted))} & set(found):
        return True
    if wanted.isascii() or not any(0.5 * len(wanted) <= len(one) <= 2 * len(wanted) for one in found):
        return False
    poorer = re.compile("".join(_poorer(character) for character in wanted))
    return any(poorer.fullmatch(one) for one in found)


def well_decoded(text: str) -> str:
    """Text that a program read as CP1252 although it was UTF-8, as it was; any other text unchanged."""
    try:
        return b"".join(_windows_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return text


def reformatted(expected: str, cell: str) -> bool:
    """Whether a program has made a number, a date or a truth value of the text: ``0012`` to 12, ``1-2`` to 02-Jan."""
    wanted, found = _collapsed(expected).removeprefix("'"), _collapsed(cell).removeprefix("'")
    if parse_boolean(wanted) is not None:
        return parse_boolean(found) == parse_boolean(wanted) or found == str(int(bool(parse_boolean(wanted))))
    if _DATE_LIKE.fullmatch(wanted) and _DATE_SHOWN.fullmatch(found):
        return True
    numbers = _numbers(wanted), _numbers(found)
    return any(abs(one - other) <= 1e-5 * max(abs(one), abs(other)) for one in numbers[0] for other in numbers[1])


def _collapsed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u00a0", " ").split())


def _poorer(character: str) -> str:
    """Pattern of what a poorer encoding makes of a character: a question mark, a plain letter, or nothing."""
    if character.isascii():
        return re.escape(character)
    alternatives = {character, "??", "?", "_", "\ufffd", unicodedata.normalize("NFKC", character)}
    alternatives.add("".join(one for one in unicodedata.normalize("NFKD", character) if one.isascii()))
    return "(?:" + "|".join(re.escape(one) for one in sorted(alternatives, key=len, reverse=True)) + ")"


def _windows_byte(character: str) -> bytes:
    """CP1252, with the bytes that it leaves undefined as programs keep them (LibreOffice: U+F100 and up)."""
    if "\uf180" <= character <= "\uf1ff":
        return bytes([ord(character) - 0xF100])
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _numbers(text: str) -> list[float]:
    """The numbers that a text may mean, with a point or a comma for decimals."""
    if not text or not _NUMBER.fullmatch(text):
        return []
    bare = re.sub(r"[ \u00a0\u202f'%]", "", text)
    readings = {bare.replace(",", ""), bare.replace(".", "").replace(",", "."), bare.replace(",", ".")}
    values = []
    for reading in readings:
        try:
            values.append(float(reading) / (100 if text.endswith("%") else 1))
        except ValueError:
            continue
    return values
