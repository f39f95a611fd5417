"""What the answers say of each question: how hard it is, whether it tells respondents apart, what its key lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.items.samp import Question
from samp_eval.literals import MarkBasis
from samp_eval.report.content.question_record import AnswerRecord, QuestionRecord, question_records
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.psychometrics.item_analysis import (
    FEWEST_RESPONDENTS,
    Reliability,
    cronbach_alpha,
    item_rest_correlations,
)

__all__ = ["ItemCard", "ItemCards", "KeyCandidate", "OptionChosen", "item_cards"]

FUNCTIONING = 5.0
"""Percent of the answers from which on a distractor is said to function."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class KeyCandidate:
    """An answer that earned nothing by the key.

    Attributes
    ----------
    text : str
        Untrusted.
    lines, respondents : int
        How many lines and respondents gave it.
    judged_right : float or None
        What the reviewers' own judgement comes to, 0 to 1; None where nobody judged it.
    """

    text: str
    lines: int
    respondents: int
    judged_right: float | None


@dataclass(frozen=True, slots=True)
class OptionChosen:
    """An option with its share of the answers, percent; a distractor functions from :data:`FUNCTIONING` on."""

    text: str
    in_key: bool
    share: float

    @property
    def functions(self) -> bool:
        """Whether it is chosen often enough."""
        return self.share >= FUNCTIONING


@dataclass(frozen=True, slots=True)
class ItemCard:
    """One question in the light of its answers.

    Attributes
    ----------
    difficulty : tuple of (respondent, percent)
        Mean score of each respondent over all rounds, 0 to 100.
    by_round : tuple of (respondent, tuple of (round, percent))
    responses, at_top, at_bottom : int
        With a score; of them with the full score, and with none.
    silent_rounds, rounds : int
        Rounds in which all respondents are at the same end, of those that at least two of them answered.
    key_candidates : tuple of KeyCandidate
        Wording that the key lacks: judged right first, then the most frequent.
    options : tuple of OptionChosen
        In the order of the bank; empty for a write-in question.
    discrimination : float or NotEstimated
        Correlation with the mean of the other questions, over independent respondents.
    """

    question_id: str
    topic: str
    requested: int
    key_entries: int
    difficulty: tuple[tuple[str, float], ...]
    by_round: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]
    responses: int
    at_top: int
    at_bottom: int
    silent_rounds: int
    rounds: int
    key_candidates: tuple[KeyCandidate, ...]
    options: tuple[OptionChosen, ...]
    discrimination: float | NotEstimated

    @property
    def uninformative(self) -> str:
        """``all right`` or ``all wrong`` where every response is at that end; otherwise empty."""
        if self.responses and self.at_top == self.responses:
            return "all right"
        return "all wrong" if self.responses and self.at_bottom == self.responses else ""


@dataclass(frozen=True, slots=True)
class ItemCards:
    """Every question with a score on one basis."""

    basis: MarkBasis
    cards: tuple[ItemCard, ...]
    alpha: Reliability | NotEstimated

    def as_json(self) -> dict[str, Any]:
        """Fields for a program."""
        return {
            "basis": self.basis,
            "n_questions": len(self.cards),
            "n_uninformative": sum(bool(card.uninformative) for card in self.cards),
            "alpha": self.alpha.as_json() if isinstance(self.alpha, NotEstimated) else asdict(self.alpha),
            "items": [
                {
                    **asdict(card),
                    "difficulty": dict(card.difficulty),
                    "by_round": {name: dict(rounds) for name, rounds in card.by_round},
                    "uninformative": card.uninformative,
                    "discrimination": card.discrimination.as_json()
                    if isinstance(card.discrimination, NotEstimated)
                    else card.discrimination,
                }
                for card in self.cards
            ],
        }


