"""The only module that turns numbers into text: decimals, p-values, intervals, minus signs, thousands, dates.

The formats follow the general medical journals: odds ratios and effects have two decimals, percentages have one, and
p-values have two (three below 0.01, ``<0.001`` below 0.001); rounding never moves a p-value across 0.05.
"""

from __future__ import annotations

import math
from datetime import date, datetime

__all__ = [
    "MINUS",
    "NBSP",
    "NONE",
    "confidence_heading",
    "count",
    "date_range",
    "day",
    "duration",
    "fraction",
    "interval",
    "interval_of_percents",
    "moment",
    "number",
    "p_sentence",
    "p_value",
    "percent",
    "percentage_points",
    "plural",
    "ratio",
    "ratio_with_interval",
    "short_hash",
    "words_for",
]

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
"""Printed in place of a missing number."""

_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_SECOND_HALF = ("July", "August", "September", "October", "November", "December")
_MONTHS = ("", *_FIRST_HALF, *_SECOND_HALF)
"""Independent of the locale, so that the report is the same on every machine."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(value: float) -> str:
    """A count with thousands separators: ``3,400``; a half mark keeps its decimal: ``12.5``."""
    if not math.isfinite(value):
        return NONE
    if float(value).is_integer():
        return _signed(f"{int(value):,}")
    return _signed(f"{value:,.2f}".rstrip("0").rstrip("."))


def number(value: float, decimals: int = 2) -> str:
    """A number with fixed decimals and a true minus sign; a dash if it is not finite."""
    if not math.isfinite(value):
        return NONE
    text = f"{value:,.{decimals}f}"
    return _signed(text if float(text.replace(",", "")) else text.lstrip("-"))


def percent(value: float, decimals: int = 1) -> str:
    """A percentage, given as 0 to 100: ``73.6%``."""
    return f"{number(value, decimals)}%" if math.isfinite(value) else NONE


def percentage_points(value: float) -> str:
    """A difference of percentages with its sign: ``+7.4``, ``−2.0``."""
    text = number(value, 1)
    return f"+{text}" if value > 0 and text not in (NONE, "0.0") else text


def fraction(part: float, whole: float) -> str:
    """``607/825 (73.6%)``."""
    if not whole:
        return NONE
    return f"{count(part)}/{count(whole)}{NBSP}({percent(100 * part / whole)})"


def ratio(value: float) -> str:
    """An odds ratio: two decimals, more below 0.1, fewer from 100 on."""
    if not math.isfinite(value) or value < 0:
        return NONE
    if value >= 100:
        return count(round(value))
    if value >= 0.1:
        return f"{value:.2f}"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """An interval of odds ratios that does not wrap: ``1.53 to 3.47``; a dash if there is none."""
    if math.isnan(low) and math.isnan(high):
        return NONE
    return f"{ratio(low)}{NBSP}to{NBSP}{ratio(high)}"


def interval_of_percents(low: float, high: float, decimals: int = 1) -> str:
    """An interval of percentages or percentage points: ``71.2 to 75.9``; a dash if there is none."""
    if math.isnan(low) and math.isnan(high):
        return NONE
    return f"{number(low, decimals)}{NBSP}to{NBSP}{number(high, decimals)}"


def confidence_heading(confidence: float) -> str:
    """The heading of a column of intervals: ``95% CI`` for 0.95."""
    return f"{number(100 * confidence, 0)}% CI"


def ratio_with_interval(value: float, low: float, high: float) -> str:
    """``2.31 (1.53 to 3.47)``."""
    return f"{ratio(value)}{NBSP}({interval(low, high)})"


def p_value(value: float) -> str:
    """A p-value for a table: ``<0.001``, ``0.009``, ``0.03``, ``>0.99``; ``0.049`` is not rounded to 0.05."""
    if not 0 <= value <= 1:
        return NONE
    if value < 0.001:
        return "<0.001"
    if value > 0.99:
        return ">0.99"
    decimals = 3 if value < 0.01 else 2
    while value < 0.05 <= float(f"{value:.{decimals}f}"):
        decimals += 1
    return f"{value:.{decimals}f}"


def p_sentence(value: float) -> str:
    """A p-value for a sentence: ``p = 0.009``, ``p < 0.001``."""
    text = p_value(value)
    sign = text[0] if text[0] in "<>" else "="
    return f"p{NBSP}{sign}{NBSP}{text.lstrip('<>')}"


def plural(value: float, noun: str, many: str | None = None) -> str:
    """A count with its noun: ``1 question``, ``77 questions``."""
    return f"{count(value)}{NBSP}{noun if value == 1 else many or noun + 's'}"


def words_for(value: int) -> str:
    """A small count in words: ``five``; digits above ten."""
    return _WORDS[value] if 0 <= value < len(_WORDS) else count(value)


def day(value: date) -> str:
    """``23 November 2026``."""
    return f"{value.day}{NBSP}{_MONTHS[value.month]}{NBSP}{value.year}"


def date_range(first: date, last: date) -> str:
    """``8 to 25 August 2023``, repeating only the parts that differ."""
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return day(first)
    start = str(first.day)
    if first.year != last.year or first.month != last.month:
        start += f"{NBSP}{_MONTHS[first.month]}"
    if first.year != last.year:
        start += f"{NBSP}{first.year}"
    return f"{start} to {day(last)}"


def moment(value: datetime) -> str:
    """``23 November 2026, 22:07 UTC``."""
    return f"{day(value)}, {value:%H:%M}{NBSP}UTC"


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min``, ``2.5 h``."""
    if not math.isfinite(seconds):
        return NONE
    if seconds < 10:
        return f"{seconds:.1f}{NBSP}s"
    if seconds < 120:
        return f"{seconds:.0f}{NBSP}s"
    if seconds < 7200:
        return f"{seconds / 60:.0f}{NBSP}min"
    return f"{seconds / 3600:.1f}{NBSP}h"


def short_hash(digest: str) -> str:
    """The first twelve digits of a hash, enough for a comparison by eye."""
    return digest[:12]


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
