"""What the study records of batches, from before one is sent until each of its asks has an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from samp_eval.run.respondent import Ask, FailedAttempt, FailureKind, Response, ResponseFailure
from samp_eval.run.run_records import RunStore

__all__ = ["LIVE", "BatchAsk", "BatchResult", "BatchState", "BatchStore", "KeptBatch", "NewBatch"]

BatchState = Literal["planned", "sending", "submitted", "collected", "refused", "too_large", "withdrawn"]
"""planned: written down, nothing asked of the provider; sending: it may have the batch; submitted: it has it;
collected: every ask has its outcome; refused: the provider did not accept it; too_large: its queue had no room for so
many tokens; withdrawn: given up before it was sent."""

LIVE: tuple[BatchState, ...] = ("planned", "sending", "submitted")
"""States in which the asks of a batch are pending."""


@dataclass(frozen=True, slots=True)
class BatchAsk:
    """One line of a batch's file; ``body`` is the body of its request, without keys."""

    custom_id: str
    ask: Ask
    body: str


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch that is to be submitted.

    Attributes
    ----------
    id : str
        Our own, by which the batch is found again at the provider.
    parameters, adaptations
        What is sent beside model and messages, and what the model is known to refuse.
    reserved_usd : float
        US dollars that it costs at most.
    file_sha256 : str
        Of the file that is sent.
    """

    id: str
    respondent: str
    endpoint: str
    asks: tuple[BatchAsk, ...]
    parameters: Mapping[str, Any]
    adaptations: Sequence[str]
    reserved_usd: float
    file_sha256: str


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch as the study holds it; times are UTC.

    Attributes
    ----------
    run : int or None
        Under whose circumstances it was submitted.
    asks : int
    sent_at : datetime or None
        When the provider was asked to make it; whether it did is known once ``batch_id`` is.
    file_id, batch_id, status : str or None
        In the provider's words.
    completed, failed : int
        Asks, as the provider last counted them.
    """

    id: str
    respondent: str
    endpoint: str
    state: BatchState
    run: int | None
    asks: int
    parameters: Mapping[str, Any]
    adaptations: tuple[str, ...]
    reserved_usd: float
    file_sha256: str
    planned_at: datetime
    sent_at: datetime | None
    submitted_at: datetime | None
    file_id: str | None
    batch_id: str | None
    status: str | None
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one ask of a batch.

    Attributes
    ----------
    outcome : Response, ResponseFailure or None
        None where the ask was withdrawn: the provider had not asked it when the batch was cancelled.
    again : bool
        Whether a failed ask is worth another batch.
    """

    custom_id: str
    outcome: Response | ResponseFailure | None
    again: bool = False

    @property
    def result(self) -> FailureKind | Literal["answered", "withdrawn"]:
        """As the store holds it."""
        if self.outcome is None:
            return "withdrawn"
        return self.outcome.kind if isinstance(self.outcome, ResponseFailure) else "answered"


class BatchStore(RunStore, Protocol):
    """A study that keeps batches beside responses; every method has committed when it returns."""

    def live_batches(self, respondent: str | None = None) -> list[KeptBatch]:
        """Batches whose asks are pending, the oldest first."""

    def keep_batch(self, new: NewBatch) -> KeptBatch:
        """Write a batch down with every ask and body, in one commit, before anything is sent."""

    def change_batch(self, batch: KeptBatch, **values: Any) -> KeptBatch:
        """Record what has become of a batch."""

    def batch_file(self, batch: KeptBatch) -> Iterator[BatchAsk]:
        """The lines of a batch's file, in order."""

    def batch_asks(self, batch: KeptBatch) -> dict[str, Ask]:
        """What a batch asks, by custom id."""

    def batch_bodies(self, batch: KeptBatch, custom_ids: Sequence[str]) -> dict[str, str]:
        """The bodies of some requests of a batch, by custom id."""

    def keep_batch_results(self, batch: KeptBatch, results: Sequence[BatchResult]) -> int:
        """Store what came of asks, as often as it is told so; return how many responses are new."""

    def attempts_before(self, batch: KeptBatch) -> dict[tuple[str, int], tuple[FailedAttempt, ...]]:
        """What failed in earlier batches, by (question_id, round)."""

    def given_up(self, respondent: str, max_batches: int) -> set[tuple[str, int]]:
        """(question_id, round) that batches need not ask again: useless, or tried in so many batches."""

    def batch_room(self, respondent: str) -> int | None:
        """How many asks a batch may hold, as the provider's queue has shown; None where it has had room for all."""

    def accepted_parameters(self, respondent: str) -> Mapping[str, Any] | None:
        """What the model accepts, as the last collected batch left it; None before the first."""
