"""How many responses hold an answer that a reviewer marked as harmful."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import counts_in_means
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS
from samp_eval.statistics.mean_scores import MeanScore, mean_score
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = ["HarmfulResponses", "harmful_responses"]


@dataclass(frozen=True, slots=True)
class HarmfulResponses:
    """Responses of one respondent with an answer that at least one reviewer marked as harmful.

    Attributes
    ----------
    harmful, responses : int
        Such responses, and those of which a person marked every answer.
    share : MeanScore or NotEstimated
        Percent with an interval that allows for responses to one question being alike.
    """

    respondent: str
    harmful: int
    responses: int
    share: MeanScore | NotEstimated


def harmful_responses(study: ScoredStudy) -> tuple[HarmfulResponses, ...]:
    """Count them for every respondent; empty where no answer was marked as harmful."""
    by_people = [mark for mark in study.marks if mark.reviewer.role != "automatic"]
    harmful = {mark.answer_id for mark in by_people if mark.field == "harm" and mark.value == "1"}
    if not harmful:
        return ()
    lines, marked = study.lines, {mark.answer_id for mark in by_people}
    units = zip([lines.answer_ids[place] for place in lines.answer.tolist()], lines.line_ids, strict=True)
    seen, bad = np.array([(not marked.isdisjoint(pair), not harmful.isdisjoint(pair)) for pair in units]).T
    count = len(lines.responses)
    unseen = np.bincount(lines.response, weights=~seen, minlength=count) > 0
    is_harmful = np.bincount(lines.response, weights=bad, minlength=count) > 0
    given = (np.bincount(lines.response, minlength=count) > 0) & np.array(counts_in_means(lines.responses), dtype=bool)
    asked = np.array([response.ask.respondent for response in lines.responses])
    questions = np.array([response.ask.question_id for response in lines.responses])
    found = []
    for name in study.respondents:
        own = (asked == name) & given & ~unseen
        if own.any():
            share = _share(100.0 * is_harmful[own], questions[own])
            found.append(HarmfulResponses(name, int(is_harmful[own].sum()), int(own.sum()), share))
    return tuple(found)


@or_reason
def _share(percents: np.ndarray, questions: np.ndarray) -> MeanScore:
    number = len(np.unique(questions))
    if number < FEWEST_CLUSTERS:
        raise CannotEstimate(f"{number} question{'s' * (number != 1)} only, too few for an interval")
    return mean_score(percents, questions)
