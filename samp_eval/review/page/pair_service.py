"""What the page of pairs shows to a reviewer, and what becomes of each choice that it sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.samp import Bank
from samp_eval.literals import PairChoice
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.exclusions import Exclusions
from samp_eval.review.page.shown_question import bank_picture, shown_question
from samp_eval.review.page.shown_rows import as_json
from samp_eval.review.pairs.pair_design import in_sheet_order
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow

__all__ = ["PairService", "PairStore"]

PAGE = "page of pairs"
"""The source of choices that were made on the page."""


class PairStore(Protocol):
    """What comparing pairs needs of a study's memory."""

    def key_history(self) -> KeyHistory:
        """Every bank that the study has had."""

    def exclusions(self) -> Exclusions:
        """What is out of every figure."""

    def pair_rows(self) -> list[PairRow]:
        """Every pair that was drawn."""

    def pair_choices(self) -> dict[str, ChosenPair]:
        """What holds for each row that a reviewer has decided."""

    def keep_pair_choices(self, new: Sequence[ChosenPair]) -> int:
        """Append the choices that differ from what holds."""


class _SentChoice(BaseModel):
    """A choice or a reason as the page sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{16,40}$")
    row: str = Field(max_length=32)
    field: Literal["choice", "reason"]
    value: str = Field(max_length=2000)
    seen: str = Field(max_length=40)


@dataclass(slots=True)
class PairService:
    """What is served to the reviewers of pairs, and where their choices go.

    Attributes
    ----------
    store : PairStore
    seed : int
        The study's seed, for the order of pairs: the same as in the sheets.
    """

    store: PairStore
    seed: int

    def work(self, reviewer: str) -> bytes:
        """Everything that a reviewer's page shows, as JSON: questions, pairs in random order, the choices so far."""
        bank = self._bank()
        rows = in_sheet_order(self._rows_of(reviewer, bank), bank, reviewer, self.seed)
        chosen = self.store.pair_choices()
        asked = bank.by_question()
        questions = {row.question_id: shown_question(*asked[row.question_id]) for row in rows}
        shown = [
            {
                "row": row.row_id,
                "question": row.question_id,
                "first": row.first_text.split("\n"),
                "second": row.second_text.split("\n"),
                "choice": chosen[row.row_id].choice if row.row_id in chosen else "",
                "reason": chosen[row.row_id].reason if row.row_id in chosen else "",
            }
            for row in rows
        ]
        return as_json({"questions": questions, "rows": shown}).encode()

    def picture(self, sha256: str) -> PlainPicture | None:
        """A picture of the study's bank by its hash; None for any other."""
        return bank_picture(self._bank(), sha256)

    def choose(self, reviewer: str, sent: Sequence[Any], now: datetime) -> list[dict[str, str | None]]:
        """Take what a reviewer's page sent; returns for each entry what holds, or why it was refused."""
        own = {row.row_id for row in self._rows_of(reviewer, self._bank())}
        held = self.store.pair_choices()
        answers = [self._choose(entry, own, held, now) for entry in sent]
        new = {answer.row_id: answer for answer in answers if isinstance(answer, ChosenPair)}
        self.store.keep_pair_choices(list(new.values()))
        return [
            {"refused": answer} if isinstance(answer, str) else {"value": entry["value"], "version": entry["id"]}
            for entry, answer in zip(sent, answers, strict=True)
        ]

    def _choose(self, entry: Any, own: set[str], held: dict[str, ChosenPair], now: datetime) -> ChosenPair | str:
        """The choice with this entry taken in, also into ``held``, or why it is none."""
        try:
            found = _SentChoice.model_validate(entry)
        except ValidationError:
            return "this is no choice"
        before = held.get(found.row)
        if found.row not in own:
            return "this pair is not on your list"
        if found.field == "choice":
            choices: Mapping[str, PairChoice] = {choice: choice for choice in get_args(PairChoice)}
            if found.value not in choices:
                return f"{found.value[:20]!r} is no choice"
            reason = before.reason if before is not None else ""
            held[found.row] = ChosenPair(found.row, choices[found.value], reason, now, PAGE)
        elif before is None:
            return "a reason goes with a choice"
        else:
            held[found.row] = ChosenPair(found.row, before.choice, found.value.strip(), now, PAGE)
        return held[found.row]

    def _bank(self) -> Bank:
        return self.store.exclusions().bank(self.store.key_history().present.bank)

    def _rows_of(self, reviewer: str, bank: Bank) -> list[PairRow]:
        asked = bank.by_question()
        return [row for row in self.store.pair_rows() if row.reviewer == reviewer and row.question_id in asked]
