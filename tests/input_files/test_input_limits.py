"""A small file that unpacks or multiplies into gigabytes is refused in a sentence, for less than 500 MB of memory."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from openai_server import OpenAIServer, Status

MOST_MEGABYTES = 500
LARGE = 300_000_000
"""Bytes: a reader without a limit would hold them at least twice."""

CHILD = """
import sys
from samp_eval.cli.main import main
code = main(sys.argv[1:])
status = open("/proc/self/status").read()
print("PEAK", int(status.split("VmHWM:")[1].split()[0]) // 1000)
sys.exit(code)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak"),
]


CASE = """
id: a
topic: Fever
stem: A three-year-old boy has been hot for two days.
questions:
  - {id: a-1, question: What is it?, requested: 1, key: [{answer: fever}]}
"""


def write_bank(file: Path) -> Path:
    file.write_text(CASE, encoding="utf-8")
    return file


def refused(*arguments: str | Path) -> str:
    """What a command says, which must be an error in one sentence, within the memory and a minute."""
    environment = {**os.environ, "OPENAI_API_KEY": "sk-testtesttesttesttest1234"}
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode in (1, 3), done.stderr
    assert "Traceback" not in done.stderr
    peak = int(done.stdout.split("PEAK ")[1])
    assert peak < MOST_MEGABYTES, f"{peak} MB: {done.stderr}"
    return done.stderr


