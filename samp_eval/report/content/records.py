"""What a report prints of a study's store beside the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samp_eval.review.marks import Mark

__all__ = ["FrozenPlan", "ReportRecords"]


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """The study as planned at its first ask: its SHA-256, and when it was frozen (UTC)."""

    sha256: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class ReportRecords:
    """Plain records of how a study was asked and first marked.

    Attributes
    ----------
    settings : mapping
        Recorded settings by respondent id.
    first_marks : sequence of Mark
        As they were before adjudication.
    frozen : FrozenPlan or None
        As stored at the first ask.
    requests : sequence of (heading, text)
        The first request of each kind, as it was sent.
    deviations : sequence of (what, when)
        As noted while asking; those of the study file come on top.
    """

    settings: Mapping[str, Mapping[str, Any]]
    first_marks: Sequence[Mark]
    frozen: FrozenPlan | None = None
    requests: Sequence[tuple[str, str]] = ()
    deviations: Sequence[tuple[str, datetime]] = ()
