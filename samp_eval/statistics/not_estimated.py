"""What could not be estimated, as a value that says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from samp_eval.errors import CannotEstimate

__all__ = ["NotEstimated", "or_reason"]

Found = TypeVar("Found")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class NotEstimated:
    """Stands where an estimate would, in results that hold several of them.

    Attributes
    ----------
    reason : str
        Why there is no estimate, and what to do about it.
    """

    reason: str

    @property
    def clause(self) -> str:
        """The reason without its full stop, for the inside of a sentence."""
        return self.reason.rstrip(".")

    def as_json(self) -> dict[str, str]:
        """``{"reason": ...}``."""
        return {"reason": self.reason}


def or_reason(estimate: Callable[P, Found]) -> Callable[P, Found | NotEstimated]:
    """Make ``estimate`` return a :class:`NotEstimated` where it would raise ``CannotEstimate``."""

    @wraps(estimate)
    def estimated(*args: P.args, **kwargs: P.kwargs) -> Found | NotEstimated:
        try:
            return estimate(*args, **kwargs)
        except CannotEstimate as error:
            return NotEstimated(str(error))

    return estimated
