"""A pass mark with its error, whoever set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf
from typing import Any

from samp_eval.literals import StandardMethod
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import Study

__all__ = ["ExpertMark", "PassMark", "RoundMark", "conventional", "planned_pass_mark"]


@dataclass(frozen=True, slots=True)
class ExpertMark:
    """An expert's own mark, percent, and why the expert stands apart from the others; often empty."""

    expert: str
    cut: float
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RoundMark:
    """The pass mark after one round of rating, percent, with its standard error and the spread of the experts (SD)."""

    round: int
    cut: float
    standard_error: float
    spread: float


@dataclass(frozen=True, slots=True)
class PassMark:
    """A pass mark on the scale of score percentages.

    Attributes
    ----------
    method : StandardMethod or None
        None for a number that nobody derived: a conventional mark.
    cut, standard_error : float
        Percent 0 to 100.
    error_of_experts, error_of_questions : float or None
        Parts of the standard error; None where the method has no such parts.
    experts : tuple of ExpertMark
    rounds : tuple of RoundMark
    n_questions, n_candidates : int
        On which it rests; 0 where it does not rest on any.
    remark : str
        What a reader must know; often empty.
    set_at : datetime or None
        UTC.
    """

    method: StandardMethod | None
    cut: float
    standard_error: float
    error_of_experts: float | None = None
    error_of_questions: float | None = None
    experts: tuple[ExpertMark, ...] = ()
    rounds: tuple[RoundMark, ...] = ()
    n_questions: int = 0
    n_candidates: int = 0
    remark: str = ""
    set_at: datetime | None = None

    @property
    def degrees_of_freedom(self) -> float:
        """Of the standard error: candidates less one, or Welch and Satterthwaite's of experts and questions."""
        parts = (
            (self.error_of_experts or 0.0, len(self.experts) - 1),
            (self.error_of_questions or 0.0, self.n_questions - 1),
        )
        of_squares = sum(error**4 / degrees for error, degrees in parts if error > 0)
        if of_squares > 0:
            return float(sum(error**2 for error, _ in parts) ** 2 / of_squares)
        return self.n_candidates - 1.0 if self.n_candidates > 1 else inf

    def as_json(self) -> dict[str, Any]:
        """Fields for a program."""
        return {
            **asdict(self),
            "method": self.method or "conventional",
            "set_at": None if self.set_at is None else self.set_at.isoformat(timespec="seconds"),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> PassMark:
        """The mark of :meth:`as_json`."""
        return cls(
            **{
                **content,
                "method": None if content["method"] == "conventional" else content["method"],
                "experts": tuple(ExpertMark(**expert) for expert in content["experts"]),
                "rounds": tuple(RoundMark(**fields) for fields in content["rounds"]),
                "set_at": None if content["set_at"] is None else datetime.fromisoformat(content["set_at"]),
            }
        )


def conventional(cut: float) -> PassMark:
    """A mark that is a convention and has no error."""
    return PassMark(None, cut, 0.0)


def planned_pass_mark(plan: Study, standards: Iterable[PassMark]) -> PassMark | NotEstimated | None:
    """The mark that the study file gives or names; of several results by its method, the last."""
    planned = plan.analysis.pass_mark
    if planned is None:
        return None
    if not isinstance(planned, str):
        return conventional(planned)
    found = [mark for mark in standards if mark.method == planned]
    if found:
        return found[-1]
    return NotEstimated(
        f"study.toml names the pass mark {planned}, and nobody has set it yet; samp-eval standard --method {planned} "
        "sets it"
    )
