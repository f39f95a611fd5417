"""What the page of the bank review shows to an expert, and what becomes of what it sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.samp import Question
from samp_eval.literals import BankReviewStep
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.bank.rating_fields import FREE_TEXTS, RATING_FIELDS, NotAllowed, is_rated, read_rating
from samp_eval.review.bank.review_export import check_round, questions_to_rate, rows_out
from samp_eval.review.bank.review_rows import (
    FINISHED,
    PAGE,
    BankRating,
    BankReview,
    BankReviewRow,
    SentRating,
    StandingRating,
    bank_review,
)
from samp_eval.review.bank.review_sheets import ANSWER_COLUMN, said_so_far
from samp_eval.review.exclusions import Exclusions
from samp_eval.review.page.shown_question import bank_picture, shown_key, shown_question
from samp_eval.review.page.shown_rows import as_json

__all__ = ["BankReviewService", "BankReviewStore"]


class BankReviewStore(Protocol):
    """What the page needs of a study's memory."""

    def key_history(self) -> KeyHistory:
        """Every bank that the study has had."""

    def exclusions(self) -> Exclusions:
        """What is out of every figure."""

    def bank_review_rows(self) -> list[BankReviewRow]:
        """Every row that ever went out."""

    def keep_bank_review_rows(self, rows: Sequence[BankReviewRow]) -> list[BankReviewRow]:
        """Record rows before they go out."""

    def bank_ratings(self) -> list[BankRating]:
        """Everything that experts ever said, in order."""

    def standing_ratings(self) -> Mapping[tuple[str, str], StandingRating]:
        """What holds, by row id and field."""

    def keep_sent_ratings(self, sent: Sequence[SentRating]) -> list[StandingRating]:
        """Append what a page sent; returns what holds in the place of each."""


class _RatingOfThePage(BaseModel):
    """Something that the page sends; an empty value takes the earlier one back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{16,40}$")
    row: str = Field(max_length=32)
    field: str = Field(max_length=20)
    value: str = Field(max_length=2000)
    seen: str = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class BankReviewService:
    """What is served to experts, and where their answers and ratings go.

    Attributes
    ----------
    store : BankReviewStore
    round : int
        From 2: questions that an expert has rated before come with what all said, without names.
    """

    store: BankReviewStore
    round: int = 1

    def work(self, expert: str, now: datetime) -> bytes:
        """Everything that an expert's page shows, as JSON; of a question that is not answered yet, not its key."""
        review = self._review()
        check_round(review, self.round)
        rows = self.store.keep_bank_review_rows(self._rows(review, expert, now))
        standing: dict[str, dict[str, StandingRating]] = {}
        for (row_id, name), held in self.store.standing_ratings().items():
            standing.setdefault(row_id, {})[name] = held
        asked = review.bank.by_question()
        questions = {}
        for row in rows:
            case, question = asked[row.question_id]
            with_key = row.step == "ratings"
            shown = shown_question(case, question, described=with_key)
            questions[row.question_id] = {**shown, "requested": question.requested}
            if with_key:
                questions[row.question_id] |= shown_key(question)
        shown_rows = [_shown(row, review, standing.get(row.row_id, {})) for row in rows]
        return as_json({"questions": questions, "rows": shown_rows}).encode()

    def picture(self, sha256: str) -> PlainPicture | None:
        """A picture of the study's bank by its hash; None for any other."""
        return bank_picture(self.store.key_history().present.bank, sha256)

    def take(self, expert: str, sent: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
        """Take what an expert's page sent; returns for each entry what holds, or why it was refused."""
        review = self._review()
        own = {row.row_id: row for row in review.rows if row.expert == expert}
        read = [_read(entry, own, review, now) for entry in sent]
        held = iter(self.store.keep_sent_ratings([entry for entry in read if isinstance(entry, SentRating)]))
        return [{"refused": entry} if isinstance(entry, str) else _held(next(held)) for entry in read]

    def _rows(self, review: BankReview, expert: str, now: datetime) -> list[BankReviewRow]:
        """The row of each question, in the bank's order."""
        with_key = questions_to_rate(review, expert)
        wanted: list[tuple[str, BankReviewStep, int]] = []
        for _, question in review.bank.asked():
            before = review.opinion(expert, question.id).until(self.round - 1)
            number = self.round if is_rated(before, question) else 1
            wanted.append((question.id, "ratings" if question.id in with_key else "answers", number))
        return rows_out(review, expert, wanted, now)

    def _review(self) -> BankReview:
        keys = self.store.key_history()
        bank = self.store.exclusions().bank(keys.present.bank)
        return bank_review(keys, bank, self.store.bank_review_rows(), self.store.bank_ratings())


def _shown(row: BankReviewRow, review: BankReview, standing: Mapping[str, StandingRating]) -> dict[str, Any]:
    opinion = review.opinion(row.expert, row.question_id)
    return {
        "row": row.row_id,
        "question": row.question_id,
        "step": row.step,
        "round": row.round,
        "answers": opinion.answers,
        "before": opinion.until(row.round - 1),
        "said": said_so_far(review, row),
        "marks": {name: held.value for name, held in standing.items() if held.value},
        "versions": {name: held.version for name, held in standing.items()},
        "against": {name: held.against for name, held in standing.items() if held.against is not None},
        "imported": [],
    }


def _held(held: StandingRating) -> dict[str, Any]:
    return {"value": held.value, "version": held.version, "against": held.against}


def _read(entry: Any, own: Mapping[str, BankReviewRow], review: BankReview, now: datetime) -> SentRating | str:
    """What an entry says, or why it is refused."""
    try:
        found = _RatingOfThePage.model_validate(entry)
    except ValidationError:
        return "this is no rating"
    row = own.get(found.row)
    if row is None:
        return "this question is not on your list"
    if review.current.get(row.place) != row:
        return "the question or its key was corrected after this page was loaded"
    if row.step == "answers" and (row.expert, "ratings", 1, row.question_id) in review.current:
        return "the key of this question has been shown, so its answers stay as they are"
    value = _value(found.field, found.value, row, review.bank.by_question()[row.question_id][1])
    if value is None:
        return f"{found.value[:20]!r} cannot be said under {found.field}"
    return SentRating(BankRating(row.row_id, found.field, value, now, PAGE), found.id, found.seen)


def _value(name: str, text: str, row: BankReviewRow, question: Question) -> str | None:
    """The value as it is kept; None where it cannot be said there."""
    if name == FINISHED:
        return text if text in ("", "1") else None
    if row.step == "answers":
        places = {f"{ANSWER_COLUMN}{number}" for number in range(1, question.requested + 1)}
        return text.strip() if name in places else None
    if name in FREE_TEXTS:
        return text.strip()
    if name not in {column.name for column in RATING_FIELDS}:
        return None
    value = read_rating(name, text, question)
    return None if isinstance(value, NotAllowed) else value
