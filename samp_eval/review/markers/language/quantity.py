"""Quantities inside answers: ``1-2 weeks``, ``48 h``, ``500 mg``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["AT_LEAST", "BELOW", "COUNT_WORDS", "DOSING", "TIME_UNITS", "Bound", "Quantity", "read_quantity"]

Bound = Literal["at least", "below", "up to"]
"""How a word before a quantity opens it: ``over 18 hours`` and ``before 37 weeks``."""

COUNT_WORDS = (
    {
        word: str(number)
        for number, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
        )
        if number > 1
    }
    | {
        word: str(number)
        for number, word in enumerate(
            ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"], start=2
        )
        for number in [10 * number]
    }
    | {"fifteen": "15", "eighteen": "18"}
)
"""Numbers that answers write as words; ``one`` is left alone, since it is rarely a number."""

_HOURS = {"sec": 1 / 3600, "second": 1 / 3600, "min": 1 / 60, "minute": 1 / 60, "h": 1, "hr": 1, "hour": 1}
_HOURS |= {"d": 24, "day": 24, "wk": 168, "week": 168, "mo": 730.5, "month": 730.5, "y": 8766, "yr": 8766, "year": 8766}
TIME_UNITS = frozenset(_HOURS)
_MILLIGRAMS = {"mcg": 0.001, "ug": 0.001, "microgram": 0.001, "mg": 1, "milligram": 1, "g": 1000, "gram": 1000}
_MILLILITRES = {
    "ml": 1,
    "cc": 1,
    "millilitre": 1,
    "milliliter": 1,
    "oz": 30,
    "ounce": 30,
    "l": 1000,
    "litre": 1000,
    "liter": 1000,
}
_OTHER = {"kg", "mmol", "mmhg", "unit", "iu", "percent", "%", "cm", "mm", "kcal", "c", "joule", "j", "u"}
AT_LEAST = frozenset({"over", "above", "more", "longer", "greater", "older", "least", "beyond", ">", "≥"})
BELOW = frozenset({"under", "below", "less", "fewer", "shorter", "younger", "before", "maximum", "max", "<", "≤"})
"""Words before a number that open it upwards or downwards."""

DOSING = re.compile(r"q(?:\d+(?:h|hrs?|mins?|d|w|wks?|mo|months?|y|yrs?)?)?$|x\d+d?$|\d+x$")
"""How often and for how long a drug is given: ``q4h``, ``x3``."""

_JUST_UNDER = 1 - 1e-6
"""``under 18`` ends just below 18; :meth:`Quantity.within` takes bounds for equal that differ by ten times as much."""
_FARTHER = 2.0
_FOUR_WEEKS = 28 * 24.0
_MONTHS_DIFFER = 0.09
"""Twelve weeks are three months."""
_RANGE_WORDS = {"to", "or", "and"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a range with its unit; hours for time, milligrams for mass, millilitres for volume."""

    low: float
    high: float
    unit: str

    def within(self, other: Quantity) -> bool:
        """Whether this quantity, as an answer, satisfies ``other``, as the key has it."""
        same_unit = self.unit == other.unit or (
            not (self.unit and other.unit)
            and ("%" not in (self.unit, other.unit) or (self.is_range and other.is_range))
        )
        if not other.unit and self.unit == "hours":
            return False
        if not self._is_near(other):
            return False
        if other.low == other.high and (self.low == 0 or math.isinf(self.high)):
            if not self.unit:
                return False
            bound = self.low if math.isinf(self.high) else self.high
            return same_unit and math.isclose(bound, other.low, rel_tol=1e-5)
        spare = _MONTHS_DIFFER if self.unit == "hours" and min(self.low, other.low) >= _FOUR_WEEKS else 0.0
        return same_unit and other.low * (1 - spare) - 1e-9 <= self.low and self.high <= other.high * (1 + spare) + 1e-9

    @property
    def is_range(self) -> bool:
        """Whether it has two ends: ``88-92``."""
        return not self.is_bound and self.low < self.high

    @property
    def is_bound(self) -> bool:
        """Whether it is open to one side: ``over 18``, ``under 37``."""
        return self.low == 0 or math.isinf(self.high)

    def _is_near(self, other: Quantity) -> bool:
        """Whether two bounds other than times lie near enough to be the same: ``above 15`` does not say ``above 5``."""
        if self.unit == "hours":
            return True
        if math.isinf(self.high) and math.isinf(other.high):
            return self.low <= other.low * _FARTHER
        return not (self.low == other.low == 0) or self.high * _FARTHER >= other.high

    def opened(self, bound: Bound) -> Quantity:
        """Give the range that begins here (at least), ends here (up to) or ends just short of here (below)."""
        if bound == "at least":
            return Quantity(self.low, math.inf, self.unit)
        return Quantity(0, self.high * (_JUST_UNDER if bound == "below" else 1), self.unit)


def read_quantity(words: Sequence[str]) -> tuple[Quantity, int]:
    """Read the quantity that begins with ``words[0]``, a number; returns it and how many words it takes."""
    low = high = _number(words[0])
    used = 1
    unit, unit_used = _unit(words[used:])
    if not unit:
        joined = 1 if len(words) > 2 and words[1] in _RANGE_WORDS else 0
        if len(words) > 1 + joined and words[1 + joined][0].isdigit() and _number(words[1 + joined]) > low:
            high = _number(words[1 + joined])
            used = 2 + joined
            unit, unit_used = _unit(words[used:])
    factor, kind = unit if unit else (1.0, "")
    return Quantity(low * factor, high * factor, kind), used + unit_used


def _number(word: str) -> float:
    return float(word.replace(",", "" if len(word.rpartition(",")[2]) == 3 else "."))


def _unit(words: Sequence[str]) -> tuple[tuple[float, str] | None, int]:
    if not words:
        return None, 0
    unit = _single_unit(words[0])
    if unit is None:
        return None, 0
    used = 1
    factor, kind = unit
    if (
        kind in ("mg", "ml", "unit", "mmol")
        and len(words) > 1
        and words[1] in ("kg", "l", "ml", "h", "day", "mol", "dl")
    ):
        kind += "/" + words[1]
        used = 2
    return (factor, kind), used


def _single_unit(word: str) -> tuple[float, str] | None:
    word = word.rstrip("s") if len(word) > 2 else word
    for table, kind in ((_HOURS, "hours"), (_MILLIGRAMS, "mg"), (_MILLILITRES, "ml")):
        if word in table:
            return float(table[word]), kind
    return (1.0, "%" if word == "percent" else word) if word in _OTHER else None
