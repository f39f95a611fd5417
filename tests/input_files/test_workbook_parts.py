"""Workbooks whose cells stand where they should not: without these checks calamine asks for terabytes and aborts."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from readers import READERS, packed

from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.workbook import read_tables

SHEET, RELATIONS = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"


def members(reader: str) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(READERS[reader].samples[0])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(file: Path, content: bytes, because: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=because):
        read_tables(file)


@pytest.mark.parametrize(
    ("was", "becomes", "because"),
    [
        (b'r="C2"', b'r="C99999999999999999999"', "is no place of a cell"),
        (b'r="C2"', b'r="CCCCCCCCCCCCCCC2"', "is no place of a cell"),
        (b'r="C2"', b'r=""', "is no place of a cell"),
        (b'<row r="2"', b'<row r="4294967290"', "is no number of rows"),
        (b'<row r="2"', b'<row r="+999999999"', "is no number of rows"),
    ],
)
def test_places_of_cells(tmp_path: Path, was: bytes, becomes: bytes, because: str) -> None:
    parts = members("bank.xlsx")
    assert was in parts[SHEET]
    refused(tmp_path / "a.xlsx", packed({**parts, SHEET: parts[SHEET].replace(was, becomes)}), because)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("place", ["worksheets2/s.dat", "media/a.png", "theme/theme1.xml", "worksheets/sub/s.xml"])
def test_a_sheet_in_another_place(tmp_path: Path, place: str, encoding: str) -> None:
    parts = members("bank.xlsx")
    parts[f"xl/{place}"] = parts.pop(SHEET).decode().replace("UTF-8", encoding.upper()).encode(encoding)
    parts[RELATIONS] = parts[RELATIONS].replace(b"worksheets/sheet1.xml", place.encode())
    refused(tmp_path / "a.xlsx", packed(parts), "holds a sheet where no spreadsheet program writes one")


def test_a_part_that_stands_twice(tmp_path: Path) -> None:
    parts, target = members("bank.xlsx"), BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in [*parts.items(), (SHEET, parts[SHEET])]:
            archive.writestr(name, content)
    refused(tmp_path / "a.xlsx", target.getvalue(), "lists a part twice")


@pytest.mark.parametrize("repeats", [b"99999999999", b"+999999999", b" 9", b"-1", b""])
def test_repeats_of_ods(tmp_path: Path, repeats: bytes) -> None:
    parts = members("answers.ods")
    was = b'number-columns-repeated="2"'
    assert was in parts["content.xml"]
    changed = parts["content.xml"].replace(was, was.replace(b"2", repeats))
    refused(tmp_path / "a.ods", packed({**parts, "content.xml": changed}), "is no number of rows or columns")


@pytest.mark.parametrize(("reader", "part"), [("answers.ods", "content.xml"), ("bank.xlsx", SHEET)])
def test_a_sheet_that_ends_in_the_middle(tmp_path: Path, reader: str, part: str) -> None:
    """calamine waits for ever for the end of an ODS cell."""
    parts = members(reader)
    for end in range(0, len(parts[part]) - 1, 23):
        refused(tmp_path / reader, packed({**parts, part: parts[part][:end]}), "cannot be read: ")


def test_a_picture_and_a_link_to_another_workbook_are_no_fault(tmp_path: Path) -> None:
    link = b'<externalLink><externalBook><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"/></row>'
    parts = members("bank.xlsx") | {
        "xl/media/image1.png": bytes(range(256)) * 100,
        "xl/externalLinks/externalLink1.xml": link + b"</sheetData></sheetDataSet></externalBook></externalLink>",
    }
    file = tmp_path / "a.xlsx"
    file.write_bytes(packed(parts))
    (table,) = read_tables(file).values()
    assert table[0][0] == "case_id"
