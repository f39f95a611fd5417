"""What a run needs of the study's records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from samp_eval.items.samp import Bank
from samp_eval.run.saver import OutcomeStore

__all__ = ["RunStore"]


class RunStore(OutcomeStore, Protocol):
    """What a run needs to know of the study, and where it leaves what it learns."""

    def bank(self) -> Bank | None:
        """The bank the study was last asked with."""

    def keep_bank(self, bank: Bank) -> None:
        """Record the bank that the study begins with."""

    def excluded_questions(self) -> frozenset[str]:
        """Ids of the questions that are out of every figure."""

    def excluded_respondents(self) -> frozenset[str]:
        """Ids of the respondents that are out of every figure."""

    def keep_respondent(self, identifier: str, settings: Mapping[str, Any]) -> None:
        """Record a respondent; refuse the same id under other settings."""

    def forget_never_asked(self, respondent: str) -> None:
        """Take a respondent out of the study where all that came of it are a wrong name, key or address."""

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's stored responses."""

    def failed(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's failures."""

    def accepted_request(self, respondent: str) -> Mapping[str, Any] | None:
        """The body of a respondent's latest request that was answered; None before the first."""

    def pending(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's asks in batches that have not ended."""

    def first_asked(self, respondent: str) -> datetime | None:
        """UTC time of a respondent's first response."""

    def seed_rule(self, of_new_study: str) -> str | None:
        """The rule by which the study's first run derived sampling seeds; ``of_new_study`` before the first run."""

    def option_rule(self, of_new_study: str) -> str | None:
        """The rule by which the study's first run sent options; ``of_new_study`` before the first run."""

    def begin_run(self, facts: Mapping[str, Any]) -> None:
        """Record under what circumstances the responses that follow are asked."""

    def keep_protocol(self, content: Mapping[str, Any]) -> str:
        """Freeze the study as planned, note later changes, return its SHA-256."""

    def note_deviation(self, what: str) -> None:
        """Record what was done otherwise than planned."""
