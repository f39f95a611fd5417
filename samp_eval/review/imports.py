"""Imports are units: each file that was taken in can be taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from samp_eval.errors import StudyConflict
from samp_eval.literals import ImportKind

__all__ = ["Import", "file_sha256", "find_import"]

SHORTEST_HASH = 6
"""Characters of a file's SHA-256 that name an import: a number that long would be the millionth import."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file that was imported.

    Attributes
    ----------
    number : int
        Counted over all imports of a study.
    kind : ImportKind
    file : str
        Its name.
    sha256 : str
        Of its bytes.
    imported_at : datetime
        UTC.
    brought : int
        Marks or responses that came with it and are stored.
    withdrawn_at : datetime or None
        UTC; None while it counts.
    withdrawn_by, reason : str
        Of the withdrawal; empty while it counts.
    """

    number: int
    kind: ImportKind
    file: str
    sha256: str
    imported_at: datetime
    brought: int
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Fields for ``--json``."""
        withdrawn = self.withdrawn_at.isoformat() if self.withdrawn_at else None
        return {**asdict(self), "imported_at": self.imported_at.isoformat(), "withdrawn_at": withdrawn}


def file_sha256(file: Path) -> str:
    """Of a file's bytes, by which the same file is known when it comes again."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def find_import(name: str, imports: Sequence[Import], kind: ImportKind) -> Import:
    """The import of a number, or of a file whose SHA-256 begins so.

    Raises
    ------
    StudyConflict
        Where there is none, several, or it was withdrawn already.
    """
    name = name.strip().lower()
    found = [taken for taken in imports if taken.kind == kind and (str(taken.number) == name or _begins(taken, name))]
    counting = [taken for taken in found if taken.withdrawn_at is None]
    if not found:
        raise StudyConflict(f"no import of {kind} is named {name!r}; samp-eval {_group(kind)} imports lists them")
    if not counting:
        raise StudyConflict(f"import {found[-1].number} ({found[-1].file}) was withdrawn already")
    if len(counting) > 1:
        numbers = ", ".join(str(taken.number) for taken in counting)
        raise StudyConflict(f"{name!r} names the imports {numbers}; give one number")
    return counting[0]


def _begins(taken: Import, name: str) -> bool:
    return len(name) >= SHORTEST_HASH and taken.sha256.startswith(name)


def _group(kind: ImportKind) -> str:
    return "review" if kind == "marks" else "responses"
