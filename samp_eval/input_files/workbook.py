"""Workbooks as tables of cells, once it is known that they unpack into tables of a bearable size.

A workbook is a ZIP archive of XML. A small file can unpack into gigabytes, and one cell in the last row and column
makes calamine ask for memory for 17 thousand million cells, which ends the process. So the parts are measured first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from samp_eval.input_files.archive import is_archive, open_archive
from samp_eval.input_files.limits import MAX_TABLE_BYTES, UnreadableFile, megabytes

__all__ = ["read_tables"]

MAX_CELLS = 3_000_000
"""Of all sheets, from A1 to the last row and column of each: calamine and Python take some 100 bytes for each."""

_XLSX_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_EXTERNAL_LINK = re.compile(r"xl/externalLinks/[^/]+\.xml", re.IGNORECASE)
"""What a workbook remembers of the cells of another one."""
_SHEET_DATA = re.compile(b"sheetData|s\0h\0e\0e\0t\0D\0a\0t\0a")
"""The element around the cells, without which calamine finds none, in UTF-8 and UTF-16."""
_LONGEST_SHEET_DATA = 17
_ODS_CONTENT = "content.xml"
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.IGNORECASE)


def read_tables(file: Path) -> dict[str, list[list[Any]]]:
    """The cells of each sheet of an XLSX or ODS workbook, from A1, by the sheet's name.

    Raises
    ------
    UnreadableFile
        If it is no such workbook, is protected by a password, or would unpack into more than the limits.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_size(file)
    try:
        workbook = CalamineWorkbook.from_path(str(file))
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names
        }
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(f"cannot be read: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a fault in calamine's own code arrives as
            raise
        raise UnreadableFile("cannot be read: it is damaged") from error


def _check_size(file: Path) -> None:
    if not is_archive(file):
        raise UnreadableFile("is no XLSX or ODS workbook")
    left, cells = MAX_TABLE_BYTES, 0
    with open_archive(file, MAX_TABLE_BYTES) as archive:
        if len(set(archive.names)) < len(archive.names):
            raise UnreadableFile("cannot be read: it lists a part twice")
        for name in archive.names:
            measure = _measure_for(name)
            picture = not name.lower().endswith((".xml", ".rels", ".bin"))
            for chunk in archive.chunks(name, MAX_TABLE_BYTES):
                left -= 0 if picture else len(chunk)
                if left < 0:
                    raise UnreadableFile(f"is larger than {megabytes(MAX_TABLE_BYTES)} when unpacked")
                measure.feed(chunk)
            measure.finish()
            cells += measure.cells
            if cells > MAX_CELLS:
                raise UnreadableFile(
                    f"reaches over more than {MAX_CELLS:,} cells; delete what stands far away from the table, or save "
                    "the sheet as CSV"
                )


def _measure_for(name: str) -> _Measure | _NoSheet:
    if _XLSX_SHEET.fullmatch(name) or _EXTERNAL_LINK.fullmatch(name):
        return _XlsxMeasure()
    return _OdsMeasure() if name == _ODS_CONTENT else _NoSheet()


class _NoSheet:
    """A part that must hold no cells: the workbook itself says which of its parts are sheets, so any could be one."""

    cells = 0

    def __init__(self) -> None:
        self._end = b""

    def feed(self, chunk: bytes) -> None:
        """Go on with the next bytes."""
        if _SHEET_DATA.search(self._end + chunk):
            raise UnreadableFile("cannot be read: it holds a sheet where no spreadsheet program writes one")
        self._end = chunk[-_LONGEST_SHEET_DATA:]

    def finish(self) -> None:
        """The part is over."""


class _Measure:
    """Reads the XML of sheets and adds up how many cells they reach over."""

    def __init__(self) -> None:
        self.row = self.column = self.height = self.width = self._earlier = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    @property
    def cells(self) -> int:
        """Of all sheets so far."""
        return self._earlier + self.height * self.width

    def feed(self, chunk: bytes) -> None:
        """Go on with the next piece of XML."""
        self._parse(chunk, last=False)

    def finish(self) -> None:
        """The part is over: refuse it where its XML is not, for calamine would wait for the end of a cell for ever."""
        self._parse(b"", last=True)

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # of an encoding that Python does not know
            raise UnreadableFile(f"cannot be read: {error}") from error

    def end_sheet(self) -> None:
        """Begin another sheet of the same part."""
        self._earlier = self.cells
        self.row = self.column = self.height = self.width = 0

    def occupied(self) -> None:
        """There is something in the present row and column."""
        self.height, self.width = max(self.height, self.row), max(self.width, self.column)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins; its name is without a prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.start(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self.end(name.rpartition(":")[2])

    @staticmethod
    def _refuse_doctype(*_: object) -> None:
        raise UnreadableFile("cannot be read: it declares entities, as no spreadsheet program does")


class _XlsxMeasure(_Measure):
    """Of ``xl/worksheets/sheet1.xml``: a row and a cell carry their place, or follow the one before."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
        elif name == "c":
            self.column += 1
            if "r" in attributes:
                self.column, self.row = _place(attributes["r"])
            self.occupied()


class _OdsMeasure(_Measure):
    """Of ``content.xml``: rows and cells may be repeated; empty ones at the end do not count."""

    def __init__(self) -> None:
        super().__init__()
        self._row_has_content = False
        self._row_repeats = 1

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table-row":
            self._row_repeats = _number(attributes.get("table:number-rows-repeated"), 1)
            self._row_has_content, self.column = False, 0
        elif name in ("table-cell", "covered-table-cell"):
            self.column += _number(attributes.get("table:number-columns-repeated"), 1)
            if any(attribute.endswith("value-type") for attribute in attributes):
                self._mark_content()
        elif name == "p":
            self._mark_content()

    def end(self, name: str) -> None:
        if name == "table-row":
            self.row += self._row_repeats
            if self._row_has_content:
                self.height = self.row
        elif name == "table":
            self.end_sheet()

    def _mark_content(self) -> None:
        self._row_has_content = True
        self.width = max(self.width, self.column)


def _number(written: str | None, otherwise: int) -> int:
    if written is None:
        return otherwise
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise UnreadableFile(f"cannot be read: {written[:40]!r} is no number of rows or columns")
    return int(written)


def _place(reference: str) -> tuple[int, int]:
    """Column and row of ``C12``; calamine counts wrongly where one is none, and asks for memory accordingly."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise UnreadableFile(f"cannot be read: {reference[:40]!r} is no place of a cell")
    column = 0
    for letter in found[1].upper():
        column = 26 * column + ord(letter) - ord("A") + 1
    return column, int(found[2])
