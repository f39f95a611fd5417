"""What could not be estimated, as a value that says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from samp_eval.errors import CannotEstimate

__all__ = ["NotEstimated", "or_reason"]

Found = TypeVar("Found")


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


def or_reason(estimate: Callable[[], Found]) -> Found | NotEstimated:
    """Call ``estimate``, and turn its ``CannotEstimate`` into a value."""
    try:
        return estimate()
    except CannotEstimate as error:
        return NotEstimated(str(error))
