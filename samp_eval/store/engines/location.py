"""Where a study's records are: ``study.db`` in its folder, or the PostgreSQL schema that its study file names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from samp_eval.errors import CannotStore
from samp_eval.store.engines.postgresql import PostgreSQLStudy
from samp_eval.store.engines.sqlite import DATABASE_FILE, SQLiteStudy
from samp_eval.study import load_study

__all__ = ["StudyLocation", "named_errors", "study_exists", "study_location"]

StudyLocation = SQLiteStudy | PostgreSQLStudy


def study_location(folder: Path) -> StudyLocation:
    """Where the study of a folder is, or would be.

    Raises
    ------
    FaultyStudy
        Where the study file is faulty.
    CannotStore
        Where it names PostgreSQL and the environment holds no URL; where ``study.db`` is a link out of the folder.
    """
    settings = load_study(folder).store
    if settings is not None:
        return PostgreSQLStudy.of(folder, settings)
    file = folder / DATABASE_FILE
    if file.is_symlink() and not file.resolve().is_relative_to(folder.resolve()):
        raise CannotStore(f"{file} is a link out of the study's folder; name the folder that it leads to with --study")
    return SQLiteStudy(file)


def study_exists(folder: Path) -> bool:
    """Whether something of a folder's study is stored already; makes nothing.

    Raises
    ------
    CannotStore
        Where the database cannot be asked.
    """
    place = study_location(folder)
    engine = place.engine()
    try:
        with named_errors(place):
            return place.exists(engine)
    finally:
        engine.dispose()


@contextmanager
def named_errors(place: StudyLocation) -> Iterator[None]:
    """Have what goes wrong in the database be said in a user's words."""
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error)
        raise CannotStore(f"{place.name}: {place.remedy(cause)}") from error
