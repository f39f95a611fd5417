"""The Batch API of an OpenAI-compatible provider, through openai's client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Self

import httpx2
import openai
from openai.types import Batch

from samp_eval.errors import CannotAsk
from samp_eval.input_files.limits import MAX_ANSWER_BYTES, megabytes
from samp_eval.run.providers.credentials import secrets_of
from samp_eval.run.providers.openai_client import blocking_client_for
from samp_eval.run.secret_remover import SecretRemover
from samp_eval.study import RespondentSettings

__all__ = ["BatchEndpoint", "RemoteBatch", "BatchUnavailable", "BatchNotFound"]

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
NO_SUCH_ENDPOINT = frozenset({404, 405, 501})
SECONDS_FOR_A_FILE = 600.0
QUEUE_FULL = "token_limit_exceeded"
MAX_BATCHES_LISTED = 100_000
RETRIES = 4
GOES_ON = "nothing is lost, and the same command goes on from here"


class BatchUnavailable(CannotAsk):
    """The provider could not be reached, is overloaded, or its answer was lost: later it may go well.

    ``rejected`` is whether it answered that it did not do what it was asked.
    """

    def __init__(self, message: str, *, rejected: bool = False) -> None:
        super().__init__(message)
        self.rejected = rejected


class BatchNotFound(CannotAsk):
    """The provider does not know a batch or a file by this id."""


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """A batch as the provider describes it.

    Attributes
    ----------
    status : str
        ``validating``, ``in_progress``, ``finalizing``, ``completed``, ``failed``, ``expired``, ``cancelling`` or
        ``cancelled``.
    completed, failed : int
        Asks so far.
    files : tuple of str
        Output and error file, where there are any.
    errors : tuple of str
        Why the provider did not accept it, without keys.
    queue_full : bool
        It did not, because too many tokens were waiting already.
    """

    batch_id: str
    status: str
    completed: int
    failed: int
    files: tuple[str, ...]
    errors: tuple[str, ...]
    queue_full: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in ENDED


class BatchEndpoint:
    """Files and batches of one respondent's provider. Use as a context manager.

    Parameters
    ----------
    settings : RespondentSettings
    api_key : str
        Sent to the provider, never kept.
    """

    def __init__(self, settings: RespondentSettings, api_key: str) -> None:
        self.settings = settings
        self.secrets = SecretRemover(secrets_of(settings, api_key))
        self._client = blocking_client_for(
            settings,
            api_key,
            max_retries=RETRIES,
            timeout=httpx2.Timeout(SECONDS_FOR_A_FILE, connect=30.0, read=settings.timeout_seconds),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def where(self) -> str:
        """The address that is asked."""
        return str(self._client.base_url).rstrip("/")

    def check(self) -> None:
        """See that there is a Batch API and that the key is taken; nothing is made.

        Raises
        ------
        CannotAsk
        """
        with self._errors("the Batch API cannot be used"):
            page = self._client.with_options(max_retries=1).batches.list(limit=1)
        if not isinstance(getattr(page, "data", None), list):
            raise CannotAsk(f"{self.settings.id}: {self.where} has no Batch API that can be read; ask without --batch")

    def send_file(self, name: str, content: IO[bytes]) -> str:
        """Upload a batch's file and return the provider's id of it."""
        with self._errors("the batch's file cannot be sent"):
            made = self._client.files.create(file=(name, content, "application/jsonl"), purpose="batch")
        if not isinstance(getattr(made, "id", None), str):
            raise CannotAsk(f"{self.settings.id}: {self.where} takes no files that can be read; ask without --batch")
        return made.id

    def submit(self, file_id: str, endpoint: str, metadata: Mapping[str, str]) -> RemoteBatch:
        """Have a batch made of a file; tried once, so that it is never made twice.

        Raises
        ------
        BatchUnavailable
            Where the provider may have it nevertheless, unless it said no.
        CannotAsk
            Where it does not want it.
        """
        once = self._client.with_options(max_retries=0)
        with self._errors("the batch cannot be submitted"):
            made = once.batches.create(
                completion_window="24h",
                endpoint=endpoint,  # type: ignore[arg-type]  # a list of words there, a plain string here
                input_file_id=file_id,
                metadata=dict(metadata),
            )
            return self._remote(made)

    def find(self, name: str, value: str, file_id: str | None) -> RemoteBatch | None:
        """The batch that carries this metadata, or was made of this file; None where there is none."""
        with self._errors("the provider's batches cannot be listed"):
            for number, batch in enumerate(self._client.batches.list(limit=100)):
                if number == MAX_BATCHES_LISTED:
                    raise CannotAsk(f"{self.settings.id}: {self.where} lists batches without end")
                metadata = getattr(batch, "metadata", None)
                ours = isinstance(metadata, dict) and metadata.get(name) == value
                if ours or (file_id is not None and getattr(batch, "input_file_id", None) == file_id):
                    return self._remote(batch)
        return None

    def retrieve(self, batch_id: str) -> RemoteBatch:
        """The present state of a batch."""
        with self._errors(f"the batch {batch_id} cannot be looked up"):
            return self._remote(self._client.batches.retrieve(batch_id))

    def cancel(self, batch_id: str) -> RemoteBatch:
        """Have a batch cancelled, which takes some minutes; what is finished by then stays."""
        with self._errors(f"the batch {batch_id} cannot be cancelled"):
            return self._remote(self._client.batches.cancel(batch_id))

    def lines(self, file_id: str) -> Iterator[bytes]:
        """The lines of a result file, as they arrive."""
        with (
            self._errors(f"the result file {file_id} cannot be read"),
            self._client.files.with_streaming_response.content(file_id) as response,
        ):
            rest = bytearray()
            # by bytes: the client's own lines end at U+2028 too, which may stand inside a string
            for chunk in response.iter_bytes():
                first, *others = chunk.split(b"\n")
                rest += first
                for begun in others:
                    if rest.strip():
                        yield bytes(rest)
                    rest = bytearray(begun)
                if len(rest) > MAX_ANSWER_BYTES:
                    raise CannotAsk(
                        f"{self.settings.id}: a line of the result file {file_id} is longer than "
                        f"{megabytes(MAX_ANSWER_BYTES)}"
                    )
            if rest.strip():
                yield bytes(rest)

    def _remote(self, batch: Batch) -> RemoteBatch:
        """Read a server's description of a batch; servers leave out what they do not know."""
        batch_id, status = getattr(batch, "id", None), getattr(batch, "status", None)
        if not (isinstance(batch_id, str) and batch_id and isinstance(status, str)):
            raise BatchUnavailable(f"{self.settings.id}: what {self.where} says of a batch cannot be read; {GOES_ON}")
        counts = getattr(batch, "request_counts", None)
        errors = getattr(getattr(batch, "errors", None), "data", None) or []
        files = (getattr(batch, "output_file_id", None), getattr(batch, "error_file_id", None))
        return RemoteBatch(
            batch_id=batch_id,
            status=status,
            completed=_number(counts, "completed"),
            failed=_number(counts, "failed"),
            files=tuple(file_id for file_id in files if isinstance(file_id, str) and file_id),
            errors=tuple(self._reason(error) for error in errors),
            queue_full=any(getattr(error, "code", None) == QUEUE_FULL for error in errors),
        )

    def _reason(self, error: object) -> str:
        said = getattr(error, "message", None) or getattr(error, "code", None) or "no reason given"
        line = getattr(error, "line", None)
        return self.secrets.anything_alike(f"{said} (line {line})" if line else str(said))[:500]

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        who = self.settings.id
        try:
            yield
        except openai.APIStatusError as error:
            if error.status_code in NO_SUCH_ENDPOINT and "Batch API" in what:
                raise CannotAsk(
                    f"{who}: {self.where} has no Batch API (HTTP {error.status_code}); ask without --batch"
                ) from error
            if 300 <= error.status_code < 400:
                elsewhere = error.response.headers.get("location", "another address").split("?")[0]
                raise CannotAsk(
                    f"{who}: {what} (HTTP {error.status_code}: the server sends us to {elsewhere}, where no key and no "
                    "file is sent; give the right address with --base-url)"
                ) from error
            said = error.body.get("message") if isinstance(error.body, dict) else None
            reason = self.secrets.anything_alike(f"HTTP {error.status_code}: {said or error.message}")[:500]
            if error.status_code == 404:
                raise BatchNotFound(f"{who}: {what} ({reason})") from error
            if error.status_code in (408, 429) or error.status_code >= 500:
                rejected = error.status_code == 429
                raise BatchUnavailable(f"{who}: {what} ({reason}); {GOES_ON}", rejected=rejected) from error
            raise CannotAsk(f"{who}: {what} ({reason})") from error
        except (openai.APIError, httpx2.HTTPError, json.JSONDecodeError) as error:
            reason = self.secrets.anything_alike(str(error.__cause__ or error))[:500]
            raise BatchUnavailable(f"{who}: {what} ({reason}); {GOES_ON}") from error


def _number(counts: object, name: str) -> int:
    value = getattr(counts, name, 0)
    return value if isinstance(value, int) else 0
