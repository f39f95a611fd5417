"""JSON from outside, read within limits."""

from __future__ import annotations

import json
from typing import Any

from samp_eval.input_files.limits import UnreadableFile

__all__ = ["parse_json"]

MAX_VALUES = 2_000_000
"""Commas, colons and brackets. Empty lists, the costliest of values, take some 60 bytes each, so these are 120 MB."""
MAX_DEPTH = 100
"""Levels of nesting. A log of Inspect has some 15; Python's own limit leaves no room for going through the values."""


def parse_json(content: bytes | str) -> Any:
    """What a JSON document holds.

    Raises
    ------
    UnreadableFile
        If it is not JSON, is nested too deeply, holds too many values, or a number with thousands of digits.
    """
    marks: tuple[Any, ...] = (b",", b":", b"[", b"{") if isinstance(content, bytes) else (",", ":", "[", "{")
    if len(content) > MAX_VALUES and sum(content.count(mark) for mark in marks) > MAX_VALUES:
        raise UnreadableFile(f"holds more than {MAX_VALUES:,} values, the limit for a JSON document")
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise UnreadableFile("is nested too deeply to be read") from error
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are of this kind, and so is a too long number
        raise UnreadableFile(f"is not valid JSON: {error}") from error
    if sum(content.count(mark) for mark in marks[2:]) > MAX_DEPTH and _is_deep(found):
        raise UnreadableFile("is nested too deeply to be read")
    return found


def _is_deep(found: Any) -> bool:
    """Whether values are nested deeper than the limit; one level after another, without recursion."""
    level = [found]
    for _ in range(MAX_DEPTH):
        within = (value.values() if isinstance(value, dict) else value for value in level)
        level = [
            value for values in within for value in values if isinstance(value, (dict, list))
        ]  # half the time of dict | list
        if not level:
            return False
    return True
