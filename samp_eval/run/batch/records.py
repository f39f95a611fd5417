"""What the study remembers of batches: each one from before it is sent until every ask of it has its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from samp_eval.run.respondent import Ask, FailureKind, Response, ResponseFailure

__all__ = ["LIVE", "BatchAsk", "BatchResult", "BatchState", "KeptBatch", "NewBatch"]

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
    def word(self) -> FailureKind | Literal["answered", "withdrawn"]:
        """As the store holds it."""
        if self.outcome is None:
            return "withdrawn"
        return self.outcome.kind if isinstance(self.outcome, ResponseFailure) else "answered"
