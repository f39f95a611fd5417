"""Cells of an XLSX workbook that are shown as percentages: calamine gives the number behind them, 0.05 for ``5 %``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from samp_eval.input_files.archive import Archive, open_archive
from samp_eval.input_files.limits import MAX_TABLE_BYTES, UnreadableFile

__all__ = ["percent_cells"]

_BUILT_IN = frozenset({9, 10})
"""Numbers of the formats ``0%`` and ``0.00%`` (ECMA-376, part 1, 18.8.30)."""
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Start = Callable[[str, Mapping[str, str]], None]


def percent_cells(file: Path, sheet: str) -> set[tuple[int, int]]:
    """Row and column, from 0, of every cell of a worksheet that is shown as a percentage; none for an ODS workbook."""
    with open_archive(file, MAX_TABLE_BYTES) as archive:
        if not {"xl/workbook.xml", "xl/styles.xml"} <= set(archive.names):
            return set()
        styles = _percent_styles(archive)
        member = _member_of(archive, sheet) if styles else None
        return _cells_with(archive, member, styles) if member in archive.names else set()


def _parse(archive: Archive, member: str, start: Start) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    try:
        for chunk in archive.chunks(member, MAX_TABLE_BYTES):
            parser.Parse(chunk, False)
    except (expat.ExpatError, LookupError, ValueError) as error:  # of an encoding that Python does not know
        raise UnreadableFile(f"cannot be read: {error}") from error


def _percent_styles(archive: Archive) -> set[str]:
    """Numbers of the cell formats that show percentages, as cells name them."""
    formats = {str(number) for number in _BUILT_IN}
    styles: set[str] = set()
    count, inside = 0, False

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal count, inside
        if name == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(attributes.get("numFmtId", ""))
        elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                styles.add(str(count))
            count += 1

    _parse(archive, "xl/styles.xml", start)
    return styles


def _member_of(archive: Archive, sheet: str) -> str | None:
    """The member of the archive that holds a worksheet."""
    relation: dict[str, str] = {}
    target: dict[str, str] = {}

    def sheets(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            relation[attributes.get("name", "")] = attributes.get(f"{_RELATION} id", "")

    def targets(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            target[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", sheets)
    if "xl/_rels/workbook.xml.rels" in archive.names:
        _parse(archive, "xl/_rels/workbook.xml.rels", targets)
    found = target.get(relation.get(sheet, ""), "")
    return found.removeprefix("/") if found.startswith("/xl/") else f"xl/{found}" if found else None


def _cells_with(archive: Archive, member: str | None, styles: set[str]) -> set[tuple[int, int]]:
    cells: set[tuple[int, int]] = set()

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "c" and attributes.get("s") in styles:
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            if found is not None:
                column = 0
                for letter in found[1]:
                    column = 26 * column + ord(letter) - ord("A") + 1
                cells.add((int(found[2]) - 1, column - 1))

    if member is not None:
        _parse(archive, member, start)
    return cells
