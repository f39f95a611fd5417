"""TOML files, read within limits."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from samp_eval.input_files.limits import MAX_SETTINGS_BYTES, UnreadableFile
from samp_eval.input_files.text import read_utf8

__all__ = ["read_toml"]

MAX_POINTS = 200
"""In one line. tomllib takes time and memory by the square of a key's parts: a.a.a... of 100 kB costs two minutes and
9 GB. To tell keys from texts would take a parser of its own."""


def read_toml(file: Path) -> dict[str, Any]:
    """What a TOML file holds.

    Raises
    ------
    UnreadableFile
        If it is not TOML, is nested too deeply or too large, or as :func:`~samp_eval.input_files.text.read_utf8` does.
    """
    text = read_utf8(file, MAX_SETTINGS_BYTES)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MAX_POINTS:
            problem = (
                f"has more than {MAX_POINTS} points; write a long text on several lines, between three quotation marks"
            )
            raise UnreadableFile(problem, f"line {number}")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UnreadableFile("is nested too deeply to be read") from error
    except ValueError as error:  # TOMLDecodeError is of this kind, and so is a number with thousands of digits
        raise UnreadableFile(f"this is not valid TOML: {error}") from error