def item_cards(study: ScoredStudy, basis: MarkBasis, records: Sequence[QuestionRecord] | None = None) -> ItemCards:
    """Make a card for each question with a scored response; control rounds without pictures are left out.

    Parameters
    ----------
    study : ScoredStudy
    basis : MarkBasis
    records : sequence of QuestionRecord, optional
        Of the study, where they are known already.
    """
    table = rows_of_means(study.table)
    if records is None or len(table) < len(study.table):
        records = question_records(study, controls=len(table) == len(study.table))
    table = table[(table["basis"] == basis) & table["score_percent"].notna()]
    found = {record.question.id: record for record in records}
    alpha, discrimination = _over_respondents(table)
    counts = _counts(table)
    means = _nested(table.groupby(["question_id", "respondent"], observed=True)["score_percent"].mean())
    by_round = _nested(table.groupby(["question_id", "respondent", "round"], observed=True)["score_percent"].mean())
    cards = []
    for name, record in found.items():
        if name in counts:
            telling = alpha if isinstance(alpha, NotEstimated) else discrimination.get(name, _VARIES_NOT)
            own = [respondent for respondent in study.respondents if respondent in means[name]]
            cards.append(
                ItemCard(
                    question_id=name,
                    topic=record.case.topic,
                    requested=record.question.requested,
                    key_entries=len(record.question.key),
                    difficulty=tuple((respondent, means[name][respondent]) for respondent in own),
                    by_round=tuple((respondent, tuple(by_round[name][respondent].items())) for respondent in own),
                    **counts[name],
                    key_candidates=_key_candidates(record),
                    options=_options(record.question, record.answers),
                    discrimination=telling,
                )
            )
    return ItemCards(basis, tuple(cards), alpha)


_VARIES_NOT = NotEstimated("all respondents have the same score on this question or on all others")


def _over_respondents(table: pd.DataFrame) -> tuple[Reliability | NotEstimated, dict[str, float]]:
    """Alpha and item-rest correlations of respondents who answered the same questions; rounds are averaged."""
    means = table.groupby(["respondent", "question_id"], observed=True)["score_percent"].mean().unstack("question_id")
    whole = means.dropna(axis="index")
    if len(whole) < FEWEST_RESPONDENTS:
        return NotEstimated(
            f"discrimination and alpha need {FEWEST_RESPONDENTS} independent respondents who answered every question, "
            f"and there {'is' if len(whole) == 1 else 'are'} {len(whole)}; rounds of a respondent are not independent"
        ), {}
    if whole.shape[1] < 2 or not whole.sum(axis="columns").var() > 0:
        return _VARIES_NOT, {}
    correlations = item_rest_correlations(whole.to_numpy())
    return cronbach_alpha(whole.to_numpy()), {
        str(name): float(value) for name, value in zip(whole.columns, correlations, strict=True) if value == value
    }


def _nested(means: pd.Series) -> dict[Any, Any]:
    """Values of an index of several levels, as mappings in mappings."""
    found: dict[Any, Any] = {}
    for place, value in means.items():
        *outer, last = place if isinstance(place, tuple) else (place,)
        inner = found
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[int(last) if len(outer) > 1 else last] = float(value)
    return found


def _counts(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """By question: responses, those at either end, and rounds in which all respondents are at the same end."""
    scores = table["score_percent"]
    marked = table.assign(at_top=scores > 100 - _ROUNDING, at_bottom=scores < _ROUNDING, responses=1)
    ends = marked.groupby("question_id", observed=True)[["responses", "at_top", "at_bottom"]].sum()
    in_round = marked.groupby(["question_id", "round"], observed=True)[["responses", "at_top", "at_bottom"]].sum()
    shared = in_round[in_round["responses"] > 1]
    silent = (shared["at_top"] == shared["responses"]) | (shared["at_bottom"] == shared["responses"])
    ends["silent_rounds"] = silent.groupby(level="question_id", observed=True).sum()
    ends["rounds"] = silent.groupby(level="question_id", observed=True).size()
    columns = list(ends.columns)
    return {
        str(name): dict(zip(columns, map(int, row), strict=True))
        for name, row in zip(ends.index, ends.fillna(0).to_numpy().tolist(), strict=True)
    }


def _key_candidates(record: QuestionRecord) -> tuple[KeyCandidate, ...]:
    if record.question.format != "write-in":
        return ()
    found = []
    for answer in record.answers:
        credits = {settled.basis: settled.credit for settled in answer.consensus}
        if credits.get("key") == 0:
            given = [name for name, number in answer.given if number]
            found.append(KeyCandidate(answer.text, answer.count, len(given), credits.get("judgement")))
    rank = {1.0: 0, None: 1}
    return tuple(sorted(found, key=lambda one: (rank.get(one.judged_right, 2), -one.respondents, -one.lines)))


def _options(question: Question, answers: Sequence[AnswerRecord]) -> tuple[OptionChosen, ...]:
    chosen: Counter[str] = Counter()
    for answer in answers:
        chosen[answer.text] += answer.count
    total = sum(chosen[option] for option in question.options)
    if not total:
        return ()
    right = {entry.answer for entry in question.key}
    return tuple(OptionChosen(option, option in right, 100 * chosen[option] / total) for option in question.options)
