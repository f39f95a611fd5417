"""Collecting what a batch brought: its lines in whatever order they come, as often as need be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from samp_eval.run.batch.openai_batches import BatchEndpoint, RemoteBatch
from samp_eval.run.batch.records import BatchResult, BatchStore, KeptBatch
from samp_eval.run.batch.request_lines import Answered, NotAsked, Refused, UnreadableLine, read_line
from samp_eval.run.cost.prices import Budget
from samp_eval.run.providers.chat_reply import token_limit
from samp_eval.run.providers.chat_request import ChatRequest
from samp_eval.run.providers.refusal import failed_with_pictures
from samp_eval.run.respondent import RETRYABLE, Ask, FailedAttempt, Response, ResponseFailure

__all__ = ["Collected", "collect"]

LINES_AT_A_TIME = 2000
BYTES_AT_A_TIME = 10_000_000


@dataclass(slots=True)
class Collected:
    """What a batch came to.

    Attributes
    ----------
    new : int
        Responses that are stored and were not there before.
    answered, failed, withdrawn : int
        Asks.
    unreadable : int
        Lines that could not be read, or that name no ask of the batch.
    adaptations : list of str
        What the model turned out to refuse.
    """

    new: int = 0
    answered: int = 0
    failed: int = 0
    withdrawn: int = 0
    unreadable: int = 0
    adaptations: list[str] = field(default_factory=list)


def collect(
    batch: KeptBatch,
    remote: RemoteBatch,
    endpoint: BatchEndpoint,
    store: BatchStore,
    budget: Budget,
    *,
    by_schema: bool = False,
) -> Collected:
    """Store what an ended batch brought, then that it is collected.

    A kill before the end does no harm: the batch is collected again, and the same is stored again.
    """
    collector = _Collector(batch, endpoint, store, budget, by_schema)
    for file_id in remote.files:
        lines = endpoint.lines(file_id)
        for group in _groups(lines):
            collector.store_lines(group)
    collector.settle_unanswered(remote)
    known = set(batch.adaptations)
    collector.tally.adaptations = [
        adaptation for adaptation in collector.request.adaptations if adaptation not in known
    ]
    for adaptation in collector.tally.adaptations:
        store.note_deviation(f"{batch.respondent}: {adaptation}")
    store.change_batch(
        batch,
        state="collected",
        ended_at=datetime.now(UTC),
        status=remote.status,
        completed=remote.completed,
        failed=remote.failed,
        parameters=dict(collector.request.parameters),
        adaptations=collector.request.adaptations,
    )
    return collector.tally


def _groups(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines to be stored together: so many, or so many bytes."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line)
        if len(group) == LINES_AT_A_TIME or size > BYTES_AT_A_TIME:
            yield group
            group, size = [], 0
    if group:
        yield group


class _Collector:
    """State of collecting one batch."""

    def __init__(
        self, batch: KeptBatch, endpoint: BatchEndpoint, store: BatchStore, budget: Budget, by_schema: bool
    ) -> None:
        self.batch = batch
        self.endpoint = endpoint
        self.store = store
        self.budget = budget
        self.tally = Collected()
        self.request = ChatRequest(endpoint.settings, batch.parameters, by_schema=by_schema)
        self.now = datetime.now(UTC)
        self.open: dict[str, Ask] = store.batch_asks(batch)
        self.failed: dict[str, Ask] = {}
        self.earlier: Mapping[tuple[str, int], tuple[FailedAttempt, ...]] = store.attempts_before(batch)
        self.answered_before = store.stored(batch.respondent)

    def store_lines(self, lines: list[bytes]) -> None:
        """Store the outcomes of some lines; an answer goes before a failure of the same ask, whichever came first."""
        results: dict[str, BatchResult] = {}
        readable = list(self._readable(lines))
        bodies = self.store.batch_bodies(self.batch, [custom_id for custom_id, _ in readable])
        for custom_id, said in readable:
            ask = self.open.get(custom_id) or self.failed.get(custom_id)
            if ask is None or (custom_id in self.failed and not isinstance(said, Answered)):
                self.tally.unreadable += 1
                continue
            self.open.pop(custom_id, None)
            if isinstance(said, Answered):
                self.tally.failed -= self.failed.pop(custom_id, None) is not None
                results[custom_id] = self._answered(custom_id, ask, said, bodies[custom_id])
            elif isinstance(said, Refused):
                self.failed[custom_id] = ask
                results[custom_id] = self._refused(custom_id, ask, said, bodies[custom_id])
            else:
                results[custom_id] = self._not_asked(custom_id, ask, said)
        self._keep(list(results.values()))

    def settle_unanswered(self, remote: RemoteBatch) -> None:
        """Give an outcome to the asks of which nothing came back."""
        results = []
        for custom_id, ask in self.open.items():
            if remote.status in ("expired", "cancelled"):
                said = NotAsked("expired" if remote.status == "expired" else "cancelled")
                results.append(self._not_asked(custom_id, ask, said))
            else:
                failed = FailedAttempt("broken_answer", "the files of the batch hold no line for this request")
                results.append(self._failed(custom_id, ask, failed, again=True))
        rest = iter(results)
        while group := list(islice(rest, LINES_AT_A_TIME)):
            self._keep(group)

    def _readable(self, lines: list[bytes]) -> Iterator[tuple[str, Answered | Refused | NotAsked]]:
        for line in lines:
            try:
                yield read_line(
                    line,
                    self.endpoint.secrets,
                    model_asked=self.endpoint.settings.model,
                    max_tokens=token_limit(self.batch.parameters),
                    adapted=self.batch.adaptations,
                )
            except UnreadableLine:
                self.tally.unreadable += 1

    def _answered(self, custom_id: str, ask: Ask, said: Answered, body: str) -> BatchResult:
        sent = self.batch.submitted_at or self.batch.planned_at
        asked_at = said.created if said.created is not None and sent <= said.created <= self.now else sent
        earlier = self._earlier_attempts(ask)
        ours = {"batch": self.batch.batch_id, "custom_id": custom_id}
        reply = replace(said.reply, provenance={**said.reply.provenance, **ours}, request=body)
        self.tally.answered += 1
        self.budget.settle(ask.respondent, 0.0, reply)
        return BatchResult(custom_id, Response(ask, reply, asked_at, len(earlier) + 1, earlier))

    def _refused(self, custom_id: str, ask: Ask, said: Refused, body: str) -> BatchResult:
        if said.refusal is not None and '"image_url"' in body:
            said = replace(said, failed=failed_with_pictures(said.refusal, said.failed))
        again = said.failed.kind in RETRYABLE
        if said.refusal is not None and self.request.adapt(said.refusal, self.batch.parameters):
            again = True
        return self._failed(custom_id, ask, said.failed, again=again)

    def _not_asked(self, custom_id: str, ask: Ask, said: NotAsked) -> BatchResult:
        if said.why == "expired":
            failed = FailedAttempt("timeout", "the batch expired before this request was answered")
            return self._failed(custom_id, ask, failed, again=True)
        self.tally.withdrawn += 1
        return BatchResult(custom_id, None)

    def _failed(self, custom_id: str, ask: Ask, failed: FailedAttempt, *, again: bool) -> BatchResult:
        self.tally.failed += 1
        attempts = (*self._earlier_attempts(ask), replace(failed, at=self.now))
        if (ask.question_id, ask.round) in self.answered_before:
            return BatchResult(custom_id, None)
        failure = ResponseFailure(ask, failed.kind, failed.message, self.now, len(attempts), attempts)
        return BatchResult(custom_id, failure, again)

    def _earlier_attempts(self, ask: Ask) -> tuple[FailedAttempt, ...]:
        return self.earlier.get((ask.question_id, ask.round), ())

    def _keep(self, results: list[BatchResult]) -> None:
        self.tally.new += self.store.keep_batch_results(self.batch, results)
