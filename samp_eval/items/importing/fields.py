"""Values of a public bank's fields: letters, indexes, lists written as text."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from samp_eval.items.importing.imported import LeftOut

__all__ = ["clean", "index_base", "letter_places", "options_of_mapping", "structured"]

_FILLER = frozenset({"", "n/a", "na", "nan", "none given", "-"})
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a pair, which JSON lets through and no file can hold."""
_WHITE = re.compile(r"[ \t\u00a0\u3000]+")


def clean(value: Any) -> str:
    """A text without needless white space; empty for what is no text or number."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    lines = [_WHITE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def structured(value: Any) -> Any:
    """What a cell holds that has JSON, or a Python literal, as its text; other values as they are."""
    if not isinstance(value, str) or not value.strip().startswith(("{", "[")) or len(value) > 100_000:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


def options_of_mapping(value: Any) -> dict[str, str]:
    """Options by their letters, of ``{"A": ...}``, of ``[{"letter": ..., "content": ...}]`` or of a plain list."""
    value = structured(value)
    if isinstance(value, Mapping):
        found = {str(name).strip().upper(): clean(text) for name, text in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        found = {}
        for place, entry in enumerate(value):
            if isinstance(entry, Mapping):
                name = entry.get("letter", entry.get("key", entry.get("label", "")))
                found[str(name).strip().upper()] = clean(entry.get("content", entry.get("value", entry.get("text"))))
            else:
                found[chr(ord("A") + place)] = clean(entry)
    else:
        raise LeftOut("has no options that can be read")
    return {name: text for name, text in found.items() if text.casefold() not in _FILLER}


def letter_places(value: Any, names: Iterable[str]) -> tuple[int, ...]:
    """Places of the options that an answer such as ``B``, ``["a", "c"]`` or ``option1,option3`` names."""
    value = structured(value)
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else re.split(r"[,;|]", clean(value))
    order = {name.upper(): place for place, name in enumerate(names)}
    wanted = [unicodedata.normalize("NFKC", clean(part)).strip("().").upper() for part in parts if clean(part)]
    if not wanted:
        raise LeftOut("has no key")
    if any(name not in order for name in wanted):
        raise LeftOut("has a key that names none of its options")
    return tuple(sorted({order[name] for name in wanted}))


def index_base(values: Iterable[tuple[int, int]], given: int | None) -> int | None:
    """Whether indexes count from 0 or from 1, by all of a file.

    Parameters
    ----------
    values : iterable of (int, int)
        Each index with the number of its options; negative ones (no key) do not count.
    given : int, optional
        What the user says.

    Returns
    -------
    int or None
        None where nothing decides: no index is 0, and none is the number of options.

    Raises
    ------
    LeftOut
        Where the indexes contradict each other, or what the user says.
    """
    counted = [(index, options) for index, options in values if index >= 0]
    from_zero = any(index == 0 for index, _ in counted)
    from_one = any(index >= options for index, options in counted)
    if (from_zero and from_one) or any(index > options for index, options in counted):
        raise LeftOut("indexes of right options count from 0 in some questions and from 1 in others")
    decided = 0 if from_zero else 1 if from_one else None
    if given is not None and decided is not None and given != decided:
        raise LeftOut(f"indexes of right options count from {decided}, not from {given}")
    return given if decided is None else decided
