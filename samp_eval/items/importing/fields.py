"""Values of a public bank's fields: letters, indexes, lists written as text."""

from __future__ import annotations

import ast
import io
import json
import math
import re
import tokenize
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from html import unescape
from typing import Any

from samp_eval.items.importing.imported import LeftOut

__all__ = [
    "DIFFERENT_OPTIONS",
    "NAMES_NONE",
    "NO_HEADER",
    "NO_KEY",
    "clean",
    "folded",
    "index_base",
    "label",
    "letter_places",
    "options_of_mapping",
    "same_words",
    "shown_key",
    "shows_picture",
    "structured",
    "whole_number",
    "without_fillers",
    "without_letters",
]

NO_HEADER = "column_{}"
NO_KEY = "has no key"
NAMES_NONE = "has a key that names none of its options"
DIFFERENT_OPTIONS = "has a key whose letter and words name different options"
_NO_OPTIONS = "has no options that can be read"
_FILLERS = frozenset({"n/a", "N/A", "NA", "nan", "NaN", "none given", "None given", "-"})
"""What stands for an option that is not there. ``Na`` is sodium."""
_PICTURE_FIELDS = (
    *("image", "images", "picture", "pictures", "figure", "figures", "photo", "img", "image_url", "image_link"),
    *("image_path", "image_file", "media", "bild", "abbildung", "imagen", "figura", "immagine", "imagem"),
)
_NO_PICTURE = frozenset(
    {
        *("", "none", "no", "n", "non", "nein", "false", "0", "0.0", "n/a", "na", "nan", "null", "-", "[]", "{}"),
        *("no image", "no picture", "aucune", "aucun", "keine", "kein", "ninguna"),
    }
)
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a pair, which JSON lets through and no file can hold."""
_WHITE = re.compile(r"[ \t\u00a0\u3000]+")
_NUMPY = re.compile(r"""['"\d}\])]\s+['"\d{\[(]|\barray\(|\bnan\b|\bnull\b""")
"""What ``repr`` of a numpy array has and a Python literal has not: entries without commas, ``array(...)``."""
_CONSTANTS = {"nan": None, "null": None, "true": True, "false": False}
_VALUES = frozenset({*_CONSTANTS, "True", "False", "None"})


def folded(name: object) -> str:
    """A field's name as it is known: ``Answer IDX`` is ``answer_idx``."""
    return re.sub(r"\s+", "_", str(name).strip().casefold())


def clean(value: Any) -> str:
    """A text without needless white space; empty for what is no text or number.

    Raises
    ------
    LeftOut
        For a date or a time, which a spreadsheet program makes of a text such as 5-7.
    """
    if value is None or isinstance(value, (dict, list, bool)) or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (date, time, timedelta)):
        reason = "has a date or time where a text belongs; format the column as text and type the cell again"
        raise LeftOut(reason, str(value))
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    lines = [_WHITE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def label(value: Any) -> str:
    """A text that is no part of a question: an id, a subject; a date is as good as any."""
    return clean(str(value) if isinstance(value, (date, time, timedelta)) else value)


def same_words(text: str) -> str:
    """A text by which two are the same but for case, spaces, a stop at the end and how ``&amp;`` is written."""
    plain = " ".join(unicodedata.normalize("NFKC", unescape(text)).casefold().split())
    return plain.strip(" .;,:") or plain


def whole_number(value: Any) -> int:
    """A whole number, also of the text ``3.0``; raises ``ValueError`` for others."""
    return int(re.sub(r"\.0+$", "", clean(value)))


def shown_key(value: Any) -> str:
    """A key for a message; a single letter of another alphabet looks like one of ours, so it is named."""
    text = str(value)[:40]
    named = unicodedata.name(text, "").lower() if len(text) == 1 and not text.isascii() else ""
    return f"key {text!r} ({named})" if named else f"key {text!r}"


def shows_picture(fields: Mapping[str, Any]) -> bool:
    """Whether a field for pictures holds one: a path, an address, the bytes, or a list of them."""
    return any(_is_picture(structured(fields.get(name))) for name in _PICTURE_FIELDS)


def _is_picture(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_is_picture, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_is_picture, value))
    if isinstance(value, float) and math.isnan(value):
        return False
    return value is not None and str(value).strip().casefold() not in _NO_PICTURE


