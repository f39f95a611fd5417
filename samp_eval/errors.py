"""Everything samp-eval raises on purpose.

The tree::

    SampEvalError                 one clear line for the user, exit code 1
    ├── FaultyFile                a file people wrote has faults; all of them are listed
    │   ├── FaultyBank            a bank of questions
    │   ├── FaultySheet           a reviewer sheet
    │   ├── FaultyStudy           study.toml
    │   └── FaultyPrices          prices.toml
    ├── StudyConflict             what is asked contradicts what the study already holds
    ├── CannotAsk                 no key, wrong key, unknown model, unreachable server
    ├── CannotStore               the study's database cannot be opened or written
    ├── CannotEstimate            the data do not determine the statistic
    │   └── NoVariation           because terms change nothing in any cluster
    └── NotInstalled              an optional part is missing, with the command that installs it

A bug is none of these and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CannotAsk",
    "CannotEstimate",
    "CannotStore",
    "Fault",
    "FaultyBank",
    "FaultyFile",
    "FaultyPrices",
    "FaultySheet",
    "FaultyStudy",
    "NoVariation",
    "NotInstalled",
    "SampEvalError",
    "StudyConflict",
]


class SampEvalError(Exception):
    """Base of every error that is meant for the user; it can come from another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[SampEvalError], arguments: tuple[Any, ...]) -> SampEvalError:
    """An error as it was pickled: its message was put together once."""
    return kind.__new__(kind, *arguments)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place of a file.

    Attributes
    ----------
    file : str
        The file, as the user would type it.
    place : str
        Where in the file, in the user's words: ``row 12, column key_mark``.
    problem : str
        What was found and what is allowed, with the remedy.
    """

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.place}" if self.place else self.file
        return f"{place}: {self.problem}"


class FaultyFile(SampEvalError):
    """A file that people wrote holds faults; ``faults`` lists every one."""

    noun = "file"

    def __init__(self, faults: Iterable[Fault], consequence: str = "") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        heading = f"{count} fault{'s' if count != 1 else ''} in the {self.noun}"
        if consequence:
            heading += f"; {consequence}"
        super().__init__("\n".join([heading + ":", *(f"  {fault}" for fault in self.faults)]))


class FaultyBank(FaultyFile):
    """A bank of questions cannot be used as it stands."""

    noun = "bank"


class FaultySheet(FaultyFile):
    """A reviewer sheet cannot be imported as it stands."""

    noun = "sheet"


class FaultyStudy(FaultyFile):
    """The study file cannot be used as it stands."""

    noun = "study file"


class FaultyPrices(FaultyFile):
    """The study's own price file cannot be used as it stands."""

    noun = "price file"


class StudyConflict(SampEvalError):
    """What is asked contradicts what the study already holds."""


class CannotAsk(SampEvalError):
    """A respondent cannot be asked at all: every further ask would fail the same way."""


class CannotStore(SampEvalError):
    """The study's database cannot be opened, read or written."""


class CannotEstimate(SampEvalError):
    """The data do not determine the statistic that was asked for."""


class NoVariation(CannotEstimate):
    """Terms change nothing in any cluster, so they have no standard error; ``names`` tells them."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(message)


class NotInstalled(SampEvalError):
    """An optional part of samp-eval is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional part. Install it with: pip install 'samp-eval[{extra}]'")
