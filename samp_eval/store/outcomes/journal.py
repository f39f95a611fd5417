"""A journal of outcomes, written before the database has them: what a kill leaves here is not lost.

A commit takes some milliseconds, in which more answers arrive. Each is appended to a file at once, which costs
microseconds and survives the end of the process; the commit that follows makes it survive a power cut, and only then
is it counted. Two files alternate: one for what arrives, the other for what is being committed. What is found there
later and cannot be stored goes into a third file, and is never deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from samp_eval.errors import CannotStore
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.store.outcomes.rows import failure_of, failure_values, response_of, response_values

__all__ = ["JournalEntry", "OutcomeJournal", "quarantine", "remove_files", "unstored_entries"]

Outcome = Response | ResponseFailure

NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link in a study from someone else could lead to any file of the user, which the journal would empty."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line that a run noted; ``outcome`` is None where it cannot be read, ``of_judges`` for what a model marked."""

    line: bytes
    run: int | None = None
    outcome: Outcome | None = None
    of_judges: bool = False


def _files(database: Path) -> tuple[Path, Path]:
    return database.with_name(f"{database.name}-arrivals-0"), database.with_name(f"{database.name}-arrivals-1")


class OutcomeJournal:
    """The files of one run.

    Parameters
    ----------
    database : Path
        The study's database; the files stand beside it.
    run : int or None
        The run whose outcomes they are.
    of_judges : bool
        Whether they are of models that mark.

    Raises
    ------
    CannotStore
        Where a file cannot be written.
    """

    def __init__(self, database: Path, run: int | None, *, of_judges: bool = False) -> None:
        self._run = run
        self._of_judges = of_judges
        self._database = database
        self._active = 0
        try:
            self._descriptors = [
                os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINK, 0o666) for file in _files(database)
            ]
        except OSError as error:
            raise CannotStore(f"{database.parent} cannot be written: {error.strerror}") from error

    def append(self, outcome: Outcome) -> None:
        """Append an outcome to the file of what arrives."""
        try:
            os.write(self._descriptors[self._active], _line(outcome, self._run, self._of_judges))
        except OSError as error:
            raise CannotStore(f"{self._database.parent} cannot be written: {error.strerror}") from error

    def rotate(self) -> None:
        """What is noted so far is about to be committed; what was noted before the last rotation is committed."""
        self._active = 1 - self._active
        os.ftruncate(self._descriptors[self._active], 0)

    def drop(self) -> None:
        """Everything noted is committed: remove the files."""
        self.close()
        remove_files(self._database)

    def close(self) -> None:
        """Close the files and leave them where they are."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []


def unstored_entries(database: Path) -> Iterator[JournalEntry]:
    """What a killed run noted and did not commit; a last line without its end, cut by the kill, is none."""
    for file in _files(database):
        if file.is_file() and not file.is_symlink():
            yield from map(_read, file.read_bytes().split(b"\n")[:-1])


def quarantine(database: Path, lines: Sequence[bytes]) -> Path:
    """Add lines that cannot be stored to the file that keeps them, on disk when this returns.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    file = database.with_name(f"{database.name}-arrivals-refused")
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINK, 0o666), "ab") as target:
            target.writelines(line + b"\n" for line in lines)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise CannotStore(f"{file} cannot be written: {error.strerror}") from error
    return file


def remove_files(database: Path) -> None:
    """Remove the journal of a run, once all of it is in the database."""
    for file in _files(database):
        file.unlink(missing_ok=True)


def _line(outcome: Outcome, run: int | None, of_judges: bool) -> bytes:
    noted: dict[str, Any] = {"run": run, **({"of_judges": True} if of_judges else {})}
    if isinstance(outcome, Response):
        noted |= {"response": response_values(outcome, run), "request": outcome.reply.request}
    else:
        noted["failure"] = failure_values(outcome)
    return json.dumps(noted, ensure_ascii=False).encode() + b"\n"


def _read(line: bytes) -> JournalEntry:
    try:
        noted = json.loads(line)
        return JournalEntry(line, noted["run"], _outcome(noted), noted.get("of_judges") is True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JournalEntry(line)


def _outcome(noted: dict[str, dict[str, object]]) -> Outcome:
    values = noted["failure"] if "failure" in noted else noted["response"]
    if any(isinstance(value, (bool, dict, list)) for value in (noted["run"], *values.values())):
        raise TypeError("a row holds words and numbers only")
    row = SimpleNamespace(**values)
    if "failure" in noted:
        return failure_of(row)
    return response_of(row, request=str(noted["request"]), received=row.received or "")