def zipped(file: Path, members: dict[str, bytes], repeated: tuple[str, bytes] | None = None) -> Path:
    """An archive; ``repeated`` is a member that unpacks into ``LARGE`` bytes of the same."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if repeated is not None:
            with archive.open(repeated[0], "w") as member:
                for _ in range(LARGE // 1_000_000):
                    member.write(repeated[1] * (1_000_000 // len(repeated[1])))
    return file


# Banks ---------------------------------------------------------------------------------------------------------------


def anchors(file: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    file.write_text("\n".join(lines), encoding="utf-8")


def far_cell(file: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "case_id"
    sheet["XFD1048576"] = "x"
    book.save(file)


def cells_without_places(file: Path) -> None:
    far_cell(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    wide = b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>"
    sheet = (
        b"<worksheet><sheetData>" + wide + b"<row/>" * 100_000 + b"<row><c><v>1</v></c></row></sheetData></worksheet>"
    )
    zipped(file, {**members, "xl/worksheets/sheet1.xml": sheet})


def repeated_cells(file: Path) -> None:
    repeated = 'office:value-type="string" table:number-columns-repeated="16000"'
    cell = f"<table:table-cell {repeated}><text:p>x</text:p></table:table-cell>"
    content = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table>'
        f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
        "</table:table></office:document-content>"
    )
    zipped(file, {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def many_strings(file: Path) -> None:
    far_cell(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members.pop("xl/worksheets/sheet1.xml")
    zipped(file, members, ("xl/sharedStrings.xml", b"<si><t>x</t></si>"))


def entities(file: Path) -> None:
    far_cell(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    doctype = b'<!DOCTYPE a [<!ENTITY a "x">]>' + members["xl/worksheets/sheet1.xml"].partition(b"?>")[2]
    zipped(file, {**members, "xl/worksheets/sheet1.xml": doctype})


BANKS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "anchors": ("bank.yaml", anchors, r"refers to another place with \*a0"),
    "nested yaml": ("bank.yaml", lambda file: file.write_text("[" * 900_000), "nested|nesting"),
    "large yaml": ("bank.yaml", lambda file: file.write_text("a" * 2_000_000), "is larger than 1 MB"),
    "list as key": ("bank.yaml", lambda file: file.write_text("? [a, b]\n: c\n"), "must be plain text"),
    "nested jsonl": ("bank.jsonl", lambda file: file.write_text('{"a":' * 900_000), "nested too deeply"),
    "many json values": ("bank.jsonl", lambda file: file.write_text("[" + "[]," * 15_000_000), "holds more than"),
    "long number": ("bank.jsonl", lambda file: file.write_text("9" * 900_000), "valid JSON"),
    "large csv": ("bank.csv", lambda file: file.write_text("x" * 60_000_000), "is larger than 50 MB"),
    "long line": ("bank.csv", lambda file: file.write_text("ab," * 16_000_000), "is longer than 10 MB"),
    "many cells": ("bank.csv", lambda file: file.write_text("ab,cd\n" * 8_000_000), "holds more than"),
    "wide characters": (
        "bank.csv",
        lambda file: file.write_text("\U0001f600" * 10_000_000, "utf-8"),
        "holds no question",
    ),
    "far cell": ("bank.xlsx", far_cell, "reaches over more than"),
    "cells without places": ("bank.xlsx", cells_without_places, "reaches over more than"),
    "many strings": ("bank.xlsx", many_strings, "larger than 50 MB when unpacked"),
    "entities": ("bank.xlsx", entities, "declares entities"),
    "no workbook": ("bank.xlsx", lambda file: file.write_bytes(b"PK\x03\x04broken"), "no XLSX or ODS workbook"),
}


@pytest.mark.parametrize("name", BANKS)
def test_banks(tmp_path: Path, name: str) -> None:
    filename, make, said = BANKS[name]
    make(tmp_path / filename)
    assert re.search(said, refused("items", "list", "--items", tmp_path / filename))


@pytest.mark.parametrize("name", ["far cell", "many strings", "repeated cells", "long line", "many cells"])
def test_sheets(tmp_path: Path, name: str) -> None:
    if name == "repeated cells":
        file = tmp_path / "answers.ods"
        repeated_cells(file)
    else:
        filename, make, _ = BANKS[name]
        file = tmp_path / filename
        make(file)
    bank = write_bank(tmp_path / "small.yaml")
    err = refused("responses", "import", file, "--items", bank, "--study", tmp_path / "study")
    assert str(file) in err


# Settings and prompts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a." * 50_000 + "a = 1", "more than 200 points"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("a = " + "9" * 100_000, "not valid TOML"),
        ("x" * 300_000, "is larger than 0.25 MB"),
        ("[[rounds]]\nafter_days = 999999999999\n", "less than or equal to 36500"),
        ('[[respondents]]\nid = "a"\nmodel = "a"\nconcurrency = 999999999\n', "less than or equal to 10000"),
    ],
)
@pytest.mark.parametrize("file", ["study.toml", "prices.toml"])
def test_settings(tmp_path: Path, file: str, content: str, said: str) -> None:
    if file == "prices.toml" and "[[" in content:
        pytest.skip("a field of study.toml")
    (tmp_path / file).write_text(content, encoding="utf-8")
    err = refused("run", "--study", tmp_path, "--model", "gpt-4", "--dry-run")
    assert said in err


def test_what_is_no_ordinary_file(tmp_path: Path) -> None:
    bank = write_bank(tmp_path / "bank.yaml")
    assert "is not an ordinary file" in refused("items", "list", "--items", "/dev/zero")
    (tmp_path / "study.toml").write_text('items = "/dev/zero"\n', encoding="utf-8")
    assert "is not an ordinary file" in refused("run", "--study", tmp_path, "--model", "gpt-4", "--dry-run")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is not an ordinary file" in refused("items", "list", "--items", tmp_path / "pipe.yaml")
    other = tmp_path / "other"
    other.mkdir()
    (other / "study.toml").symlink_to("/dev/zero")
    assert "is not an ordinary file" in refused(
        "run", "--study", other, "--model", "gpt-4", "--items", bank, "--dry-run"
    )


# Logs ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "make", "said"),
    [
        ("log.eval", lambda file: zipped(file, {}, ("header.json", b"a")), "larger than 32 MB"),
        ("log.eval", lambda file: zipped(file, {"header.json": b"[" * 900_000}), "nested too deeply"),
        ("log.json", lambda file: file.write_text("[" + "[]," * 10_000_000), "holds more than"),
        ("log.json", lambda file: file.write_text("x" * 40_000_000), "is larger than 32 MB"),
    ],
)
def test_logs(tmp_path: Path, filename: str, make: Callable[[Path], object], said: str) -> None:
    make(tmp_path / filename)
    bank = write_bank(tmp_path / "bank.yaml")
    study = tmp_path / "study"
    assert said in refused("responses", "import", tmp_path / filename, "--items", bank, "--study", study)


# Servers -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A gzip answer that unpacks into ``LARGE`` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * 1_000_000
    return b"".join([*(packer.compress(block) for _ in range(LARGE // len(block))), packer.flush()])


@pytest.mark.parametrize(
    ("content", "headers", "said"),
    [
        (None, {"content-encoding": "gzip"}, "larger than 16 MB"),
        (b" " * 17_000_000, {}, "larger than 16 MB"),
        (b"[" + b"[]," * 5_000_000, {}, "holds more than"),
        (b"{}", {"content-encoding": "br"}, "compressed as br, which was not asked for"),
        (gzip.compress(b"{}", mtime=0)[:-4], {"content-encoding": "gzip"}, "its end is missing"),
        (b"{}", {"content-encoding": "gzip"}, "cannot be unpacked"),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_answers(
    tmp_path: Path, bomb: bytes, content: bytes | None, headers: dict[str, str], said: str, batch: bool
) -> None:
    bank, study = write_bank(tmp_path / "bank.yaml"), tmp_path / "study"
    with OpenAIServer(Status(200, content if content is not None else bomb, headers)) as server:
        asking: list[str | Path] = [
            "run",
            "--items",
            bank,
            "--study",
            study,
            "--model",
            "m",
            "--base-url",
            server.base_url,
        ]
        err = refused(*asking, "--rounds", "1", *(["--batch"] if batch else []))
        if not batch:
            assert said in err
        else:
            assert "Batch API" in err


@pytest.mark.parametrize("form", ["gzip", "deflate", "raw deflate", "identity"])
def test_a_compressed_answer_is_read(tmp_path: Path, form: str) -> None:
    answer = {"choices": [{"message": {"content": "1. Fever"}, "finish_reason": "stop"}]}
    content = json.dumps(answer).encode()
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(content),
        "deflate": zlib.compress(content),
        "raw deflate": raw.compress(content) + raw.flush(),
        "identity": content,
    }[form]
    from samp_eval.cli.main import main

    bank, study = write_bank(tmp_path / "bank.yaml"), tmp_path / "study"
    with OpenAIServer(Status(200, packed, {"content-encoding": form.removeprefix("raw ")})) as server:
        asking = ["run", "--items", str(bank), "--study", str(study), "--model", "m", "--base-url", server.base_url]
        assert main([*asking, "--rounds", "1"]) == 0
