"""Reads a report's HTML back: its tables as text, and what else a test asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Page(HTMLParser):
    """A parsed report. ``tables``: rows of cell texts by the table's id; ``names``: every tag that occurs."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: str = ""
    _table: str | None = None
    _in_cell: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if tag == "table":
            self._table = given.get("id")
            if self._table:
                self.tables[self._table] = []
        if self._table and tag == "tr":
            self.tables[self._table].append([])
        if self._table and tag in ("td", "th"):
            self.tables[self._table][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = None
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._table and self._in_cell:
            self.tables[self._table][-1][-1] += data


def read_page(markup: str) -> Page:
    """Parse a report."""
    page = Page()
    page.feed(markup)
    page.close()
    return page
