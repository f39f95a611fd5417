"""Whether one odds ratio serves every cut point of a study's scores, and the model in which some terms have several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.fitted_sample import FittedSample
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.partial_odds import PartialOdds, fit_partial_odds
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck, WaldTest, check_proportional_odds
from samp_eval.statistics.gee.terms import Floats, Term
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = ["cut_points_as_json", "failing_terms", "partial_odds", "proportional_odds"]


@or_reason
def proportional_odds(found: StudyFit) -> ProportionalOddsCheck:
    """Test that the odds ratios of the fit with the most responses hold at every cut point."""
    if found.powered is not None:
        raise CannotEstimate("proportional odds are not checked where a part of the questions is marked")
    largest = found.samples[0]
    return check_proportional_odds(
        _scores(largest), largest.design, cluster_codes(largest.rows, found.cluster), confidence=found.fit.confidence
    )


def failing_terms(check: ProportionalOddsCheck | NotEstimated, confidence: float) -> tuple[WaldTest, ...]:
    """The tests of single terms that reject at one less this confidence."""
    if isinstance(check, NotEstimated):
        return ()
    return tuple(test for test in check.by_term if test.p_value < 1 - confidence)


def partial_odds(found: StudyFit, check: ProportionalOddsCheck | NotEstimated) -> PartialOdds | NotEstimated | None:
    """Fit the model in which the terms whose test rejects have an odds ratio for each cut point; None where none does.

    Cut points that the check leaves out share the odds ratio of the one below.
    """
    failing = [test.tested for test in failing_terms(check, found.fit.confidence)]
    if not failing or isinstance(check, NotEstimated):
        return None
    return _fit(found, failing, [cut.above for cut in check.cut_points])


@or_reason
def _fit(found: StudyFit, varying: Sequence[str], cut_points: Sequence[float]) -> PartialOdds:
    largest = found.samples[0]
    return fit_partial_odds(
        _scores(largest),
        largest.design,
        cluster_codes(largest.rows, found.cluster),
        varying,
        cut_points=cut_points,
        confidence=found.fit.confidence,
    )


def cut_points_as_json(found: StudyFit) -> dict[str, Any]:
    """``proportional_odds`` of ``samp-eval analyze --json``."""
    check = proportional_odds(found)
    if isinstance(check, NotEstimated):
        return check.as_json()
    partial = partial_odds(found, check)
    return {
        "tests": [_test_as_json(test, found) for test in check.by_term],
        "partial": partial.as_json() if isinstance(partial, NotEstimated) else _partial_as_json(partial, found),
    }


def _partial_as_json(partial: PartialOdds | None, found: StudyFit) -> dict[str, Any] | None:
    if partial is None:
        return None
    apart = [(cut.above, term) for cut in partial.cut_points for term in cut.terms]
    rows = [*apart, *((None, term) for term in partial.common)]
    return {
        "terms": [{**_named(term, found), "above": above} for above, term in rows],
        "equal": [_test_as_json(test, found) for test in partial.equal],
    }


def _named(term: Term, found: StudyFit) -> dict[str, Any]:
    shown = found.samples[0].term(term.term)
    return {**asdict(term), "term": shown.term, "reference": shown.reference}


def _test_as_json(test: WaldTest, found: StudyFit) -> dict[str, Any]:
    values = asdict(test)
    del values["tested"]
    return {"term": found.samples[0].term(test.tested).term, **values}


def _scores(sample: FittedSample) -> Floats:
    return np.asarray(sample.rows["score_percent"].round(6).to_numpy(dtype=float))
