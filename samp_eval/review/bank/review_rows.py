"""What goes out to an expert who reviews the bank, what comes back, and which of it counts today."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import BankReviewStep
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.run.prompt import case_text, question_sha256, question_text

__all__ = ["BankRating", "BankReview", "BankReviewRow", "Opinion", "bank_review", "shown_sha256"]


@dataclass(frozen=True, slots=True)
class BankReviewRow:
    """A question as it went out to an expert.

    Attributes
    ----------
    row_id : str
        Opaque and random.
    expert : str
    step : BankReviewStep
    round : int
        From 1; in the second, experts see what all said in the first.
    question_id : str
    bank_version : int
        Of the bank that the expert saw.
    exported_at : datetime
        UTC.
    """

    row_id: str
    expert: str
    step: BankReviewStep
    round: int
    question_id: str
    bank_version: int
    exported_at: datetime


@dataclass(frozen=True, slots=True)
class BankRating:
    """What an expert says in one field of a row; ``source`` is the file that it came in, ``given_at`` is UTC."""

    row_id: str
    field: str
    value: str
    given_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one expert says of one question as it reads today.

    Attributes
    ----------
    expert, question_id : str
    by_round : mapping
        Values by field, of each round from which there are any; what a later round leaves empty holds on.
    answers : tuple of str
        As a candidate; empty where the question was left blank.
    has_answered : bool
        As a candidate, if only by leaving the question blank.
    blind : bool
        Whether the answers came before the key went out to the expert.
    """

    expert: str
    question_id: str
    by_round: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    has_answered: bool = False
    blind: bool = True

    def until(self, last_round: int) -> dict[str, str]:
        """Values by field after a round."""
        values: dict[str, str] = {}
        for number in sorted(self.by_round):
            if number <= last_round:
                values |= self.by_round[number]
        return values

    @property
    def values(self) -> dict[str, str]:
        """Values by field that hold."""
        return self.until(max(self.by_round, default=0))


@dataclass(frozen=True, slots=True)
class BankReview:
    """Everything that experts said of a bank.

    Attributes
    ----------
    bank : Bank
        As it reads today.
    rows : tuple of BankReviewRow
        Every row that ever went out.
    opinions : mapping
        By expert and question id. Ratings of a question whose text or key has changed since are not among them, nor
        answers to one that candidates read otherwise now.
    outdated : tuple of BankReviewRow
        On which something was said of a text that has changed since; it is kept and does not count.
    """

    bank: Bank
    rows: tuple[BankReviewRow, ...]
    opinions: Mapping[tuple[str, str], Opinion]
    outdated: tuple[BankReviewRow, ...]

    @property
    def experts(self) -> tuple[str, ...]:
        """Whoever was sent anything, in order of the first sheet."""
        return tuple(dict.fromkeys(who for _, who in sorted((row.exported_at, row.expert) for row in self.rows)))

    @property
    def rounds(self) -> int:
        """The last round that went out; 0 before the first."""
        return max((row.round for row in self.rows if row.step == "ratings"), default=0)

    def opinion(self, expert: str, question_id: str) -> Opinion:
        """What an expert says of a question; empty where nothing."""
        return self.opinions.get((expert, question_id), Opinion(expert, question_id))

    def of_question(self, question_id: str) -> list[Opinion]:
        """The opinions of all experts on a question, in order of the experts."""
        return [self.opinions[expert, question_id] for expert in self.experts if (expert, question_id) in self.opinions]


def shown_sha256(case: SampCase, question: Question) -> str:
    """SHA-256 of all that an expert reads and sees of a question and its key: with another, ratings count no more."""
    content = question.model_dump(mode="json", exclude_defaults=True, exclude={"rationale"})
    whole = [case.setting, case_text(case, question), question_text(case, question), content]
    whole += [picture.digest for picture in case.pictures_until(question)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def bank_review(keys: KeyHistory, bank: Bank, rows: Iterable[BankReviewRow], given: Iterable[BankRating]) -> BankReview:
    """Gather what counts.

    Parameters
    ----------
    keys : KeyHistory
        Every bank that the study has had.
    bank : Bank
        The present one; questions that are excluded are passed over.
    rows : iterable of BankReviewRow
    given : iterable of BankRating
        In order; the latest of a row and field holds.
    """
    sent = tuple(rows)
    values: dict[str, dict[str, str]] = {}
    first_given: dict[str, datetime] = {}
    for rating in given:
        values.setdefault(rating.row_id, {})[rating.field] = rating.value
        first_given.setdefault(rating.row_id, rating.given_at)
    today = bank.by_question()
    versions = {held.bank.version: held.bank.by_question() for held in keys.versions}

    def reads_the_same(row: BankReviewRow) -> bool:
        found = versions.get(row.bank_version, {}).get(row.question_id)
        text = question_sha256 if row.step == "answers" else shown_sha256
        return found is not None and text(*today[row.question_id]) == text(*found)

    current: dict[tuple[str, str], list[BankReviewRow]] = {}
    outdated = []
    for row in sent:
        if row.row_id in values and row.question_id in today:
            if reads_the_same(row):
                current.setdefault((row.expert, row.question_id), []).append(row)
            else:
                outdated.append(row)
    opinions = {place: _opinion(of, sent, values, first_given) for place, of in current.items()}
    return BankReview(bank, sent, opinions, tuple(outdated))


def _opinion(
    rows: Sequence[BankReviewRow],
    sent: Iterable[BankReviewRow],
    values: Mapping[str, Mapping[str, str]],
    first_given: Mapping[str, datetime],
) -> Opinion:
    expert, question_id = rows[0].expert, rows[0].question_id
    by_round: dict[int, dict[str, str]] = {}
    answers: tuple[str, ...] = ()
    answered_at = None
    for row in sorted(rows, key=lambda row: (row.bank_version, row.exported_at)):
        own = {name: value for name, value in values[row.row_id].items() if value}
        if row.step == "answers":
            named = sorted((int(name.rpartition("_")[2]), value) for name, value in own.items())
            answers = tuple(value for _, value in named if value != "-")
            answered_at = first_given[row.row_id]
        else:
            by_round.setdefault(row.round, {}).update(own)
    key_sent = [
        row.exported_at for row in sent if (row.expert, row.question_id, row.step) == (expert, question_id, "ratings")
    ]
    blind = answered_at is None or not key_sent or answered_at <= min(key_sent)
    return Opinion(expert, question_id, by_round, answers, answered_at is not None, blind)
