"""Makes untrusted text, such as answers, safe to show in a page, a document or a table."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible"]

_KEPT_WHITE_SPACE = {"\n", " "}
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """Replace every control and direction character of a text by a visible sign.

    Control characters become Unicode control pictures; overrides of the writing direction become their code in
    brackets. The result is valid in HTML and XML, and is displayed in its original order.
    """
    return _HIDDEN.sub(_sign, unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")))


def _sign(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _KEPT_WHITE_SPACE:
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"[U+{code:04X}]"
