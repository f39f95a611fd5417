"""Submitting batches so that a kill at any moment neither submits one twice nor loses one that was paid for.

A batch is written down with every body before anything is sent, then its file is sent, then it is made, under our own
id. Where the answer to that last step is not known, the provider's list is looked through for the id before anything is
sent again.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO, cast

from samp_eval.errors import CannotAsk, CannotStore
from samp_eval.input_files.picture import PlainPicture
from samp_eval.run.batch.openai_batches import BatchEndpoint, BatchUnavailable, RemoteBatch
from samp_eval.run.batch.records import BatchAsk, BatchStore, KeptBatch, NewBatch
from samp_eval.run.batch.request_lines import custom_id_of, request_line
from samp_eval.run.cost.prices import Budget
from samp_eval.run.pictures import with_contents
from samp_eval.run.providers.chat_request import ChatRequest
from samp_eval.run.respondent import Ask, Message

__all__ = ["new_batches", "resume", "send"]

ENDPOINT = "/v1/chat/completions"
METADATA_KEY = "samp_eval_batch"
"""The metadata under which the provider keeps our id."""

MAX_ASKS = 50_000
MAX_BYTES = 200_000_000
"""The provider's limits for one batch."""

SECONDS_UNTIL_LISTED = 30.0
"""So long after a batch was sent, one that the provider does not list was not made."""


def new_batches(
    respondent: str,
    asks: Iterable[Ask],
    compose: Callable[[Ask], Sequence[Message]],
    request: ChatRequest,
    without_key: Callable[[str], str],
    budget: Budget,
    max_asks: int | None,
    pictures: Mapping[str, PlainPicture],
) -> Iterator[NewBatch]:
    """Put asks into as few batches as the limits allow; asks end where the budget does.

    Parameters
    ----------
    max_asks : int or None
        The provider's queue has room for so many.
    pictures : mapping
        By hash; the file that is sent holds them, the batch as it is kept only refers to them.
    """
    lines: list[BatchAsk] = []
    digest, size, reserved = hashlib.sha256(), 0, 0.0

    def batch() -> NewBatch:
        return NewBatch(
            uuid.uuid4().hex,
            respondent,
            ENDPOINT,
            tuple(lines),
            request.parameters,
            tuple(request.adaptations),
            reserved,
            digest.hexdigest(),
        )

    for ask in asks:
        messages = compose(ask)
        cost = budget.upper_bound(respondent, messages)
        if not budget.set_aside(cost):
            break
        body = without_key(request.body(messages, ask.sampling_seed, ask.answer_schema))
        batch_ask = BatchAsk(custom_id_of(ask), ask, body)
        line = request_line(batch_ask.custom_id, ENDPOINT, with_contents(batch_ask.body, pictures))
        if lines and (len(lines) == min(max_asks or MAX_ASKS, MAX_ASKS) or size + len(line) > MAX_BYTES):
            yield batch()
            lines, digest, size, reserved = [], hashlib.sha256(), 0, 0.0
        lines.append(batch_ask)
        digest.update(line)
        size += len(line)
        reserved += cost
    if lines:
        yield batch()


def send(
    batch: KeptBatch, endpoint: BatchEndpoint, store: BatchStore, pictures: Mapping[str, PlainPicture]
) -> KeptBatch:
    """Send a batch that is written down, from where it was left.

    Raises
    ------
    BatchUnavailable
        Later the same batch is gone on with.
    CannotAsk
        The provider does not want it; its asks are free again.
    """
    try:
        if batch.file_id is None:
            batch = store.change_batch(batch, file_id=_send_file(batch, endpoint, store, pictures))
        batch = store.change_batch(batch, state="sending", sent_at=datetime.now(UTC))
        metadata = {METADATA_KEY: batch.id, "respondent": batch.respondent, "asks": str(batch.asks)}
        remote = endpoint.submit(batch.file_id or "", batch.endpoint, metadata)
    except BatchUnavailable as error:
        if error.rejected:
            store.change_batch(batch, state="planned")
        raise
    except CannotAsk:
        store.change_batch(batch, state="refused")
        raise
    return _submitted(batch, remote, store)


def resume(
    batch: KeptBatch,
    endpoint: BatchEndpoint,
    store: BatchStore,
    pictures: Mapping[str, PlainPicture],
    *,
    cancel: bool,
    notify: Callable[[str], None],
) -> KeptBatch | None:
    """Go on with a batch that an earlier command wrote down and did not see submitted; None where that must wait.

    Parameters
    ----------
    cancel : bool
        Give it up, unless the provider has it.
    """
    if batch.state == "sending":
        remote = endpoint.find(METADATA_KEY, batch.id, batch.file_id)
        if remote is not None:
            return _submitted(batch, remote, store)
        if batch.sent_at is not None and datetime.now(UTC) - batch.sent_at < timedelta(seconds=SECONDS_UNTIL_LISTED):
            notify(f"{batch.respondent}: whether the provider took a batch shows in half a minute; come back then")
            return None
    if cancel:
        store.change_batch(batch, state="withdrawn", ended_at=datetime.now(UTC))
        notify(f"{batch.respondent}: a batch of {batch.asks:,} requests that had not been sent was withdrawn")
        return None
    return send(batch, endpoint, store, pictures)


def _submitted(batch: KeptBatch, remote: RemoteBatch, store: BatchStore) -> KeptBatch:
    return store.change_batch(
        batch,
        state="submitted",
        submitted_at=batch.sent_at,
        batch_id=remote.batch_id,
        status=remote.status,
        completed=remote.completed,
        failed=remote.failed,
    )


def _send_file(
    batch: KeptBatch, endpoint: BatchEndpoint, store: BatchStore, pictures: Mapping[str, PlainPicture]
) -> str:
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as file:
        for batch_ask in store.batch_file(batch):
            line = request_line(batch_ask.custom_id, batch.endpoint, with_contents(batch_ask.body, pictures))
            digest.update(line)
            file.write(line)
        if digest.hexdigest() != batch.file_sha256:
            raise CannotStore(
                f"a batch of {batch.respondent} is not as it was planned: study.db was changed; "
                "withdraw it with --batch --cancel"
            )
        file.seek(0)
        return endpoint.send_file(f"samp-eval-{batch.id}.jsonl", cast(IO[bytes], file))
