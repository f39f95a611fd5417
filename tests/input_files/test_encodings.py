"""The encoding is the one that fits the whole file; a line that does not fit is named, and what was read is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samp_eval.cli.main import main
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.text import decode, read_utf8

TABLE = """case_id,question_id,topic,stem,question,format,requested,key
c1,c1-1,Fièvre,"Un garçon a de la fièvre depuis deux jours, selon sa mère.",Quel est le problème?,write-in,1,A. Fièvre
c2,c2-1,Toux,"Une fille tousse beaucoup la nuit, d'après son père.",Quel est le problème?,write-in,1,A. Toux
"""


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        (b"plain", "plain", "UTF-8"),
        ("\ufeffétat".encode(), "état", "UTF-8"),
        ("état".encode("utf-16"), "état", "UTF-16"),
        ("état ‘x’ €".encode("cp1252"), "état ‘x’ €", "Windows-1252"),
        (b"", "", "UTF-8"),
        (b"\xc3", "Ã", "Windows-1252"),
    ],
)
def test_what_fits_the_whole_file_is_read(content: bytes, text: str, encoding: str) -> None:
    found = decode(content)
    assert (found.text, found.encoding) == (text, encoding)
    assert (found.remark is None) == (encoding == "UTF-8")


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ("état\nthé ".encode() + b"\xe9\nx\n", "line 2", 'e9, after "thé"'),
        (b"a\nb\n\x81\n", "line 3", "fits neither UTF-8 nor Windows-1252"),
        (b"\xff\xfea", "", "not valid UTF-16"),
    ],
)
def test_the_line_that_does_not_fit_is_named(content: bytes, place: str, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said) as raised:
        decode(content)
    assert raised.value.place == place


def test_text_that_has_to_be_utf8(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes("a = 1\nb = 'état'\n".encode("cp1252"))
    with pytest.raises(UnreadableFile, match='the byte e9, after "b = \'" is not UTF-8; save it as UTF-8') as raised:
        read_utf8(file, 100)
    assert raised.value.place == "line 2"


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_bank_in_each_encoding(run: Run, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "bank.csv"
    file.write_text(TABLE, encoding=encoding)
    code, out, err = run("items", "show", "c1", "--items", str(file))
    assert code == 0, err
    assert "Un garçon a de la fièvre" in out
    name = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding)
    assert (f"was read as {name}, because it is not UTF-8" in err) == (name is not None)


@pytest.mark.parametrize("kind", ["bank", "answers"])
def test_one_bad_byte_leaves_no_other_letter_wrong(run: Run, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "table.csv"
    if kind == "bank":
        file.write_bytes(TABLE.encode().replace("père".encode(), b"p\xe8re"))
        code, out, err = run("items", "show", "c1", "--items", str(file))
    else:
        bank = tmp_path / "bank.csv"
        bank.write_text(TABLE, encoding="utf-8")
        rows = "question_id,respondent,round,text\nc1-1,m,1,Fièvre\nc2-1,m,1,Toux après"
        file.write_bytes(rows.encode() + b" p\xe8re\n")
        code, out, err = run("responses", "import", str(file), "--items", str(bank), "--study", str(tmp_path / "study"))
    assert code == 1
    assert f"{file}: line 3: the byte e8" in err
    assert "the other lines are UTF-8" in err
    assert "Ã" not in out + err
