"""ZIP archives whose members are unpacked within limits, whatever their headers say."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samp_eval.input_files.limits import UnreadableFile, megabytes

# Inspect compresses its logs with Zstandard, which Python's own zipfile knows from 3.14 on
if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, zipfile

__all__ = ["Archive", "is_archive", "open_archive"]

MAX_DIRECTORY_BYTES = 20_000_000
"""Of an archive's list of members: 150,000 of them, each some 900 bytes of memory."""

_END_RECORD = b"PK\x05\x06"
_LONGEST_END = 22 + 65_535
_CHUNK = 8_192
"""Packed bytes at a time. Zstandard may make 33 kB of each: even an unpacker without limits stays below 300 MB."""


def is_archive(file: Path) -> bool:
    """Whether a file is a ZIP archive by its content."""
    try:
        return file.is_file() and zipfile.is_zipfile(file)
    except OSError:
        return False


class Archive:
    """An open archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = archive.namelist()

    def read(self, name: str, max_bytes: int) -> bytes:
        """A member, unpacked.

        Raises
        ------
        UnreadableFile
            If there is no such member, it is larger than ``max_bytes``, damaged or encrypted.
        """
        return b"".join(self.chunks(name, max_bytes))

    def chunks(self, name: str, max_bytes: int) -> Iterator[bytes]:
        """A member, unpacked piece by piece; raises as :meth:`read` does."""
        size = 0
        if name not in self.names:
            raise UnreadableFile(f"has no member {name}")
        with _named_errors(), self._archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise UnreadableFile(f"is larger than {megabytes(max_bytes)} when unpacked", name)
                yield chunk


@contextmanager
def open_archive(file: Path, max_bytes: int) -> Iterator[Archive]:
    """Open an archive of at most ``max_bytes``.

    Raises
    ------
    UnreadableFile
        If it is larger, damaged, or lists too many members.
    """
    with _named_errors():
        if file.stat().st_size > max_bytes:
            raise UnreadableFile(f"is larger than {megabytes(max_bytes)}, the limit for such a file")
        if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
            raise UnreadableFile("lists too many members")
        with zipfile.ZipFile(file) as archive:
            yield Archive(archive)


def _directory_bytes(file: Path) -> int:
    """The size of the list of members, as the end of the archive gives it."""
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - _LONGEST_END))
        tail = source.read()
    place = tail.rfind(_END_RECORD)
    return struct.unpack("<I", tail[place + 12 : place + 16])[0] if 0 <= place <= len(tail) - 22 else 0


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # a member that wants a password; also an unknown compression, NotImplementedError
        raise UnreadableFile(f"cannot be unpacked: {error}") from error
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, ZstdError, zlib.error, struct.error) as error:
        raise UnreadableFile(f"cannot be unpacked: {error}") from error