def structured(value: Any) -> Any:
    """What a cell holds that has JSON, or a Python or numpy literal, as its text; other values as they are."""
    if (
        not isinstance(value, str)
        or not value.strip().startswith(("{", "[", '"{', '"[', "array("))
        or len(value) > 100_000
    ):
        return value
    try:
        found = json.loads(value)
        return structured(found) if isinstance(found, str) else found
    except (ValueError, RecursionError):
        pass
    text = value.strip()
    try:
        return _literal(ast.parse(_with_commas(text) if _NUMPY.search(text) else text, mode="eval").body)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, tokenize.TokenError):
        return value


def _with_commas(text: str) -> str:
    """Put commas where numpy leaves them out; Python would join ``['Iron' 'Zinc']`` to one text without a word."""
    parts: list[str] = []
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text.replace("\n", " ")).readline):
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            continue
        is_value = token.type in (tokenize.STRING, tokenize.NUMBER)
        begins = is_value or token.string in ("{", "[") or (token.type == tokenize.NAME and before != "-")
        if begins and before in ("value", "}", "]", ")"):
            parts.append(",")
        parts.append(token.string)
        before = "value" if is_value or token.string in _VALUES else token.string
    return " ".join(parts)


def _literal(node: ast.expr) -> Any:
    """The value of a literal; ``array([...], dtype=object)`` is its list, ``nan`` is nothing."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_literal(entry) for entry in node.elts]
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {_literal(key): _literal(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_literal(node.operand)
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "array" and node.args:
        return _literal(node.args[0])
    raise ValueError("no literal")


_LETTER_KEYS = ("letter", "key", "label", "aid", "id", "option_id", "idx")
_TEXT_KEYS = ("content", "value", "text", "atext", "option", "answer")


def options_of_mapping(value: Any) -> dict[str, str]:
    """Options by their letters, in the order of these; options without words are not there.

    Read are ``{"A": ...}``, ``[{"letter": ..., "content": ...}]``, ``{"label": [...], "text": [...]}``, a list,
    or a text with one option in each line or behind each letter.
    """
    value = structured(value)
    if isinstance(value, str) and clean(value):
        value = _parts_of_text(clean(value))
    if (
        isinstance(value, Mapping)
        and len(value) > 1
        and all(isinstance(part, (list, tuple)) for part in value.values())
    ):
        value = [dict(zip(value, entry, strict=False)) for entry in zip(*value.values(), strict=False)]
    if isinstance(value, Mapping):
        found = {str(name).strip().upper(): clean(text) for name, text in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        found = {}
        for place, entry in enumerate(value):
            if isinstance(entry, Mapping):
                name, text = _first_of(entry, _LETTER_KEYS), _first_of(entry, _TEXT_KEYS)
                found[label(name).upper() or chr(ord("A") + place)] = clean(text)
            else:
                found[chr(ord("A") + place)] = clean(entry)
    else:
        raise LeftOut(_NO_OPTIONS)
    return {name: text for name, text in _in_order(found).items() if text and text not in ("nan", "NaN")}


def _first_of(entry: Mapping[Any, Any], names: Iterable[str]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _in_order(options: dict[str, str]) -> dict[str, str]:
    """By letters or numbers where all have one, so that B stays the second option however a file lists them."""
    if all(re.fullmatch("[A-Z]", name) for name in options):
        return dict(sorted(options.items()))
    if all(re.search(r"\d{1,9}$", name) for name in options):
        return dict(sorted(options.items(), key=lambda option: int(re.findall(r"\d{1,9}$", option[0])[0])))
    return options


def _parts_of_text(text: str) -> dict[str, str] | list[str]:
    """The options of a text: behind letters in their order, else in lines, else between semicolons or bars."""
    at_start = r"(?m)^\s*[(\[]?([A-La-l])(?:[.):\]、．]|\s)\s*(?=\S)"
    within = r"(?:^|(?<=[\s;,|]))[(\[]?([A-La-l])[.):\]、．]\s*(?=\S)"
    for pattern in (at_start, within):
        marks = list(re.finditer(pattern, text))
        letters = [mark[1].upper() for mark in marks]
        if (
            len(marks) > 1
            and letters == [chr(ord("A") + place) for place in range(len(marks))]
            and marks[0].start() == 0
        ):
            ends = [*(mark.start() for mark in marks[1:]), len(text)]
            texts = [text[mark.end() : end].strip(" \n;,|") for mark, end in zip(marks, ends, strict=True)]
            return dict(zip(letters, texts, strict=True))
    for sign in ("\n", ";", "|"):
        parts = [part.strip() for part in text.split(sign)]
        if len(parts) > 1:
            return parts
    raise LeftOut(_NO_OPTIONS)


def without_fillers(options: dict[str, str]) -> dict[str, str]:
    """Options without what stands at their end for one that is not there."""
    kept = dict(options)
    while kept and next(reversed(kept.values())) in _FILLERS:
        kept.popitem()
    return kept


def without_letters(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Options without the letters that stand in all of them (``A. Iron``), which would be shown twice."""
    printed = [
        re.match(rf"\(?{chr(97 + place)}[.):]\)?\s*(?=\S)", text, re.IGNORECASE) for place, text in enumerate(texts)
    ]
    if len(printed) < 2 or None in printed:
        return texts
    return tuple(text[found.end() :] for text, found in zip(texts, printed, strict=True) if found)


