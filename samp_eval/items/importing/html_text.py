"""Plain text of the HTML in which learning systems keep their questions."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from samp_eval.items.importing.imported import LeftOut

__all__ = ["plain_text", "tidy"]

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"})
_INLINE = {"sup": "^", "td": " ", "th": " "}
_UNSEEN = frozenset({"script", "style"})
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


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PICTURES:
            raise LeftOut("needs a picture")
        self._unseen += tag in _UNSEEN
        self.parts.append("\n" if tag in _BLOCKS else _INLINE.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
