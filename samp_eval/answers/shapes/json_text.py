"""JSON as models write it, with the place of every string: commas too many, single quotes, an end that is missing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

__all__ = ["JsonList", "JsonObject", "JsonText", "JsonValue", "read_json", "string_value"]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"[^\"\\]*(?:\\.[^\"\\]*)*\""
    r"|'[^'\\\n]*(?:(?:\\.|'(?!\s{0,9}[\],}:]))[^'\\\n]*)*')"
    r"|(?P<mark>[\[\]{},:])|(?P<word>-?\d[\w.+-]{0,40}|[A-Za-z_][\w-]{0,60})|//[^\n]{0,300}|(?P<end>\Z))",
    re.DOTALL,
)
_CLOSING = {"[": "]", "{": "}"}
_DEEPEST, _MOST_VALUES = 12, 5_000
"""No answer is nested deeper or longer; without these bounds a million brackets would be read as JSON."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string, a number or a word; ``start`` and ``end`` are the places of its characters without quotation marks."""

    start: int
    end: int
    quoted: bool


@dataclass(slots=True)
class JsonList:
    """A list; ``keys`` are those of an object, else None."""

    values: list[JsonValue] = field(default_factory=list)


@dataclass(slots=True)
class JsonObject:
    """An object, with its keys in order."""

    pairs: list[tuple[str, JsonValue]] = field(default_factory=list)


JsonValue = JsonText | JsonList | JsonObject


class _Reader:
    """Reads one list or object; gives up at what cannot be JSON."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.position = start
        self.open: list[JsonList | JsonObject] = []
        self.keys: list[str | None] = []
        self.root: JsonList | JsonObject | None = None
        self.valued = False
        self.count = 0

    def read(self) -> tuple[bool, bool]:
        """Whether it was JSON, and whether it was whole."""
        while self.count < _MOST_VALUES:
            token = _TOKEN.match(self.text, self.position)
            if token is None:
                return self._unended(), False
            self.position = token.end()
            if token["end"] is not None:
                return self.root is not None, False
            self.count += 1
            if not self._take(token):
                return False, False
            if self.root is not None and not self.open:
                return True, True
        return False, False

    def _unended(self) -> bool:
        """A string that never ends is the last thing of a text that was cut off."""
        rest = self.text[self.position :].lstrip()
        return self.root is not None and rest[:1] in ('"', "'") and rest.count("\n") < 2

    def _take(self, token: re.Match[str]) -> bool:
        mark = token["mark"]
        if mark in ("[", "{"):
            value: JsonList | JsonObject = JsonList() if mark == "[" else JsonObject()
            if len(self.open) >= _DEEPEST or (self.open and not self._add(value)):
                return False
            self.root = self.root or value
            self.open.append(value)
            self.keys.append(None)
        elif mark in ("]", "}"):
            if isinstance(self.open[-1], JsonList) != (mark == "]"):
                return False
            self.open.pop()
            self.keys.pop()
        elif mark == ":":
            self.valued = isinstance(self.open[-1], JsonObject) and self.keys[-1] is not None
            return self.valued
        elif mark == ",":
            return self.keys[-1] is None
        elif token.lastgroup is not None:
            quoted = token["string"] is not None
            start, end = token.span("string" if quoted else "word")
            text = JsonText(start + quoted, end - quoted, quoted)
            if isinstance(self.open[-1], JsonObject) and self.keys[-1] is None:
                self.keys[-1] = string_value(self.text[text.start : text.end])
            else:
                return self._add(text)
        return True

    def _add(self, value: JsonValue) -> bool:
        holder = self.open[-1]
        if isinstance(holder, JsonList):
            holder.values.append(value)
            return True
        key = self.keys[-1]
        if key is None or not self.valued:
            return False
        self.valued = False
        holder.pairs.append((key, value))
        self.keys[-1] = None
        return True


def read_json(text: str, start: int) -> tuple[JsonList | JsonObject | None, int, bool]:
    """Read the list or object that begins at ``start``.

    Returns
    -------
    tuple
        The value or None, where the reading ended, and whether the value was whole.
    """
    reader = _Reader(text, start)
    good, whole = reader.read()
    end = len(text) if good and not whole else max(reader.position, start + 1)
    return reader.root if good else None, end, whole


def string_value(written: str) -> str:
    """What a string says that is written with JSON's escapes."""
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written
