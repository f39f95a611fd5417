"""Records of a study that a report prints in addition to the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samp_eval.items.blueprint import Coverage
from samp_eval.review.assignment.late_answers import LateSheet
from samp_eval.review.bank.review_results import BankReviewResults
from samp_eval.review.markers.model.judged import JudgedAsk
from samp_eval.review.marks import Mark

__all__ = ["FrozenPlan", "ReportRecords"]


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """The study's plan at the first request.

    Attributes
    ----------
    sha256 : str
    frozen_at : datetime
        UTC.
    holds : bool
        Whether the study file still says what was frozen.
    """

    sha256: str
    frozen_at: datetime
    holds: bool = True


@dataclass(frozen=True, slots=True)
class ReportRecords:
    """Records of how a study was asked and first marked.

    Attributes
    ----------
    settings : mapping
        Recorded settings by respondent id.
    first_marks : sequence of Mark
        The marks before adjudication.
    frozen : FrozenPlan or None
        As stored at the first request.
    requests : sequence of (heading, text)
        The first request of each kind, as sent.
    deviations : sequence of (what, when)
        As recorded during runs; the study file may list more.
    damage : tuple of str
        What is damaged in the study, and left out.
    late_sheets : sequence of LateSheet
        What went out to reviewers when a respondent joined late.
    bank_review : BankReviewResults or None
        What experts said of the bank; None where nobody was sent it.
    coverage : tuple of Coverage
        How far the bank is from its blueprint.
    coded : bool
        Whether reviewers have codes instead of their names.
    judged : sequence of JudgedAsk
        Everything that models were asked to mark and that has an outcome.
    amended : frozenset of str
        Questions that read otherwise, or have another key, than when the study began.
    """

    settings: Mapping[str, Mapping[str, Any]]
    first_marks: Sequence[Mark]
    frozen: FrozenPlan | None = None
    requests: Sequence[tuple[str, str]] = ()
    deviations: Sequence[tuple[str, datetime]] = ()
    damage: tuple[str, ...] = ()
    late_sheets: Sequence[LateSheet] = ()
    coded: bool = False
    bank_review: BankReviewResults | None = None
    coverage: tuple[Coverage, ...] = ()
    judged: Sequence[JudgedAsk] = ()
    amended: frozenset[str] = frozenset()
