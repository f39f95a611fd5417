"""What pydantic found, in words for whoever wrote the file."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

__all__ = ["problems"]


def problems(error: ValidationError, *, fields: str) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Location and problem of every fault.

    Parameters
    ----------
    error : ValidationError
    fields : str
        Where the known fields are described.
    """
    details = error.errors(include_url=False)
    for detail in details:
        if any(other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details):
            continue  # a list is "too short" only because what stands in it is faulty
        kind, message = detail["type"], detail["msg"].removeprefix("Value error, ")
        if kind == "extra_forbidden":
            message = f"this field is not known; see {fields} for the fields"
        elif kind == "missing":
            message = "this field is required and is not there"
        elif kind == "string_too_long":
            message = f"this may have {detail['ctx']['max_length']} characters and has {len(detail['input'])}"
        elif kind == "string_too_short":
            message = "this is empty"
        elif kind == "string_pattern_mismatch" and {"api_key_env", "headers_env"} & set(detail["loc"]):
            message = "this is the NAME of an environment variable, made of letters, digits and underscores"
        elif kind == "string_pattern_mismatch":
            allowed = "letters, digits, dots, hyphens and underscores, at most 80, beginning with a letter or digit"
            message = f"an id is made of {allowed}; found {detail['input']!r:.80}"
        elif kind != "value_error":
            message = f"{message}; found {detail['input']!r:.80}"
        yield detail["loc"], message
