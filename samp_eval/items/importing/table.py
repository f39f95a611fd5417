"""A table of questions with options, as examination offices keep it: columns are known by their usual names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from samp_eval.items.importing.fields import clean, letter_places
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut

__all__ = ["TABLE_COLUMNS", "index_of_row", "is_question_table", "read_table_row"]

QUESTION = ("question", "question_text", "stem", "item", "prompt", "énoncé", "enonce", "pregunta", "frage")
KEY = (
    *("answer", "correct", "correct_answer", "right_answer", "key", "correct_option", "answer_key", "answers"),
    *("correct_answers", "réponse", "reponse", "bonne_réponse", "respuesta", "antwort", "lösung"),
)
NAME = ("id", "question_id", "number", "no", "nr", "q", "item_id", "numéro")
TOPIC = ("topic", "subject", "category", "specialty", "discipline", "chapter", "matière")
TABLE_COLUMNS = "question, A, B, ... (or option_a, choice 1, ...), answer; id and subject if there are any"
_OPTION = re.compile(r"^(?:(?:option|choice|answer|réponse|reponse|proposition|opt)[_ ]?)?(?:([a-l])|(\d{1,2}))$")


def _column(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().casefold())


def _option_columns(names: Iterable[str]) -> dict[int, str]:
    """The column of each option by its place."""
    found: dict[int, str] = {}
    for name in names:
        option = _OPTION.match(_column(name))
        if option is not None:
            place = ord(option[1]) - ord("a") if option[1] else int(option[2]) - 1
            found.setdefault(place, name)
    return dict(sorted(found.items()))


def _first(fields: dict[str, Any], wanted: tuple[str, ...]) -> str:
    by_name = {_column(name): name for name in fields}
    return next((by_name[name] for name in wanted if name in by_name), "")


def is_question_table(names: Iterable[str]) -> bool:
    """Whether these columns are a question, at least two options, and a key."""
    fields = dict.fromkeys(names)
    return bool(_first(fields, QUESTION) and _first(fields, KEY) and len(_option_columns(fields)) >= 2)


def read_table_row(fields: dict[str, Any], base: int) -> ImportedQuestion:
    """Read one row; the key is a letter, several letters, a number from ``base``, or the words of an option."""
    columns = _option_columns(fields)
    options = {place: text for place, column in columns.items() if (text := clean(fields[column]))}
    if len(options) < 2:
        raise LeftOut("has fewer than two options")
    right = _right(clean(fields.get(_first(fields, KEY))), options, base)
    return ImportedQuestion(
        clean(fields.get(_first(fields, NAME))),
        clean(fields.get(_first(fields, QUESTION))),
        tuple(options.values()),
        right,
        count_told=len(right) == 1,
        topic=clean(fields.get(_first(fields, TOPIC))),
    )


def _right(key: str, options: dict[int, str], base: int) -> tuple[int, ...]:
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
    key = clean(fields.get(_first(fields, KEY)))
    if not re.fullmatch(r"\d{1,2}(?:\s*[,;|]\s*\d{1,2})*", key):
        return None
    numbers = [int(number) for number in re.findall(r"\d+", key)]
    options = sum(bool(clean(fields[column])) for column in _option_columns(fields).values())
    return (0 if 0 in numbers else max(numbers)), options
