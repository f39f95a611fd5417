"""Files that appear whole or not at all: written beside their place and renamed once they are complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samp_eval.errors import CannotStore

__all__ = ["cannot_write", "whole_file"]

_UNFINISHED = ".unfinished"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def whole_file(path: Path, *, advice: str = "", private: bool = False) -> Iterator[Path]:
    """Give a file to write to in the place of ``path``, which changes only if all goes well.

    A kill, an error or a full disk leaves an earlier file as it was. Folders are made as needed. A link out of
    the file's folder is replaced and not followed: in a study from someone else it could lead to any file of the user.

    Parameters
    ----------
    path : Path
    advice : str
        What the user can do instead, for the message of an error: ``choose another folder with --out``.
    private : bool
        Whether only the user may read the file.

    Yields
    ------
    Path
        Of the unfinished file, beside ``path`` and with the same ending.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    inside = path.is_symlink() and path.resolve().is_relative_to(path.parent.resolve())
    target = path.resolve() if inside else path
    unfinished = target.with_name(f".{target.stem}{_UNFINISHED}{target.suffix}")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        if private:
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
        _sync(unfinished)
        os.replace(unfinished, target)
    except OSError as error:
        raise cannot_write(path, error, advice) from error
    finally:
        unfinished.unlink(missing_ok=True) if unfinished.exists() else None


def cannot_write(path: Path, error: OSError, advice: str = "") -> CannotStore:
    """Say that a file cannot be written, and why; a full disk has a remedy of its own."""
    reason = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        advice = "the disk is full: free some space and run the command again"
    kept = "; the earlier file is unchanged" if path.is_file() else ""
    return CannotStore(f"{path} cannot be written: {reason}{kept}" + (f"; {advice}" if advice else ""))


def _sync(file: Path) -> None:
    """Have the content on disk before the name points to it, so that a power cut leaves no empty file."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
