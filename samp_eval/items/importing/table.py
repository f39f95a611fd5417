"""Questions with options in no bank's own layout: columns or fields are known by their usual names.

A question is a row of a table as examination offices keep it, one without a header (question, options, key), or a
record of JSON whose options are a list or have letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from samp_eval.items.importing.fields import (
    NAMES_NONE,
    NO_HEADER,
    NO_KEY,
    clean,
    label,
    options_of_mapping,
    shown_key,
    structured,
    without_letters,
)
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.keys import Habit, Key, Options, chosen_places, habits_of, index_of_key, read_key
from samp_eval.items.importing.sheet_rows import Record

__all__ = ["TABLE_COLUMNS", "TableKeys", "is_question_table", "lacks_key", "read_table_row", "table_keys"]

QUESTION = (
    *(
        "question text",
        "question stem",
        "lead in",
        "question",
        "stem",
        "item stem",
        "item",
        "prompt",
        "query",
        "statement",
    ),
    *(
        "énoncé",
        "enonce",
        "intitulé",
        "enunciado",
        "pregunta",
        "fragetext",
        "fragestellung",
        "frage",
        "aufgabe",
        "domanda",
    ),
    *("pergunta", "libellé"),
)
CONTEXT = (
    *(
        "vignette",
        "clinical vignette",
        "case vignette",
        "clinical case",
        "case description",
        "case",
        "scenario",
        "stem",
    ),
    *(
        "context",
        "passage",
        "cas clinique",
        "vignette clinique",
        "énoncé",
        "caso clínico",
        "caso",
        "fallvignette",
        "fall",
    ),
)
"""What is read before the question, where both have columns."""
KEY = (
    *("answer idx", "answer index", "answer", "ans", "correct", "correct answer", "correct ans", "right answer", "key"),
    *("correct option", "answer key", "correct choice", "right option", "answer letter", "correct letter"),
    *("correct answer letter", "correct answer idx", "correct answer index", "correct index", "answers"),
    *("correct answers", "correct options", "réponse", "reponse", "bonne réponse", "bonnes réponses", "clé"),
    *("réponse correcte", "réponses correctes", "réponse exacte", "réponses exactes", "réponses", "respuesta"),
    *(
        "respuesta correcta",
        "respuestas correctas",
        "opción correcta",
        "clave",
        "richtige antwort",
        "richtige antworten",
    ),
    *("korrekte antwort", "richtig", "antwort", "lösung", "risposta", "risposta corretta", "risposta esatta"),
    *("resposta", "resposta correta", "gabarito", "cop", "correct answer num"),
    *("answer text", "correct answer text"),
)
_LAST_KEY = ("label", "gold", "target", "ground truth", "solution")
"""What may hold a key, and mostly something else; read where no other column does."""
_INDEX_KEY = ("answer idx", "answer index", "correct answer idx", "correct answer index", "label", "gold", "target")
"""Whose numbers count as the file counts, not as columns are numbered."""
_COUNTS = ("correct",)
"""Whose numbers may be how many are right, beside a column with letters."""
OPTIONS = (
    "options",
    "choices",
    "answer options",
    "option",
    "answer choices",
    "alternatives",
    "propositions",
    "opciones",
)
NAME = ("id", "n", "question id", "number", "no", "nr", "q", "item id", "numéro")
TOPIC = (
    "topic",
    "subject",
    "category",
    "specialty",
    "discipline",
    "chapter",
    "matière",
    "subject name",
    "medical subject",
)
TABLE_COLUMNS = "question, A, B, ... (or option_a, choice 1, ...), answer; id and subject if there are any"
_LIKE_QUESTION = re.compile("question|frage|pregunta|énoncé|domanda|pergunta")
_LIKE_KEY = re.compile("correct|korrekt|richtig|exact|esatt|corret|bonne|juste|lösung")
_BESIDE = re.compile(
    r"^n(?:r|o)?(?:de|of|der)?(?:la|the)?(?:question|frage|pregunta)|num|^nr|^id|id$|type|typ$|art$|categor|kategor|catég|date|author|autor|auteur|point|level|image|picture|bild|link"
    r"|explan|feedback|comment|kommentar|ration|rate|count|percent|difficul|tag|time|zeit|source|incorrect|falsch|wrong"
)
"""What a column says of a question, and is neither its text nor its key."""
_OPTION = re.compile(
    r"^(?:(?:option|choice|op|(?:mc)?answer|response|réponse|reponse|proposition|opt|ans|antwort(?:option)?|opción|opcion|respuesta"
    r"|antwortmöglichkeit|risposta|opzione|resposta|opção|alternativa?|alternative|answer(?:option|choice)))?"
    r"(?:([a-l])|(\d{1,2}))$"
)
_NUMBERED = re.compile(r"[^\W\d]{0,9}\W*\d{1,5}\W*")
"""What a column that is called question has where the question is in another: ``12`` or ``Q12``."""
_CONTEXT_WORDS = 5
"""Fewer are the number or name of a case."""


@dataclass(frozen=True, slots=True)
class TableKeys:
    """How the keys of a file are written.

    Attributes
    ----------
    habits : mapping of str to frozenset of Habit
        By column.
    indexes : tuple of (str, int, int)
        Place, index and number of options of each key that shows from where indexes count.
    numbered : int or None
        From where the columns of options are numbered, if they are and the keys go by it.
    only_indexes : bool
        Whether no key has letters or words, so that nothing can be read before it is known from where indexes count.
    """

    habits: Mapping[str, frozenset[Habit]]
    indexes: tuple[tuple[str, int, int], ...]
    numbered: int | None
    only_indexes: bool


@lru_cache(maxsize=4096)
def _column(name: str) -> str:
    """The usual form of a column's name: ``Correct answer(s) - one`` and ``CorrectAnswer`` are ``correctanswer``."""
    plain = re.sub(r"\((?:s|es|n|en|x)\)", "", str(name).strip().casefold())
    plain = re.split(r"(?<=\w)[\s_]*(?:[(\[:]|[\s_][-–/][\s_])", plain)[0] if len(plain) > 3 else plain
    return re.sub(r"[\W_]+", "", plain)


