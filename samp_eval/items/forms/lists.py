"""Lists inside one cell or line: ``A. Neck stiffness / Nuchal rigidity; B. Fever``.

Entries stand behind their letters, alternatives behind `` / ``, and a reason behind `` = ``. A semicolon, a slash or an
equals sign that belongs to the text carries a backslash where it could be taken for a separator. In a cell an entry may
also begin on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from samp_eval.items.picture import PICTURE_FIELDS, Picture
from samp_eval.items.samp import KeyEntry, NotAccepted, entry_letter

__all__ = [
    "joined_wordings",
    "list_problem",
    "read_entries",
    "read_list",
    "read_picture",
    "read_refused",
    "read_wordings",
    "split_unescaped",
    "written_entries",
    "written_list",
    "written_picture",
    "written_refused",
]

_LETTER = re.compile(r"^\s*([A-Z]{1,2})[.)]\s+")
_NEW_LINE = re.compile(r"\n(?=\s*[A-Z]{1,2}[.)]\s)")
_NEW_LINE_OF_TEXT = re.compile(r"\n(?=\s*[A-Z]{1,2}[.)](?:\s|$))")
"""At the end of a text too: what follows it in the cell may begin with a space."""
_BETWEEN_ENTRIES = rf";|{_NEW_LINE.pattern}"
_LOOSE_SIGN = re.compile(r"(?:(?<=\s)|^)([/=])|([/=])(?=\s|$)")


def escaped(text: str) -> str:
    """Protect what could be taken for a separator."""
    text = _NEW_LINE_OF_TEXT.sub("\\\\\n", text.replace("\\", "\\\\").replace(";", "\\;"))
    return _LOOSE_SIGN.sub(lambda found: "\\" + found.group(), text)


def unescaped(text: str) -> str:
    """Take the protection away: a backslash before a separator, a backslash or the end of a line."""
    return re.sub(r"\\([\\;/=\n])", r"\1", text)


def split_unescaped(text: str, separator: str) -> list[str]:
    """Split at a separator (a regular expression) that carries no backslash."""
    pieces, start = [], 0
    for found in re.finditer(rf"\\.|({separator})", text, re.DOTALL):
        if found.group(1) is not None:
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def joined_wordings(wordings: Iterable[str]) -> str:
    """Write an entry with its alternatives."""
    return " / ".join(escaped(wording) for wording in wordings)


def read_wordings(text: str) -> list[str]:
    """Read an entry with its alternatives."""
    pieces = split_unescaped(text, r"(?:(?<=\s)|^)/(?=\s|$)")
    return [wording for piece in pieces if (wording := unescaped(piece).strip())]


def written_list(entries: Sequence[str]) -> str:
    """Letter a list: ``A. ...; B. ...``."""
    return "; ".join(f"{entry_letter(position)}. {entry}" for position, entry in enumerate(entries))


def read_list(text: str) -> list[str]:
    """Read a lettered list back; a piece without the next letter belongs to the entry before it."""
    entries: list[str] = []
    for piece in split_unescaped(text, _BETWEEN_ENTRIES):
        found = _LETTER.match(piece)
        if found and found.group(1) == entry_letter(len(entries)):
            entries.append(piece[found.end() :].strip())
        elif entries and piece.strip():
            entries[-1] += "\\; " + piece.strip()
        elif piece.strip():
            entries.append(piece.strip())
    return entries


def list_problem(text: str) -> str | None:
    """What is wrong with a list as it was typed: a piece without the next letter would belong to the one before it."""
    pieces = [piece.strip() for piece in split_unescaped(text, _BETWEEN_ENTRIES) if piece.strip()]
    lettered = [found.group(1) for piece in pieces if (found := _LETTER.match(piece))]
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    if "A" not in lettered and len(pieces) > 1:
        return (
            f"holds a semicolon but no letters, so it would be one entry; write A. {pieces[0][:40]}; "
            f"B. {pieces[1][:40]}, or \\; where the semicolon belongs to the text"
        )
    if "A" not in lettered and len(lines) > 1:
        return (
            f"holds a line break but no letters, so it would be one entry; write A. {lines[0][:40]}; B. {lines[1][:40]}"
        )
    for place, piece in enumerate(pieces if "A" in lettered else ()):
        found = _LETTER.match(piece)
        if found is None or found.group(1) != entry_letter(place):
            return (
                f"holds {piece[:40]!r} where entry {entry_letter(place)} should begin; give it its letter, or "
                "write \\; where the semicolon belongs to the text"
            )
    return None


def written_entries(key: Iterable[KeyEntry]) -> str:
    """Write a whole key."""
    return written_list([joined_wordings(entry.wordings) for entry in key])


def read_entries(text: str) -> list[dict[str, object]]:
    """Read a whole key, for validation."""
    return [_wording_fields(read_wordings(entry)) for entry in read_list(text)]


def written_refused(refused: Iterable[NotAccepted]) -> str:
    """Write the answers that are not accepted, each with its reason."""
    return "; ".join(f"{joined_wordings(answer.wordings)} = {escaped(answer.reason)}" for answer in refused)


def read_refused(text: str) -> list[dict[str, object]]:
    """Read the answers that are not accepted; a piece without a reason belongs to the reason before it."""
    refused: list[dict[str, object]] = []
    for piece in split_unescaped(text, ";"):
        wordings, *reason = split_unescaped(piece, r"(?<=\s)=(?=\s|$)")
        if reason:
            refused.append(_wording_fields(read_wordings(wordings)) | {"reason": unescaped(" = ".join(reason)).strip()})
        elif refused and "reason" in refused[-1] and piece.strip():
            refused[-1]["reason"] = f"{refused[-1]['reason']}; {unescaped(piece).strip()}"
        elif piece.strip():
            refused.append(_wording_fields(read_wordings(piece)))
    return refused


def _wording_fields(wordings: Sequence[str]) -> dict[str, object]:
    return {"answer": wordings[0], "alternatives": list(wordings[1:])} if wordings else {}


def written_picture(picture: Picture) -> str:
    """Write a picture: its fields behind each other."""
    return "; ".join(escaped(value) for name in PICTURE_FIELDS if (value := getattr(picture, name)) is not None)


def read_picture(text: str) -> dict[str, str]:
    """Read a picture back, for validation; what is left over stays behind its last field."""
    pieces = [unescaped(piece).strip() for piece in split_unescaped(text, ";")]
    last = len(PICTURE_FIELDS) - 1
    pieces = [*pieces[:last], *(["; ".join(pieces[last:])] if pieces[last:] else [])]
    return dict(zip(PICTURE_FIELDS, pieces, strict=False))