def letter_places(value: Any, names: Iterable[str]) -> tuple[int, ...]:
    """Places of the options that an answer such as ``B``, ``["a", "c"]`` or ``option1,option3`` names."""
    value = structured(value)
    written = value if isinstance(value, Sequence) and not isinstance(value, str) else re.split(r"[,;|]", clean(value))
    order = {name.upper(): place for place, name in enumerate(names)}
    parts = [unicodedata.normalize("NFKC", clean(part)).strip("().").upper() for part in written if clean(part)]
    wanted = [re.sub(r"[\s_]+(?=\d)", "", part) for part in parts]
    if not wanted:
        raise LeftOut(NO_KEY)
    if any(name not in order for name in wanted):
        raise LeftOut(NAMES_NONE, shown_key(value))
    return tuple(sorted({order[name] for name in wanted}))


def index_base(values: Iterable[tuple[str, int, int]], given: int | None) -> int | None:
    """Whether indexes count from 0 or from 1, by all of a file.

    Parameters
    ----------
    values : iterable of (str, int, int)
        Place, index and number of options of each; negative indexes (no key) and those beyond the options do not count.
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
    counted = [(place, index, options) for place, index, options in values if 0 <= index <= options]
    from_zero = next((place for place, index, _ in counted if index == 0), None)
    from_one = next(
        (f"{place} has {index} of {options}" for place, index, options in counted if index == options), None
    )
    if from_zero is not None and from_one is not None:
        raise LeftOut(
            "indexes of right options count from 0 in some questions and from 1 in others: "
            f"{from_zero} has 0, {from_one}; correct the wrong ones"
        )
    decided = 0 if from_zero is not None else 1 if from_one is not None else None
    if given is not None and decided is not None and given != decided:
        seen = f"{from_zero} has 0" if decided == 0 else from_one
        raise LeftOut(f"indexes of right options count from {decided}, not from {given}: {seen}")
    return given if decided is None else decided
