"""Plain text of the HTML in which learning systems keep their questions."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from samp_eval.items.importing.imported import LeftOut

__all__ = ["plain_text", "tidy"]

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"})
_INLINE = {"sup": "^", "td": " ", "th": " "}
_UNSEEN = frozenset({"script", "style"})
_VOID = frozenset({"br", "hr", "input", "link", "meta", "wbr"})
_PICTURES = frozenset({"img", "svg", "video", "audio", "object", "iframe", "canvas"})
_MARKUP = re.compile(r"<[A-Za-z/!][^<>]*>|&(?:#\w+|[A-Za-z]\w+);")


def plain_text(text: str) -> str:
    """Take markup off: a block begins a line, ``10<sup>3</sup>`` becomes ``10^3``; refuses a text with a picture.

    Raises
    ------
    LeftOut
        Where a picture, a sound or a film belongs to the text.
    """
    if "@@PLUGINFILE@@" in text:
        raise LeftOut("needs a picture")
    if not _MARKUP.search(text):
        return tidy(text)
    reader = _Reader()
    try:
        reader.feed(text)
        reader.close()
    except AssertionError as error:  # Python's parser before 3.14, at "<![" that begins nothing
        raise LeftOut("has markup that cannot be read") from error
    return tidy("".join(reader.parts))


def tidy(text: str) -> str:
    """A text without needless white space and empty lines."""
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if line)


def _is_hidden(attributes: list[tuple[str, str | None]]) -> bool:
    """Whether a candidate does not see an element, which may hold the answer."""
    return any(
        name == "hidden"
        or (name == "style" and re.search(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", value or ""))
        for name, value in attributes
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden_by = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden_by:
            self._depth += tag == self._hidden_by
            return
        if tag in _PICTURES:
            raise LeftOut("needs a picture")
        if (tag in _UNSEEN or _is_hidden(attrs)) and tag not in _VOID:
            self._hidden_by, self._depth = tag, 1
        self.parts.append("\n" if tag in _BLOCKS else _INLINE.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden_by:
            self._depth -= tag == self._hidden_by
            self._hidden_by = self._hidden_by if self._depth else ""
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden_by:
            self.parts.append(data)
