"""Bytes as text: the encoding that fits the whole file, or the line that does not fit."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from samp_eval.input_files.limits import UnreadableFile, read_bytes

__all__ = ["DecodedText", "decode", "read_table_text", "read_utf8"]

WINDOWS = "Windows-1252"

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_IN_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text, and the encoding that it was read in: ``UTF-8``, ``UTF-16`` or ``Windows-1252``."""

    text: str
    encoding: str

    @property
    def remark(self) -> str | None:
        """What a user should know: the file was not read as UTF-8; None if it was."""
        return None if self.encoding == "UTF-8" else f"was read as {self.encoding}, because it is not UTF-8"


def read_utf8(file: Path, max_bytes: int) -> str:
    """The text of a file that has to be UTF-8, with or without a byte-order mark.

    Raises
    ------
    UnreadableFile
        If it is not, naming the line; or as :func:`~samp_eval.input_files.limits.read_bytes` does.
    """
    content = read_bytes(file, max_bytes)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(content, error, "save it as UTF-8") from error


def read_table_text(file: Path, max_bytes: int) -> DecodedText:
    """The text of a table as a spreadsheet program wrote it.

    Raises
    ------
    UnreadableFile
        As :func:`decode` and :func:`~samp_eval.input_files.limits.read_bytes` do.
    """
    return decode(read_bytes(file, max_bytes))


def decode(content: bytes) -> DecodedText:
    """Text in the encoding that fits every byte of it.

    UTF-8 if all of it is UTF-8. Windows-1252 only if nothing in it can be meant as UTF-8: a file with one damaged
    character is refused with its line, instead of having all its other accented letters read wrongly.

    Raises
    ------
    UnreadableFile
        If no encoding fits, naming the line.
    """
    if content.startswith(_BYTE_ORDER_MARKS):
        try:
            return DecodedText(content.decode("utf-16"), "UTF-16")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"is not valid UTF-16 ({error.reason}); save it as UTF-8") from error
    try:
        return DecodedText(content.decode("utf-8-sig"), "UTF-8")
    except UnicodeDecodeError as error:
        if _MULTIBYTE.search(content):
            raise _not_utf8(
                content, error, "the other lines are UTF-8; correct this line, or save the file again"
            ) from error
    foreign = _NOT_IN_WINDOWS.search(content)
    if foreign is not None:
        line = content.count(b"\n", 0, foreign.start()) + 1
        problem = f"the byte {foreign.group().hex()} fits neither UTF-8 nor {WINDOWS}; save the file as UTF-8"
        raise UnreadableFile(problem, f"line {line}")
    return DecodedText(content.decode("cp1252"), WINDOWS)


def _not_utf8(content: bytes, error: UnicodeDecodeError, remedy: str) -> UnreadableFile:
    line = content.count(b"\n", 0, error.start) + 1
    start = content.rfind(b"\n", 0, error.start) + 1
    before = content[start : error.start][-40:].decode("utf-8", errors="replace").strip()
    after = f', after "{before}"' if before else ""
    return UnreadableFile(f"the byte {content[error.start]:02x}{after} is not UTF-8; {remedy}", f"line {line}")
