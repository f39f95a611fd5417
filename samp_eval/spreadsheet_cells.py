"""Protects texts from spreadsheet programs, and recognises the changes that these programs make to a cell.

A spreadsheet program could run a text that starts with ``=``, ``+``, ``-``, ``@``, tab or carriage return as a formula.
CSV files therefore have an apostrophe before such a text; XLSX cells have the type text. The row id identifies the
answer, so an imported text need not equal the exported one: it must only be a change that such a program makes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = [
    "SAFE_LETTERS",
    "SHEET_TEXT_LIMIT",
    "escape_formula",
    "plain",
    "reformatted",
    "same_text",
    "shown",
    "parse_boolean",
    "well_decoded",
]

SAFE_LETTERS = "bcdfghjkmnpqrstvwxz"
"""No digit and no vowel: no spreadsheet takes an id of these for a number, a date, a formula or a word to correct."""

SHEET_TEXT_LIMIT = 32_000
"""Characters; a cell of XLSX holds 32,767."""

_ENDS_KEPT = 16
"""Places at either end that are followed: a program replaces every character in the same way, one for one or two."""

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
    """The text as shown in a sheet: cut off if it is too long for a cell."""
    return text if len(text) <= SHEET_TEXT_LIMIT else text[:SHEET_TEXT_LIMIT] + _CUT


def escape_formula(text: str) -> str:
    """The text as a CSV cell that no spreadsheet program runs as a formula."""
    return "'" + text if text.startswith((*_LIVE, "'")) else text


def plain(cell: str) -> str:
    """The text of a cell without the apostrophe of :func:`escape_formula`, if it is still there."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_LIVE, "'")) else cell


def parse_boolean(cell: str) -> bool | None:
    """TRUE and FALSE in the languages in which spreadsheet programs write them; None for anything else."""
    return _TRUTH.get(cell.strip().casefold())


def same_text(expected: str, cell: str) -> bool:
    """Whether a cell holds the exported text, apart from apostrophe, white space, Unicode form and wrong encoding."""
    wanted = _collapsed(shown(expected))
    readings = [cell, plain(cell), cell.removeprefix("'")]
    found = [_collapsed(text) for reading in readings for text in (reading, well_decoded(reading))]
    if {wanted, wanted.removeprefix("'"), _collapsed(escape_formula(wanted))} & set(found):
        return True
    if wanted.isascii() or not any(0.5 * len(wanted) <= len(text) <= 2 * len(wanted) for text in found):
        return False
    return any(_is_poorer(text, wanted) for text in found)


def well_decoded(text: str) -> str:
    """Repair UTF-8 text that a program read as CP1252; return any other text unchanged."""
    try:
        return b"".join(_windows_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return text


def reformatted(expected: str, cell: str) -> bool:
    """Whether a program turned the text into a number, a date or a boolean: ``0012`` to 12, ``1-2`` to 02-Jan."""
    wanted, found = _collapsed(expected).removeprefix("'"), _collapsed(cell).removeprefix("'")
    if parse_boolean(wanted) is not None:
        return parse_boolean(found) == parse_boolean(wanted) or found == str(int(bool(parse_boolean(wanted))))
    if _DATE_LIKE.fullmatch(wanted) and _DATE_SHOWN.fullmatch(found):
        return True
    numbers = _numbers(wanted), _numbers(found)
    return any(
        abs(number - other) <= 1e-5 * max(abs(number), abs(other)) for number in numbers[0] for other in numbers[1]
    )


def _collapsed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u00a0", " ").split())


def _is_poorer(text: str, wanted: str) -> bool:
    """Whether a text is what a smaller character set makes of the one that is wanted.

    Reads both at once and remembers where in the text each character can end. A pattern would try all ways one after
    the other, which never ends: forty question marks can stand for thirty characters in a hundred million ways.
    """
    ends = [0]
    for character in wanted:
        forms = _poorer(character)
        ends = sorted({end + len(form) for end in ends for form in forms if text.startswith(form, end)})
        if len(ends) > 2 * _ENDS_KEPT:
            ends = ends[:_ENDS_KEPT] + ends[-_ENDS_KEPT:]
        if not ends:
            return False
    return ends[-1] == len(text)


@lru_cache(maxsize=4096)
def _poorer(character: str) -> frozenset[str]:
    """What a smaller character set makes of a character: a question mark, a plain letter, or nothing."""
    if character.isascii():
        return frozenset(character)
    alternatives = {character, "??", "?", "_", "\ufffd", unicodedata.normalize("NFKC", character)}
    return frozenset(
        alternatives | {"".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii())}
    )


def _windows_byte(character: str) -> bytes:
    """The CP1252 byte of a character, including undefined bytes as programs keep them (LibreOffice: from U+F100)."""
    if "\uf180" <= character <= "\uf1ff":
        return bytes([ord(character) - 0xF100])
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _numbers(text: str) -> list[float]:
    """The numbers that a text may represent, with a decimal point or comma."""
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
