"""HTML and LaTeX become the lines, list markers and table rows that they stand for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from samp_eval.answers.excerpt import Change, Excerpt
from samp_eval.answers.shapes.inline import ENTITY, INLINE_TAG, STRUCK

__all__ = ["has_html_list", "with_lines_for_markup", "without_inline_tags"]

_BLOCKS = (
    "p|div|br|hr|table|thead|tbody|tfoot|body|html|head|section|article|main|center|blockquote|pre|dl|details|summary"
)
_HTML = re.compile(
    rf"<(?P<end>/?)(?P<name>li|item|ol|ul|dt|dd|tr|td|th|h[1-6]|{_BLOCKS})(?:\s[^<>]{{0,300}})?\s?/?>|(?P<feed>\n)",
    re.IGNORECASE,
)
_ANY_HTML = re.compile(r"</?(?:li|item|ol|ul|dt|dd|tr|td|th|h[1-6]|p|div|br|hr|table|body|html|dl)\b", re.IGNORECASE)
_LIST_ITEM = re.compile(r"<(?:li|item|dt)(?:\s[^<>]{0,300})?>", re.IGNORECASE)
_LATEX = re.compile(
    r"\\(?P<way>begin|end)\{(?P<name>[a-zA-Z]{1,20})\*?\}(?:\[[^\]\n]{0,100}\])?(?:\{[lcr|]{1,9}\})?"
    r"|\\(?:boxed|text)\s?\{\s{0,9}(?=\\begin)"
    r"|\\(?P<item>item)(?![a-zA-Z])(?:\s?\[[^\]\n]{0,50}\])?"
    r"|\\\\(?=[ \t]*(?:\n|$|\\))|\\(?P<line>newline|par|hline|quad)(?![a-zA-Z])"
    r"|(?:(?<=\n)|\A)[ \t]{0,9}(?:\\\[|\\\]|\$\$)|(?:\\\]|\$\$)(?=[ \t]{0,9}(?:\n|\Z))"
)


def has_html_list(text: str) -> bool:
    """Whether there is an item of an HTML list."""
    return "<" in text and _LIST_ITEM.search(text) is not None


def with_lines_for_markup(excerpt: Excerpt) -> Excerpt:
    """The excerpt with line breaks, ``- `` and ``|`` in the place of structural tags."""
    if "&" in excerpt.text:
        excerpt = excerpt.replaced(_entity_changes(excerpt.text))
    if "<!--" in excerpt.text:
        excerpt = excerpt.replaced(_comments(excerpt.text))
    if "<" in excerpt.text and _ANY_HTML.search(excerpt.text):
        excerpt = excerpt.replaced(_html_changes(excerpt.text))
    if "\\" in excerpt.text or "$$" in excerpt.text:
        excerpt = excerpt.replaced(_latex_changes(excerpt.text))
    return excerpt


def _entity_changes(text: str) -> Iterator[Change]:
    for entity in ENTITY.finditer(text):
        yield *entity.span(), html.unescape(entity.group())


def without_inline_tags(excerpt: Excerpt) -> Excerpt:
    """The excerpt without what is struck through, and without tags that say how words look: ``<b>C</b>``."""
    excerpt = excerpt.replaced((gone.start(), gone.end(), " ") for gone in STRUCK.finditer(excerpt.text))
    return excerpt.replaced((tag.start(), tag.end(), "") for tag in INLINE_TAG.finditer(excerpt.text))


def _comments(text: str) -> Iterator[Change]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start)
        if end < 0:
            return
        yield start, end + 3, ""
        start = text.find("<!--", end)


def _html_changes(text: str) -> Iterator[Change]:
    """A line feed inside a list item or a cell is a space there, unless the line is empty."""
    depth, inside, head, skipped = 0, False, False, -1
    for tag in _HTML.finditer(text):
        start, end = tag.span()
        if tag["feed"]:
            empty = text[end : end + 1] == "\n"
            if inside and not empty and start != skipped:
                yield start, end, " "
            skipped = end if empty else -1
            continue
        name, ends = tag["name"].lower(), bool(tag["end"])
        instead = "\n"
        if name in ("ol", "ul", "dl"):
            depth = max(0, depth - 1) if ends else depth + 1
            inside = inside and ends and depth > 0
        elif name in ("li", "item", "dt") and not ends:
            instead, inside = "\n" + "  " * min(max(0, depth - 1), 9) + "- ", True
        elif name in ("li", "item", "dt", "dd"):
            inside = False
        elif name in ("td", "th"):
            instead, inside, head = ("|" if ends else ""), not ends, head or name == "th"
        elif name == "tr":
            instead = "\n|" if not ends else "\n|---|\n" if head else "\n"
            head, inside = False, False
        elif name.startswith("h") and name[1:].isdecimal() and not ends:
            instead = "\n## "
        yield start, end, instead


def _latex_changes(text: str) -> Iterator[Change]:
    depth = 0
    for command in _LATEX.finditer(text):
        instead = "\n"
        if command["way"]:
            depth = max(0, depth + (1 if command["way"] == "begin" else -1))
        elif command["item"]:
            instead = "\n" + "  " * min(max(0, depth - 1), 9) + "- "
        yield *command.span(), instead
