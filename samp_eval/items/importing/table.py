"""Questions with options in no bank's own layout: columns or fields are known by their usual names.

A question is a row of a table as examination offices keep it, one without a header (question, options, key), or a
record of JSON whose options are a list or have letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from samp_eval.items.importing.fields import clean, letter_places, options_of_mapping
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.records import NO_HEADER

__all__ = ["TABLE_COLUMNS", "index_of_row", "is_question_table", "read_table_row"]

QUESTION = ("question", "question_text", "stem", "item", "prompt", "énoncé", "enonce", "pregunta", "frage")
KEY = (
    *(
        "answer_idx",
        "answer_index",
        "answer",
        "correct",
        "correct_answer",
        "right_answer",
        "key",
        "correct_option",
        "answer_key",
        "answers",
    ),
    *("correct_answers", "réponse", "reponse", "bonne_réponse", "respuesta", "antwort", "lösung", "label", "gold"),
)
OPTIONS = ("options", "choices", "answer_options")
NAME = ("id", "question_id", "number", "no", "nr", "q", "item_id", "numéro")
TOPIC = ("topic", "subject", "category", "specialty", "discipline", "chapter", "matière")
TABLE_COLUMNS = "question, A, B, ... (or option_a, choice 1, ...), answer; id and subject if there are any"
_OPTION = re.compile(r"^(?:(?:option|choice|answer|réponse|reponse|proposition|opt)[_ ]?)?(?:([a-l])|(\d{1,2}))$")


def _column(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().casefold())


def _option_columns(names: Iterable[str]) -> dict[int, str]:
    """The column of each option by its place; numbers of columns may count from 0 or from 1."""
    matched = [(option, name) for name in names if (option := _OPTION.match(_column(name))) is not None]
    base = 0 if any(option[2] == "0" for option, _ in matched) else 1
    found: dict[int, str] = {}
    for option, name in matched:
        found.setdefault(ord(option[1]) - ord("a") if option[1] else int(option[2]) - base, name)
    return dict(sorted(found.items()))


def _first(fields: dict[str, Any], wanted: tuple[str, ...]) -> str:
    by_name = {_column(name): name for name in fields}
    return next((by_name[name] for name in wanted if name in by_name), "")


def is_question_table(names: Iterable[str]) -> bool:
    """Whether these columns are a question, at least two options or a field with all of them, and a key."""
    fields = dict.fromkeys(names)
    optioned = len(_option_columns(fields)) >= 2 or bool(_first(fields, OPTIONS))
    return _has_no_header(fields) or bool(_first(fields, QUESTION) and _first(fields, KEY) and optioned)


def read_table_row(fields: dict[str, Any], base: int) -> ImportedQuestion:
    """Read one row; the key is a letter, several letters, a number from ``base``, or the words of an option."""
    options = _options(fields)
    if len(options) < 2:
        raise LeftOut("has fewer than two options")
    right = _right(_key(fields), options, base)
    question = NO_HEADER.format(1) if _has_no_header(fields) else _first(fields, QUESTION)
    return ImportedQuestion(
        clean(fields.get(_first(fields, NAME))),
        clean(fields.get(question)),
        tuple(options.values()),
        right,
        count_told=len(right) == 1,
        topic=clean(fields.get(_first(fields, TOPIC))),
    )


def _has_no_header(fields: dict[str, Any]) -> bool:
    return next(iter(fields), "") == NO_HEADER.format(1)


def _options(fields: dict[str, Any]) -> dict[int, str]:
    """The options by their places, of columns of their own or of one field."""
    columns = _option_columns(fields)
    if _has_no_header(fields):
        columns = dict(enumerate(list(fields)[1:-1]))
    if len(columns) < 2 and _first(fields, OPTIONS):
        return dict(enumerate(options_of_mapping(fields[_first(fields, OPTIONS)]).values()))
    return {place: text for place, column in columns.items() if (text := clean(fields[column]))}


def _key(fields: dict[str, Any]) -> str:
    value = fields.get(list(fields)[-1] if _has_no_header(fields) else _first(fields, KEY))
    return ",".join(map(clean, value)) if isinstance(value, list) else clean(value)


def _right(key: str, options: dict[int, str], base: int) -> tuple[int, ...]:
    if re.fullmatch(r"-\d+", key):
        raise LeftOut("has no key")
    places = list(options)
    words = [text.casefold() for text in options.values()]
    if key.casefold() in words and not re.fullmatch(r"\d{1,2}", key):
        return (words.index(key.casefold()),)
    if re.fullmatch(r"\d{1,2}(?:\s*[,;|]\s*\d{1,2})*", key):
        return letter_places(key, [str(place + base) for place in places])
    if re.fullmatch(r"[A-La-l]{2,12}", key):
        key = ",".join(key)
    option_names = [chr(ord("A") + place) for place in places]
    return letter_places(re.sub(r"(?i)\b(?:option|choice)[_ ]?", "", key).replace(" and ", ","), option_names)


def index_of_row(fields: dict[str, Any]) -> tuple[int, int] | None:
    """The highest number in the key with the number of options; the lowest is what shows the base, and 0 goes first."""
    key = _key(fields)
    if not re.fullmatch(r"\d{1,2}(?:\s*[,;|]\s*\d{1,2})*", key):
        return None
    numbers = [int(number) for number in re.findall(r"\d+", key)]
    try:
        options = len(_options(fields))
    except LeftOut:
        return None
    return (0 if 0 in numbers else max(numbers)), options
