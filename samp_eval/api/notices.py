"""What stands beside the numbers of a study: the sentences that commands print and Python programs get as warnings."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.analysis.waiting import waiting_sentences
from samp_eval.report.content.reviewers import automatic_bases
from samp_eval.report.prose.display_names import basis_words, joined
from samp_eval.report.prose.draw_sentences import how_it_was_estimated
from samp_eval.review.exclusions import Decision

if TYPE_CHECKING:
    from samp_eval.analysis.model.study_fit import StudyFit
    from samp_eval.analysis.scored_study import ScoredStudy

__all__ = [
    "StudyWarning",
    "few_scored",
    "fit_notices",
    "open_marks_reason",
    "readings_sentence",
    "scores_notices",
    "warn_of",
]

_MOST_NAMED = 3

MUCH_LEFT_OUT = 0.1
"""If a larger share of the responses has no score, that is said before the estimates."""


class StudyWarning(UserWarning):
    """What must be known beside a number of a study: who was excluded, what is open, who marked."""


def warn_of(sentences: Sequence[str], stacklevel: int) -> None:
    """Issue each sentence as a :class:`StudyWarning` of the caller's caller."""
    for sentence in sentences:
        warnings.warn(sentence, StudyWarning, stacklevel=stacklevel + 1)


def scores_notices(scored: ScoredStudy, simulated: bool) -> list[str]:
    """What scores and all that comes of them are conditional on."""
    sentences = [_excluded(scored.exclusions)] if scored.exclusions else []
    if simulated:
        sentences.append("A program generated the answers of this study. They say nothing about any real model.")
    if automatic := [basis for basis in scored.bases if basis in automatic_bases(scored)]:
        sentences.append(f"A program made the marks {joined(list(map(basis_words, automatic)))}, not a person.")
    if len(rows_of_means(scored.table)) < len(scored.table):
        sentences.append("Rounds without pictures are a control: means leave them out, the odds ratios use them.")
    return [*sentences, *waiting_sentences(scored.waiting)]


def _excluded(decisions: Sequence[Decision]) -> str:
    named = [f"{decision.in_words()} ({decision.reason})" for decision in decisions[:_MOST_NAMED]]
    more = f" and {len(decisions) - _MOST_NAMED} more" if len(decisions) > _MOST_NAMED else ""
    return f"Excluded from every figure: {'; '.join(named)}{more}."


def readings_sentence(readings: Mapping[str, Mapping[str, int]]) -> str:
    """How many responses have no clear answer; empty where all have one."""
    words = {
        "no_answer": "have no answer",
        "open": "wait for a person to say what the answer is",
        "refused": "are refusals, which earn nothing",
        "doubtful": "were read with doubt",
    }
    totals = {name: sum(counts[name] for counts in readings.values()) for name in words}
    parts = [f"{count:,} {words[name]}" for name, count in totals.items() if count]
    return f"Of the responses, {joined(parts)}." if parts else ""


def few_scored(found: StudyFit, left_out: int, reason: str) -> str:
    """How few of the responses have a score; empty where most have one."""
    asked = found.n_scored + left_out
    if left_out <= MUCH_LEFT_OUT * asked:
        return ""
    share = round(100 * left_out / asked)
    return f"Only {found.n_scored:,} of {asked:,} responses have a score: {share}% have none{reason}."


def open_marks_reason(scored: ScoredStudy) -> str:
    """Why responses have no score, for :func:`few_scored`."""
    undecided = ", or a person must decide what the answer is" if scored.lines.undecided.any() else ""
    waiting = ", or too little of their respondent is marked" if any(scored.waiting.values()) else ""
    return f", because marks are open or a disagreement is unresolved{undecided}{waiting}"


def fit_notices(found: StudyFit, scored: ScoredStudy) -> list[str]:
    """What stands beside the estimates of a fit."""
    few = few_scored(found, found.n_open, open_marks_reason(scored))
    powered = how_it_was_estimated(found.powered) if found.powered is not None else ""
    return [sentence for sentence in (few, powered, *found.warnings) if sentence]
