"""A whole copy of a study, also while it is in use, verified row by row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.store.engines.sqlite import DATABASE_FILE, SQLiteStudy
from samp_eval.store.safety.integrity import StudyCheck, check_study
from samp_eval.store.safety.move import MovedTable, copy_to_file
from samp_eval.store.study_store import StudyStore

__all__ = ["StudyBackup", "back_up_study"]

_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class StudyBackup:
    """A copy that was made and verified.

    Attributes
    ----------
    folder : Path
    tables : tuple of MovedTable
        Rows and hash of each table: the same in both places.
    files : int
        Other files of the study that were copied: its plan, questions, prompts, sheets and reports.
    check : StudyCheck
        Of the copy.
    """

    folder: Path
    tables: tuple[MovedTable, ...]
    files: int
    check: StudyCheck


def back_up_study(store: StudyStore, folder: Path, target: Path) -> StudyBackup:
    """Copy a study to a new folder: its records as of one moment, then its files.

    Parameters
    ----------
    store : StudyStore
        Of the study, on SQLite or PostgreSQL; the copy is a ``study.db`` in either case.
    folder : Path
        The study's folder.
    target : Path
        Made; must not exist, or be empty.

    Raises
    ------
    StudyConflict
        Where the target holds something, or lies inside the study.
    CannotStore
        Where the target cannot be written, or the copy differs.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StudyConflict(f"{target} exists already and is not empty; nothing is overwritten, so name a new folder")
    try:
        place = target.resolve()
    except RuntimeError as error:  # links that go round in a circle, until Python 3.13
        raise StudyConflict(f"{target} cannot be made: its links go round in a circle") from error
    if folder.resolve() in (place, *place.parents):
        raise StudyConflict(f"{target} lies inside the study; a backup belongs in another folder, best on another disk")
    unfinished = target.with_name(target.name + _UNFINISHED)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        tables = copy_to_file(store, SQLiteStudy(unfinished / DATABASE_FILE))
        files = sum(1 for _ in _copy_files(folder, unfinished))
        with StudyStore(SQLiteStudy(unfinished / DATABASE_FILE), create=False) as copy:
            check = check_study(copy)
        if target.exists():
            target.rmdir()
        os.replace(unfinished, target)
    except OSError as error:
        raise CannotStore(f"{target} cannot be written: {error.strerror}; nothing of the study was changed") from error
    return StudyBackup(target, tuple(tables), files, check)


def _copy_files(folder: Path, target: Path) -> Iterator[Path]:
    """Everything in the study's folder but its database and what stands beside that; links are not followed."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if place.parts[0].startswith(DATABASE_FILE) and not place.name.endswith("-refused"):
            continue
        if path.is_symlink() or not path.is_file():
            continue
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target / place)
        yield place
