"""What a question's answers do not show: responses that failed, are excluded, have no score, or were read in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis

__all__ = ["QuestionOutcomes", "question_outcomes"]

QuestionOutcomes = tuple[tuple[str, str], ...]
"""Of one question: what it is, and which responses, such as ``("Failed, without a response", "model B round 2")``."""

_BASIS = {"key": "by the answer key", "judgement": "by the reviewers\N{RIGHT SINGLE QUOTATION MARK} judgement"}
_WORDS = {
    "failed": "Failed, without a response",
    "no_answer": "No answer in the text, counted as failed",
    "excluded": "Excluded from every figure",
    "not_asked": "Not asked",
    "undecided": "No score until a person says what the answer is",
    "waiting": "No score, because too little of the respondent is marked",
    "open": "No score, because marks are open or the reviewers disagree",
    **{
        f"open_{basis}": f"No score {words}, because marks are open or the reviewers disagree"
        for basis, words in _BASIS.items()
    },
    "refused": "Refused, scored as 0",
    "short": "Fewer lines than asked for; the missing ones count as wrong",
    "doubtful": "Doubtful reading, scored as read",
    "decided": "Reading decided by a person",
}
"""In the order in which they are said."""

_Found = dict[str, dict[str, dict[tuple[str, str], list[int]]]]
"""By question, kind, and respondent with a detail: the rounds."""


def question_outcomes(
    study: ScoredStudy, drawn: Collection[str] | None = None, amended: Collection[str] = ()
) -> Mapping[str, QuestionOutcomes]:
    """Gather what the answers do not show, of every question.

    Parameters
    ----------
    study : ScoredStudy
        Of every question that was asked.
    drawn : collection of str, optional
        The questions that are marked, where it is not all of them.
    amended : collection of str
        Questions that read otherwise, or have another key, than when the study began.
    """
    found: _Found = {question.id: {} for _, question in study.bank.asked()}
    for kind, question_id, respondent, number, detail in _every(study, drawn):
        if question_id in found:
            found[question_id].setdefault(kind, {}).setdefault((respondent, detail), []).append(number)
    return {
        question_id: (
            *((("Amended", "see Deviations from the plan"),) if question_id in amended else ()),
            *(
                (("Not marked", "this question was not drawn"),)
                if drawn is not None and question_id not in drawn
                else ()
            ),
            *((words, "; ".join(_named(kinds[kind]))) for kind, words in _WORDS.items() if kind in kinds),
        )
        for question_id, kinds in found.items()
    }


def _named(responses: Mapping[tuple[str, str], list[int]]) -> Iterator[str]:
    for (respondent, detail), rounds in responses.items():
        numbers = [str(number) for number in sorted(rounds)]
        listed = " and ".join([", ".join(numbers[:-1]), numbers[-1]]) if len(numbers) > 1 else numbers[0]
        more = f" ({detail})" if detail else ""
        yield f"{respondent} round{'s' if len(numbers) > 1 else ''} {listed}{more}"


def _every(study: ScoredStudy, drawn: Collection[str] | None) -> Iterator[tuple[str, str, str, int, str]]:
    """Kind, question, respondent, round and detail of everything to be told."""
    for failure in study.failures:
        ask = failure.ask
        yield "failed", ask.question_id, ask.respondent, ask.round, failure.kind.replace("_", " ")
    for response, _ in study.lines.without_answer:
        yield "no_answer", response.ask.question_id, response.ask.respondent, response.ask.round, ""
    for decision in study.exclusions:
        if decision.kind == "response":
            yield "excluded", str(decision.question_id), str(decision.respondent), decision.round or 0, ""
    yield from _not_asked(study)
    yield from _as_read(study)
    yield from _without_score(study, drawn)


def _not_asked(study: ScoredStudy) -> Iterator[tuple[str, str, str, int, str]]:
    """Questions that a respondent was not asked in a round in which it was asked others."""
    excluded = {(one.respondent, one.round, one.question_id) for one in study.exclusions}
    asked: dict[tuple[str, int], set[str]] = {}
    for ask in (*(response.ask for response in study.responses), *(failure.ask for failure in study.failures)):
        asked.setdefault((ask.respondent, ask.round), set()).add(ask.question_id)
    every = [question.id for _, question in study.bank.asked()]
    for (respondent, number), questions in asked.items():
        if len(questions) < len(every):
            for question_id in every:
                if question_id not in questions and (respondent, number, question_id) not in excluded:
                    yield "not_asked", question_id, respondent, number, ""


def _as_read(study: ScoredStudy) -> Iterator[tuple[str, str, str, int, str]]:
    lines = study.lines
    decided = np.array([response.decision is not None for response in lines.responses], dtype=bool)
    short = (lines.given < lines.requested) & ~lines.refused & ~lines.undecided & ~lines.any_number
    flags = {
        "undecided": lines.undecided,
        "refused": lines.refused,
        "short": short,
        "doubtful": lines.doubtful & ~lines.undecided,
        "decided": decided,
    }
    for kind, flag in flags.items():
        for place in np.flatnonzero(flag).tolist():
            ask = lines.responses[place].ask
            yield kind, ask.question_id, ask.respondent, ask.round, ""


def _without_score(study: ScoredStudy, drawn: Collection[str] | None) -> Iterator[tuple[str, str, str, int, str]]:
    """Responses without a score on one basis or on all, where it is not their reading that is open."""
    asks = [study.lines.responses[place].ask for place in np.flatnonzero(study.lines.undecided).tolist()]
    undecided = {(ask.question_id, ask.respondent, ask.round) for ask in asks}
    without: dict[tuple[str, str, int], list[MarkBasis]] = {}
    table = study.table[study.table["score_percent"].isna()]
    columns = (table[name].tolist() for name in ("basis", "question_id", "respondent", "round"))
    for basis, question_id, respondent, number in zip(*columns, strict=True):
        if drawn is None or question_id in drawn:
            without.setdefault((question_id, respondent, number), []).append(basis)
    for (question_id, respondent, number), bases in without.items():
        if (question_id, respondent, number) in undecided:
            continue
        if all(respondent in study.waiting.get(basis, {}) for basis in bases):
            kind = "waiting"
        else:
            kind = "open" if len(bases) == len(study.bases) else f"open_{bases[0]}"
        yield kind, question_id, respondent, number, ""
