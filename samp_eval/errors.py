"""The errors that samp-eval raises intentionally.

The tree::

    SampEvalError                 a message for the user, exit code 1
    ├── FaultyFile                a file that people wrote has faults; the error lists all of them
    │   ├── FaultyBank            a bank of questions
    │   ├── FaultySheet           a reviewer's sheet
    │   ├── FaultyStudy           study.toml
    │   ├── FaultyPrices          prices.toml
    │   └── FaultyBlueprint       what a bank should hold
    ├── StudyConflict             a request contradicts what the study already holds
    ├── CannotAsk                 no key, wrong key, unknown model, unreachable server
    ├── CannotStore               the study's database cannot be opened or written
    ├── CannotEstimate            the data do not determine the statistic
    │   └── NoVariation           because a term changes no score in any cluster
    └── NotInstalled              an optional part is missing; the message has the command to install it

A bug raises none of these and keeps its traceback.
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
    "FaultyBlueprint",
    "FaultyFile",
    "FaultyPrices",
    "FaultySheet",
    "FaultyStudy",
    "NoVariation",
    "NotInstalled",
    "SampEvalError",
    "StudyConflict",
    "install_command",
]


class SampEvalError(Exception):
    """Base of all errors for the user; an instance can be pickled and raised in another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[SampEvalError], arguments: tuple[Any, ...]) -> SampEvalError:
    """Restore a pickled error without composing its message again."""
    return kind.__new__(kind, *arguments)


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem at one place in a file.

    Attributes
    ----------
    file : str
        The path of the file, as the user would type it.
    place : str
        The place in the file, in the user's terms: ``row 12, column key_mark``.
    problem : str
        What was found, what is allowed, and the remedy.
    """

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.place}" if self.place else self.file
        return f"{place}: {self.problem}"


class FaultyFile(SampEvalError):
    """A file that people wrote has faults; ``faults`` lists all of them."""

    noun = "file"

    def __init__(self, faults: Iterable[Fault], consequence: str = "") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        heading = f"{count} fault{'s' if count != 1 else ''} in the {self.noun}"
        if consequence:
            heading += f"; {consequence}"
        super().__init__("\n".join([heading + ":", *(f"  {fault}" for fault in self.faults)]))


class FaultyBank(FaultyFile):
    """A bank of questions cannot be used as it is."""

    noun = "bank"


class FaultySheet(FaultyFile):
    """A reviewer's sheet cannot be imported as it is."""

    noun = "sheet"


class FaultyStudy(FaultyFile):
    """The study file cannot be used as it is."""

    noun = "study file"


class FaultyPrices(FaultyFile):
    """The study's own price file cannot be used as it is."""

    noun = "price file"


class FaultyBlueprint(FaultyFile):
    """A blueprint of a bank cannot be used as it is."""

    noun = "blueprint"


class StudyConflict(SampEvalError):
    """A request contradicts what the study already holds."""


class CannotAsk(SampEvalError):
    """A respondent cannot be asked at all: every further request would fail for the same reason."""


class CannotStore(SampEvalError):
    """The study's database cannot be opened, read or written."""


class CannotEstimate(SampEvalError):
    """The data do not determine the requested statistic."""


class NoVariation(CannotEstimate):
    """Terms change no score in any cluster, so they have no standard error; ``names`` lists them."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(message)


def install_command(extra: str) -> str:
    """The command that installs an optional part.

    It installs from the source code: no package index has samp-eval, so anyone could register its name there.
    """
    return f"pip install '.[{extra}]' (in the folder with samp-eval's source code)"


class NotInstalled(SampEvalError):
    """An optional part of samp-eval is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional part. Install it with: {install_command(extra)}")
