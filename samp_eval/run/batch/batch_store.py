"""What batches need of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from samp_eval.run.batch.records import BatchAsk, BatchResult, KeptBatch, NewBatch
from samp_eval.run.respondent import Ask, FailedAttempt
from samp_eval.run.study_run import RunStore

__all__ = ["BatchStore"]


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

    def given_up(self, respondent: str, most_batches: int) -> set[tuple[str, int]]:
        """(question_id, round) that batches need not ask again: useless, or tried in so many batches."""

    def batch_room(self, respondent: str) -> int | None:
        """How many asks a batch may hold, as the provider's queue has shown; None where it has had room for all."""

    def accepted_parameters(self, respondent: str) -> Mapping[str, Any] | None:
        """What the model accepts, as the last collected batch left it; None before the first."""
