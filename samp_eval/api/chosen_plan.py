"""The plan of a study file with the choices of a command line or a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from samp_eval.errors import StudyConflict
from samp_eval.study import Study, load_study
from samp_eval.validation import problems

__all__ = ["chosen_plan", "with_choices"]


def chosen_plan(folder: Path, *, consensus: str | None = None, **analysis: Any) -> Study:
    """The plan of the study file, with other choices for the consensus and the analysis.

    Raises
    ------
    FaultyStudy
        Where the study file is faulty.
    StudyConflict
        Where a choice is none.
    """
    return with_choices(load_study(folder), consensus=consensus, **analysis)


def with_choices(plan: Study, *, consensus: str | None = None, **analysis: Any) -> Study:
    """A plan with other choices; those that are None or empty stay as planned."""
    review = plan.review.model_copy(update={"consensus": consensus} if consensus else {})
    chosen = {name: value for name, value in analysis.items() if value not in (None, "")}
    try:
        changed = type(plan.analysis).model_validate({**plan.analysis.model_dump(), **chosen})
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, place))}: {words}" for place, words in problems(error, fields="the help")]
        raise StudyConflict("; ".join(faults)) from error
    return plan.model_copy(update={"review": review, "analysis": changed})