def _option_columns(names: Iterable[str]) -> tuple[dict[int, str], int | None]:
    columns, base = _options_among(tuple(names))
    return dict(columns), base


@lru_cache(maxsize=256)
def _options_among(names: tuple[str, ...]) -> tuple[dict[int, str], int | None]:
    """The column of each option by its place, and from where they are numbered; None where they have letters."""
    matched = [(option, name) for name in names if (option := _OPTION.match(_column(name))) is not None]
    base = 0 if any(option[2] == "0" for option, _ in matched) else 1
    found: dict[int, str] = {}
    for option, name in matched:
        letter = option[1]
        found.setdefault(ord(letter) - ord("a") if letter else int(option[2]) - base, name)
    return dict(sorted(found.items())), base if matched and all(option[2] for option, _ in matched) else None


def _all(fields: Iterable[str], wanted: tuple[str, ...]) -> list[str]:
    return list(_wanted_among(tuple(fields), wanted))


@lru_cache(maxsize=1024)
def _wanted_among(fields: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Fields by these names, in the order of the names. All rows of a table have the same ones, hence the caches."""
    return tuple(name for known in map(_column, wanted) for name in fields if _column(name) == known)


def _first(fields: Iterable[str], wanted: tuple[str, ...]) -> str:
    return next(iter(_all(fields, wanted)), "")


def _only_one_like(fields: Iterable[str], pattern: re.Pattern[str]) -> list[str]:
    """The column whose name holds such a word, if it is the only one."""
    plain = {name: _column(name) for name in fields}
    like = [name for name, known in plain.items() if pattern.search(known) and not _BESIDE.search(known)]
    like = [name for name in like if not _OPTION.match(plain[name])]
    return like if len(like) == 1 else []


def _question_column(fields: Iterable[str]) -> str:
    names = list(fields)
    return _first(names, QUESTION) or next(iter(_only_one_like(names, _LIKE_QUESTION)), "")


def _named_keys(fields: Iterable[str]) -> list[str]:
    names = list(fields)
    return _all(names, KEY) or _only_one_like(names, _LIKE_KEY)


def is_question_table(names: Iterable[str]) -> bool:
    """Whether these columns are a question, at least two options or a field with all of them, and a key."""
    fields = list(names)
    return _has_no_header(fields) or (_is_asked(fields) and bool(_named_keys(fields) or _first(fields, _LAST_KEY)))


def lacks_key(names: Iterable[str]) -> bool:
    """Whether these columns are a question and its options, and none says which of them is right."""
    fields = list(names)
    return _is_asked(fields) and not is_question_table(fields)


def _is_asked(fields: list[str]) -> bool:
    optioned = len(_option_columns(fields)[0]) >= 2 or bool(_options_field(fields))
    return bool(_question_column(fields)) and optioned


def table_keys(records: Iterable[Record]) -> TableKeys:
    """Read the keys of all rows, so that each is read as the others show it."""
    by_column: dict[str, list[tuple[str, Key, int]]] = {}
    numbered = None
    for record in records:
        try:
            options = _options(record.fields)
        except LeftOut:
            continue
        numbered = options.base if options.base is not None else numbered
        for column in _key_columns(record.fields) if options.texts else ():
            try:
                found = read_key(record.fields[column], options)
            except LeftOut:
                continue
            by_column.setdefault(column, []).append((record.place, found, options.positions[-1] + 1))
    habits = {column: habits_of(key for _, key, _ in keys) for column, keys in by_column.items()}
    first = next((column for column in by_column if "numbers" in habits[column]), next(iter(by_column), ""))
    others = any(habits[column] & {"letters", "runs", "words"} for column in habits if column != first)
    indexes = (
        []
        if others
        else [
            (place, index, count)
            for place, key, count in by_column.get(first, ())
            if (index := index_of_key(key, habits[first])) is not None
        ]
    )
    numbered = None if first in _all([first], _INDEX_KEY) else numbered
    return TableKeys(habits, tuple(indexes), numbered, habits.get(first, frozenset()) <= {"numbers"})


def read_table_row(fields: Mapping[str, Any], keys: TableKeys, base: int | None) -> ImportedQuestion:
    """Read one row; the key is a letter, several letters, a number from ``base``, or the words of an option."""
    options = _options(fields)
    if len(options.texts) < 2:
        raise LeftOut("has fewer than two options")
    if options.positions != tuple(range(len(options.positions))):
        raise LeftOut("has an empty option")
    right = _right(fields, options, keys, base)
    question, context = _asked(fields)
    return ImportedQuestion(
        label(fields.get(_first(fields, NAME))),
        question,
        options.texts,
        right,
        count_told=len(right) == 1,
        context=context,
        topic=label(fields.get(_first(fields, TOPIC))),
    )


def _asked(fields: Mapping[str, Any]) -> tuple[str, str]:
    """The question, and the case before it where that has a column of its own."""
    if _has_no_header(fields):
        return clean(fields.get(NO_HEADER.format(1))), ""
    column = _question_column(fields)
    question = clean(fields.get(column))
    before = [text for name in _all(fields, CONTEXT) if name != column and (text := _text(fields[name]))]
    if before and _NUMBERED.fullmatch(question):
        return before[0], ""
    return question, next((text for text in before if len(text.split()) >= _CONTEXT_WORDS), "")


def _text(value: Any) -> str:
    found = structured(value)
    return "\n\n".join(map(clean, found)) if isinstance(found, list) else clean(found)


def _has_no_header(fields: Iterable[str]) -> bool:
    return next(iter(fields), "") == NO_HEADER.format(1)


def _options(fields: Mapping[str, Any]) -> Options:
    """The options of columns of their own or of one field."""
    columns, base = _option_columns(fields)
    if _has_no_header(fields):
        columns, base = dict(enumerate(list(fields)[1:-1])), None
    if len(columns) < 2:
        return _of_field(fields)
    texts = {place: text for place, column in columns.items() if (text := clean(fields[column]))}
    return Options(without_letters(tuple(texts.values())), tuple(texts), base)


def _options_field(fields: Iterable[str]) -> str:
    """The field with all options; ``answers`` are the options where another field has the key."""
    names = list(fields)
    keys = _all(names, (*KEY, *_LAST_KEY))
    return _first(names, OPTIONS) or (_first(names, ("answers",)) if len(keys) > 1 else "")


def _of_field(fields: Mapping[str, Any]) -> Options:
    column = _options_field(fields)
    found = options_of_mapping(fields[column]) if column else {}
    names = list(found)
    texts = without_letters(tuple(found.values()))
    if names and all(re.fullmatch("[A-L]", name) for name in names):
        return Options(texts, tuple(ord(name) - ord("A") for name in names))
    numbers = [int(number[0]) for name in names if (number := re.search(r"\d{1,2}$", name))]
    if names and len(numbers) == len(names) and len(set(numbers)) == len(names):
        base = 0 if 0 in numbers else 1
        return Options(texts, tuple(number - base for number in numbers), base)
    return Options(texts, tuple(range(len(texts))))


def _key_columns(fields: Mapping[str, Any]) -> list[str]:
    if _has_no_header(fields):
        return list(fields)[-1:]
    options = "" if len(_option_columns(fields)[0]) >= 2 else _options_field(fields)
    named = [name for name in _named_keys(fields) if name != options and _is_filled(fields[name])]
    return named or _all(fields, _LAST_KEY)


def _is_filled(value: Any) -> bool:
    return bool(value) if isinstance(value, list) else isinstance(value, bool) or bool(label(value))


def _right(fields: Mapping[str, Any], options: Options, keys: TableKeys, base: int | None) -> tuple[int, ...]:
    """What the columns with keys say; of several, letters and words go before numbers, and all must agree."""
    columns = _key_columns(fields)
    if not columns:
        raise LeftOut(NO_KEY)
    found: dict[str, tuple[int, ...]] = {}
    numbers: dict[str, Key] = {}
    problem: LeftOut | None = None
    for column in columns:
        try:
            key = read_key(fields[column], options)
            habits = keys.habits.get(column, frozenset())
            if key.numbers and index_of_key(key, habits) is not None and base is None:
                numbers |= {} if column in _all([column], _COUNTS) and len(columns) > 1 else {column: key}
                continue
            found[column] = chosen_places(key, options, habits, base)
        except LeftOut as reason:
            if str(reason) not in (NAMES_NONE, NO_KEY) or _looks_like_key(fields[column]):
                raise
            problem = problem or reason
    if not found:
        raise problem or _not_counted(next(iter(numbers.values())), options) if numbers else problem or LeftOut(NO_KEY)
    right = next(iter(found.values()))
    positions = [options.positions[place] for place in right]
    agrees = all(list(key.numbers or ()) in (positions, [place + 1 for place in positions]) for key in numbers.values())
    if len(set(found.values())) > 1 or not agrees:
        shown = ", ".join(f"{column} {clean(str(fields[column]))[:30]!r}" for column in columns)
        raise LeftOut("has two keys that name different options", shown)
    return right


def _not_counted(key: Key, options: Options) -> LeftOut:
    """Why an index in a table of letters or words names nothing."""
    beyond = max(key.numbers or ()) > options.positions[-1] + 1
    reason = NAMES_NONE if beyond else "has an index that could count from 0 or from 1; give --index-base"
    return LeftOut(reason, shown_key(key.written))


def _looks_like_key(value: Any) -> bool:
    return isinstance(value, list) or bool(re.fullmatch(r"\W*(?:[A-Za-z]|\d{1,2}|[A-L]{2,3})\W*", label(value)))
