"""What stands before an answer on its line: quotation signs of a mail, heading signs, numbers, letters, bullets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from samp_eval.answers.characters import FULL_WIDTH

__all__ = ["Marker", "MarkerKind", "marker_of", "may_be_numbered"]

MarkerKind = Literal["number", "bare_number", "labelled", "letter", "roman", "ordinal", "bullet"]
"""bare_number: ``1 Fever``; labelled: ``Risk factor 1: fever``; ordinal: ``First, fever``. All but number and bullet
mark a list only where they run from the first one on."""

_END = r"(?=\s|[^\W\d]|[*_(\"'`“„«\[<\\$]|$)"
_NUMBER = re.compile(
    r"(?:n[or°º]\.?\s?|№\s?)?[(\[{]?(?P<number>\d{1,2})(?:st|nd|rd|th|[°ºª])?(?:\*\*|__)?\\?"
    rf"(?:\s?(?:[.:、．][-–]?|[.:]?[)\]}}]\.?)(?:\*\*|__)?{_END}|\u20e3|\s?[-–—](?=\s+[^\d\s])|[/>](?=\s))"
    r"|#\s?(?P<hash>\d{1,2})[.:)]?(?=\s)|(?P<degree>1?\d)[°ºª](?=\s)",
    re.IGNORECASE,
)
_CIRCLED = re.compile(
    r"[\u2460-\u2473\u2474-\u2487\u2488-\u249b\u2776-\u277f\u2780-\u2793\u2160-\u216b\u2170-\u217b\U0001f51f][.:)]?"
)
_HAN_NUMBER = re.compile(r"(?:[(]\s?)?(?:第)?(?P<han>[一二三四五六七八九十]{1,3})(?:[)]、?|[、.,:](?=\D))")
_HAN_VALUES = {sign: value for value, sign in enumerate("一二三四五六七八九十", start=1)}
_UNITS = (
    r"m?c?k?g|µg|m[lL]|l|L|d[lL]|mmol|mEq|I?U|units?|tab\w*|caps?\w*|pills?|doses?|puffs?|drops?|amp\w*|vials?|bags?"
    r"|lit[er]+s?|grams?|sec\w*|min\w*|hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?|times|x|cm|mm|m"
    r"|jours?|semaines?|mois|ans?|heures?|tage?n?|wochen?|monate?n?|jahre?n?|stunden?|días?|mes(?:es)?|años?|horas?"
)
_BARE_NUMBER = re.compile(rf"(?P<number>\d{{1,2}})[ \t]+(?=[^\W\d_])(?!(?:{_UNITS})\b)")
"""``1 g of ...`` and ``2 weeks of ...`` say how much."""
_ROMAN = re.compile(r"\(?(?P<roman>[ivx]{1,5}|[IVX]{1,5})\\?[.):](?=\s)")
_ROMAN_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv"
_ROMAN_VALUES = {numeral: value for value, numeral in enumerate(_ROMAN_NUMERALS.split(), start=1)}
_LETTER = re.compile(r"\(?(?P<letter>[A-Za-z])\\?(?:[.):](?:\*\*|__)?(?=\s|\*|$)|\s?[-–—/](?=\s))")
_WIDE_LETTER = re.compile(r"（?(?P<letter>[A-Za-zＡ-Ｚａ-ｚ])[．、）：]")
_LABEL = re.compile(
    r"(?P<label>[^\W\d_][^\W\d_]*(?:[ _][^\W\d_]+){0,3})[ _]?(?:n[o°]\.?\s?)?#?(?P<number>\d{1,2})\s?(?:\*\*|__)?"
    r"[:.)\-–—](?:\*\*|__)?(?=\s|$)"
)
_ORDINALS = (
    "first firstly one premièrement d'abord un erstens zuerst eins primero primera uno 首先 第一",
    "second secondly two deuxièmement ensuite deux zweitens zwei segundo segunda dos 其次 第二",
    "third thirdly three troisièmement enfin trois drittens drei tercero tercera tres 再次 第三",
    "fourth fourthly four quatrièmement quatre viertens vier cuarto cuarta cuatro 第四",
    "fifth fifthly five cinquièmement cinq fünftens fünf quinto quinta cinco 第五",
)
_ORDINAL_VALUES = {word: value for value, words in enumerate(_ORDINALS, start=1) for word in words.split()}
_ORDINAL = re.compile(
    rf"(?P<ordinal>{'|'.join(sorted(_ORDINAL_VALUES, key=len, reverse=True))})\s?[,:.)]\s?", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[-*+–—−‐‑·•‣▪◦●∙⁃○◆◇■□▢☐☑✓✔✅✗➢➔→➤►▶»›★☆⭐]|o(?=\t))+(?=\s)|[•‣▪◦●⁃➢➤►▶■☐☑✔✅⭐]+(?=\S)")
_SYMBOLS = frozenset({"So", "Sk"})
_NO_BULLET = frozenset("°↑↓↗↘®©™")
_BOX = re.compile(r"\s*\[[ xX✓✔]?\](?=\s)")
_BEFORE = re.compile(r"(?:\s*>(?=\s|>|[^\W\d]|[*_#-]))*\s*(?:#{1,6}\s+)?(?:\*{1,3}|_{2,3}|`)?")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Marker:
    """A list marker.

    Attributes
    ----------
    kind : MarkerKind
    value : int
        1 for the first; 0 for a bullet.
    end : int
        Where the answer begins on the line.
    sign : str
        The bullet itself, or the label before the number.
    """

    kind: MarkerKind
    value: int
    end: int
    sign: str = ""


def may_be_numbered(sign: str) -> bool:
    """Whether a line that begins with this sign may have a number or a bullet: ``n° 1``, but no word with an A."""
    return not (sign.isascii() and sign.isalpha()) or sign in "nNo"


def marker_of(line: str) -> Marker | None:
    """The marker at the beginning of a line, also inside of emphasis: ``**1.** Fever``."""
    before = _BEFORE.match(line)
    start = before.end() if before else 0
    if start >= len(line):
        return None
    wide = _WIDE_LETTER.match(line, start)
    if wide:
        return Marker("letter", ord(wide["letter"].translate(FULL_WIDTH).lower()) - 96, wide.end(), wide["letter"])
    marker = _at(line if line.isascii() else line.translate(FULL_WIDTH), start)
    if marker is None and start and line[start - 1] in "*_`":
        start = len(line) - len(line.lstrip(" \t>#"))
        marker = _at(line if line.isascii() else line.translate(FULL_WIDTH), start)
    if marker is None:
        return None
    end = marker.end
    if marker.kind == "bullet" and (box := _BOX.match(line, end)):
        end = box.end()
    if line.startswith(("**", "__"), end):
        end += 2 * (line[start - 2 : start] == line[end : end + 2] or line[end + 2 : end + 3].isspace())
    space = _SPACE.match(line, end)
    end = space.end() if space else end
    return marker if end == marker.end else Marker(marker.kind, marker.value, end, marker.sign)


def _at(line: str, start: int) -> Marker | None:
    sign = line[start]
    if sign.isdecimal() or sign in "([{#n№N":
        found = _NUMBER.match(line, start)
        if found:
            return Marker("number", int(found["number"] or found["hash"] or found["degree"]), found.end())
        found = _BARE_NUMBER.match(line, start) if sign.isdecimal() else None
        if found:
            return Marker("bare_number", int(found["number"]), found.end())
    if sign.isalpha() or sign == "(":
        return _in_letters(line, start)
    bullet = _BULLET.match(line, start)
    if bullet:
        return Marker("bullet", 0, bullet.end(), bullet.group()[0])
    if sign > "\u00ff":
        return _in_symbols(line, start)
    return None


def _in_letters(line: str, start: int) -> Marker | None:
    """Roman numerals before letters: a lone ``i.`` can be either, and the run says which."""
    if found := _ROMAN.match(line, start):
        value = _ROMAN_VALUES.get(found["roman"].lower())
        if value is not None and len(found["roman"]) > 1:
            return Marker("roman", value, found.end())
        if value is not None:
            return Marker("letter", ord(found["roman"].lower()) - 96, found.end(), found["roman"])
    if found := _LETTER.match(line, start):
        return Marker("letter", ord(found["letter"].lower()) - 96, found.end(), found["letter"])
    if line[start] > "z" or line[start] == "(":
        if found := _HAN_NUMBER.match(line, start):
            return Marker("number", _han_value(found["han"]), found.end())
    elif line[start] == "o" and line[start + 1 : start + 2] == "\t":
        return Marker("bullet", 0, start + 1, "o")
    if found := _ORDINAL.match(line, start):
        return Marker("ordinal", _ORDINAL_VALUES[found["ordinal"].lower()], found.end())
    if found := _LABEL.match(line, start):
        return Marker("labelled", int(found["number"]), found.end(), found["label"].casefold().replace("_", " "))
    return None


def _in_symbols(line: str, start: int) -> Marker | None:
    if found := _CIRCLED.match(line, start):
        value = unicodedata.numeric(found.group()[0], 10.0)
        return Marker("number", int(value), found.end())
    sign = line[start]
    if unicodedata.category(sign) in _SYMBOLS and sign not in _NO_BULLET:
        end = start + 1
        while end < len(line) and unicodedata.category(line[end]) in _SYMBOLS:
            end += 1
        return Marker("bullet", 0, end, sign)
    return None


def _han_value(written: str) -> int:
    tens, ten, ones = written.rpartition("十")
    return (_HAN_VALUES.get(tens, 1) * 10 if ten else 0) + _HAN_VALUES.get(ones, 0)
