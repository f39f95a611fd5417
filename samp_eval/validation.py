"""What pydantic found, in words for whoever wrote the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

__all__ = ["problems"]

_WANTED = {
    "string_type": "text in quotation marks is wanted here",
    "int": "a whole number is wanted here, without quotation marks",
    "float": "a number is wanted here, without quotation marks",
    "bool": "true or false is wanted here, without quotation marks",
}
"""By pydantic's kind of fault, or the first word of it: ``int_parsing``, ``int_from_float``."""

_LISTS = ("tuple_type", "list_type", "set_type", "frozen_set_type")
_FIELDS = ("model_type", "dict_type", "model_attributes_type")
_ID = "an id is made of letters, digits, dots, hyphens and underscores, at most 80, beginning with a letter or digit"


def problems(error: ValidationError, *, fields: str, yaml: bool = False) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Location and problem of every fault.

    Parameters
    ----------
    error : ValidationError
    fields : str
        Where the known fields are described.
    yaml : bool
        The file is YAML, and not TOML.
    """
    details = error.errors(include_url=False)
    for detail in details:
        if any(other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details):
            continue  # a list is "too short" only because what stands in it is faulty
        yield detail["loc"], _in_words(detail, fields, yaml=yaml)


def _in_words(detail: Mapping[str, Any], fields: str, *, yaml: bool) -> str:
    kind, place = detail["type"], detail["loc"]
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return f"this field is not known; correct its name or remove it, and see {fields} for the fields"
    if kind == "missing":
        return (
            f"this field is required and is not there; add a line that begins with {place[-1]}{':' if yaml else ' ='}"
        )
    if kind == "string_pattern_mismatch" and {"api_key_env", "headers_env"} & set(place):
        return "this is the NAME of an environment variable, made of letters, digits and underscores"
    if kind == "string_too_long":
        return f"this may have {detail['ctx']['max_length']} characters and has {len(detail['input'])}"
    return f"{_wanted(detail, yaml=yaml)}; found {_shown(detail['input'])}"


def _wanted(detail: Mapping[str, Any], *, yaml: bool) -> str:
    kind, context, place, found = detail["type"], detail.get("ctx", {}), detail["loc"], detail["input"]
    if kind == "string_pattern_mismatch":
        return _ID
    if kind in _LISTS:
        if isinstance(found, str):
            return f"a list is wanted here, in square brackets even where it is one: [{json.dumps(found)[:80]}]"
        begin = "a hyphen" if yaml else f"a line [[{_table(place)}]]"
        return f"a list is wanted here: values in square brackets, or entries that each begin with {begin}"
    if kind in _FIELDS:
        heading = f"[[{_table(place)}]]" if place and isinstance(place[-1], int) else f"[{_table(place)}]"
        return f"fields with their names are wanted here, {'a line for each' if yaml else f'below a line {heading}'}"
    if kind == "literal_error":
        return f"allowed: {context['expected']}"
    if kind in ("too_short", "string_too_short") and context["min_length"] == 1:
        return "this must not be empty"
    known = _WANTED.get(kind) or _WANTED.get(kind.split("_")[0])
    return known or str(detail["msg"]).replace("Input should be", "this has to be")


def _table(place: Sequence[int | str]) -> str:
    """The name of a table of TOML; a name with a dot in it is quoted there."""
    names = [step for step in place if isinstance(step, str)]
    return ".".join(name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name) for name in names)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"fields with names ({', '.join(map(str, value))})"[:80] if value else "nothing"
    return str(value) if isinstance(value, date) else f"{value!r:.80}"
