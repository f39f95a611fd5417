"""What a study's store holds, as a report needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samp_eval.items.samp import Bank
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Response, ResponseFailure

__all__ = ["FrozenPlan", "StudyRecords"]


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """The study as planned at its first ask: its SHA-256, and when it was frozen (UTC)."""

    sha256: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class StudyRecords:
    """Plain records, read once.

    Attributes
    ----------
    bank : Bank
        That the study was asked with.
    responses, failures
        As stored.
    marks : sequence of Mark
        The present ones.
    respondents : mapping
        Recorded settings by respondent id, in order of first appearance.
    first_marks : sequence of Mark or None
        As they were before adjudication; None where they are the present ones.
    frozen : FrozenPlan or None
        As stored at the first ask.
    requests : sequence of (heading, text)
        The first request of each kind, as it was sent.
    deviations : sequence of (what, when)
        As noted while asking; those of the study file come on top.
    """

    bank: Bank
    responses: Sequence[Response]
    failures: Sequence[ResponseFailure]
    marks: Sequence[Mark]
    respondents: Mapping[str, Mapping[str, Any]]
    first_marks: Sequence[Mark] | None = None
    frozen: FrozenPlan | None = None
    requests: Sequence[tuple[str, str]] = ()
    deviations: Sequence[tuple[str, datetime]] = ()
