"""pydantic's errors, explained to the person who wrote the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

__all__ = ["problems"]

_WANTED = {
    "string_type": "this must be text in quotation marks",
    "int": "this must be a whole number, without quotation marks",
    "float": "this must be a number, without quotation marks",
    "bool": "this must be true or false, without quotation marks",
}
"""By pydantic's type of error, or its first word: ``int_parsing``, ``int_from_float``."""

_REMEDY = {
    "toml": "; add a line that starts with {} =",
    "yaml": "; add a line that starts with {}:",
    "json": '; add "{}": and its value',
    "table": "",
}
_LISTS = ("tuple_type", "list_type", "set_type", "frozen_set_type")
_FIELDS = ("model_type", "dict_type", "model_attributes_type")
_ID = "an id has at most 80 letters, digits, dots, hyphens and underscores, and starts with a letter or digit"


Written = Literal["toml", "yaml", "json", "table"]


def problems(
    error: ValidationError, *, fields: str, written: Written = "toml"
) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Location and problem of every fault.

    Parameters
    ----------
    error : ValidationError
    fields : str
        The place that describes the known fields.
    written : str
        The form of the file, whose words the remedy uses; ``table`` for CSV, XLSX and Markdown.
    """
    details = error.errors(include_url=False)
    for detail in details:
        if any(other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details):
            continue  # a list is "too short" only because its entries are faulty
        yield detail["loc"], _in_words(detail, fields, written=written)


def _in_words(detail: Mapping[str, Any], fields: str, *, written: Written) -> str:
    kind, place = detail["type"], detail["loc"]
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return f"this field is unknown; correct its name or remove it, and see {fields} for the fields"
    if kind == "missing":
        if place[-1] == "reason" and written == "table":
            return "the reason is missing; write it behind an equals sign: Chest film = Too late"
        return f"this field is required and missing{_REMEDY[written].format(place[-1])}"
    if kind == "string_pattern_mismatch" and {"api_key_env", "headers_env"} & set(place):
        return "this is the NAME of an environment variable, made of letters, digits and underscores"
    if kind == "string_too_long":
        return f"this may have at most {detail['ctx']['max_length']} characters; it has {len(detail['input'])}"
    return f"{_wanted(detail, written=written)}; found {_shown(detail['input'])}"


def _wanted(detail: Mapping[str, Any], *, written: Written) -> str:
    kind, context, place, found = detail["type"], detail.get("ctx", {}), detail["loc"], detail["input"]
    if kind == "string_pattern_mismatch":
        return _ID
    if kind in _LISTS:
        if isinstance(found, str):
            return f"this must be a list, in square brackets even with one entry: [{json.dumps(found)[:80]}]"
        begin = "a hyphen" if written == "yaml" else f"a line [[{_table(place)}]]"
        return f"this must be a list: values in square brackets, or entries that each start with {begin}"
    if kind in _FIELDS:
        heading = f"[[{_table(place)}]]" if place and isinstance(place[-1], int) else f"[{_table(place)}]"
        where = "one on each line" if written == "yaml" else f"below a line {heading}"
        return f"this must be a set of named fields, {where}"
    if kind == "literal_error":
        return f"allowed: {context['expected']}"
    if kind in ("too_short", "string_too_short") and context["min_length"] == 1:
        return "this must not be empty"
    known = _WANTED.get(kind) or _WANTED.get(kind.split("_")[0])
    return known or str(detail["msg"]).replace("Input should be", "this must be")


def _table(place: Sequence[int | str]) -> str:
    """The name of a TOML table; a name with a dot in it is quoted."""
    names = [step for step in place if isinstance(step, str)]
    return ".".join(name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name) for name in names)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"named fields ({', '.join(map(str, value))})"[:80] if value else "nothing"
    return str(value) if isinstance(value, date) else f"{value!r:.80}"
