"""How large an input may be, and how its bytes are read.

Each limit is several times as large as any real input of its kind. Refusing a larger one costs at most as much memory
as reading one of the largest size, which tests/test_input_limits.py measures.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = [
    "MAX_ANSWER_BYTES",
    "MAX_BANK_BYTES",
    "MAX_CASE_BYTES",
    "MAX_LISTING_BYTES",
    "MAX_LOG_BYTES",
    "MAX_PICTURE_BYTES",
    "MAX_PROMPT_BYTES",
    "MAX_SAMPLE_BYTES",
    "MAX_SETTINGS_BYTES",
    "MAX_TABLE_BYTES",
    "UnreadableFile",
    "megabytes",
    "read_bytes",
]

MB = 1_000_000

MAX_SETTINGS_BYTES = MB // 4
"""Of study.toml and prices.toml. A thousand [[rounds]] are 30 kB, answers to four checklists 60 kB."""
MAX_PROMPT_BYTES = 1 * MB
"""Of one file of a prompt."""
MAX_CASE_BYTES = 1 * MB
"""Of one case as YAML; the longest of the bundled bank has 9 kB."""
MAX_PICTURE_BYTES = 5 * MB
"""Of a picture of a bank: what the strictest of the large providers takes."""
MAX_BANK_BYTES = 50 * MB
"""Of a whole bank as JSONL, CSV or Markdown: 10,000 questions are 20 MB."""
MAX_TABLE_BYTES = 50 * MB
"""Of a CSV file with answers or marks, and of a workbook unpacked."""
MAX_ANSWER_BYTES = 16 * MB
"""Of a server's answer, unpacked; a long one with reasoning has 0.2 MB."""
MAX_LISTING_BYTES = 4 * MB
"""Of what a provider says of files and batches: a hundred batches are 0.2 MB."""
MAX_SAMPLE_BYTES = 32 * MB
"""Of one member of an Inspect log, unpacked, and of a log as one JSON document."""
MAX_LOG_BYTES = 2_000 * MB
"""Of an Inspect log as an archive; its members are read one after another."""


class UnreadableFile(Exception):
    """A file cannot be read as what it should be; ``place`` says where in it, if that is known."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place


def megabytes(limit: int) -> str:
    """A limit for messages: ``50 MB``."""
    return f"{limit / MB:,.4g} MB"


def read_bytes(file: Path, max_bytes: int) -> bytes:
    """The content of an ordinary file, of at most ``max_bytes``.

    Raises
    ------
    UnreadableFile
        If it cannot be read, is larger, or is a device, a pipe or a folder.
    """
    try:
        # without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as source:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableFile("is not an ordinary file")
            content = source.read(max_bytes + 1)
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a name with a NUL in it
        raise UnreadableFile(f"cannot be read: {error}") from error
    if len(content) > max_bytes:
        raise UnreadableFile(f"is larger than {megabytes(max_bytes)}, the limit for such a file")
    return content
