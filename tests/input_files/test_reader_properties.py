"""Whatever bytes a file holds, reading it gives a result or an error meant for the user, never a traceback."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import READERS, read

CORPUS = Path(__file__).parents[1] / "data" / "reader-corpus.zip"

SNIPPETS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"\r", b'"', b"'", b"[", b"{", b"]", b"}",
    b",", b";", b":", b"=", b"&a ", b"*a", b"? ", b"- ", b"<<: ", b"!!python/object:x ", b"null", b"true", b"NaN",
    b"1e999", b"-0", b"9" * 5000, b"[" * 3000, b"\\ud800", b"[[rounds]]\n", b"a.b.c = 1\n", b"1979-99-99", b"A1",
    b"PK\x03\x04", b"<!DOCTYPE a>", b"XFD1048576", b"-1", b'{"$ref": 1}', "é".encode(), "é".encode("cp1252"),
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A sound file with pieces taken out, repeated and put in; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        kind = draw(st.integers(0, 3))
        piece = draw(st.sampled_from(SNIPPETS)) if kind < 2 else content[start : start + 40] if kind == 2 else b""
        content = content[:start] + piece + content[end if kind in (1, 3) and end - start < 200 else start :]
    return content


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_file(name: str, data: st.DataObject) -> None:
    read(READERS[name], data.draw(damaged(READERS[name].samples)))


@pytest.mark.parametrize("name", READERS)
def test_what_fuzzing_has_kept(name: str) -> None:
    """Files that tools/fuzz_readers.py kept, because they reach far or once showed a fault."""
    with zipfile.ZipFile(CORPUS) as corpus:
        for member in corpus.namelist():
            if member.startswith(f"{name}/"):
                read(READERS[name], corpus.read(member))


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"error":', '{"choices":', '[{"message":{"content":['])
@pytest.mark.parametrize("name", ["server's answer", "line of a batch", "log.json", "bank.jsonl"])
def test_nesting_just_below_pythons_limit(name: str, opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(opening) if sign in "[{")
    for levels in (90, 300, 900, 980):
        read(READERS[name], (opening * levels + "1" + closing * levels).encode())
