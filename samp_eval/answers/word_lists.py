"""Lists of words in text files: sections in square brackets, entries below them, comments behind a number sign."""

from __future__ import annotations

import re
from importlib.resources import files

__all__ = ["entry_pattern", "read_sections"]

_FIRST_HAN = "\u2e80"


def read_sections(package: str, name: str) -> dict[str, list[str]]:
    """Lines of each section of a file, in order; a section may go on in several places."""
    found: dict[str, list[str]] = {}
    section = found.setdefault("", [])
    for line in map(str.strip, files(package).joinpath(name).read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            section.append(line)
    return found


def entry_pattern(entry: str) -> str:
    """The pattern of an entry: ``*`` stands for any ending, ``…`` for up to 60 characters of the same sentence.

    An apostrophe stands for its two forms, and a word in letters ends where the entry does.
    """
    pattern = re.escape(entry).replace("'", "['’]").replace("…", r"[^.,;\n]{0,60}").replace(r"\*", r"\w*")
    return pattern + (r"(?!\w)" if entry[-1].isalpha() and entry[-1] < _FIRST_HAN else "")
