"""openai's client for a respondent's endpoint: OpenAI itself, Azure in both its ways, or any compatible server."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx2
import openai

from samp_eval.endpoint import OPENAI_ADDRESS
from samp_eval.input_files.limits import MAX_LISTING_BYTES, megabytes
from samp_eval.run.providers.credentials import secret_headers
from samp_eval.run.providers.http_session import proxy_for
from samp_eval.study import RespondentSettings

__all__ = ["blocking_client_for", "client_for", "request_head"]

# at debug level, which OPENAI_LOG sets, the client prints headers as they are sent and received
logging.getLogger("openai").setLevel(logging.WARNING)


def client_for(settings: RespondentSettings, api_key: str, **options: Any) -> openai.AsyncOpenAI:
    """The client that addresses and authenticates requests to a respondent.

    With ``api_version`` the endpoint is Azure's: the resource's address gets Azure's own paths and its ``api-key``
    header; an address that ends in ``/v1``, Azure's newer way, only the ``api-version`` query.

    Parameters
    ----------
    options
        Passed on: the HTTP client, the time-out.
    """
    arguments = _arguments(settings, api_key, options)
    return openai.AsyncAzureOpenAI(**arguments) if "azure_endpoint" in arguments else openai.AsyncOpenAI(**arguments)


def blocking_client_for(settings: RespondentSettings, api_key: str, **options: Any) -> openai.OpenAI:
    """The same client for few requests, one after another: files and batches. Use it as a context manager.

    Redirects are not followed, so that a key or a file goes nowhere but where it was meant to go; an answer is read up
    to the limit, except for the content of a file, which is read line by line.
    """
    address = settings.base_url or OPENAI_ADDRESS
    http_client = httpx2.Client(
        follow_redirects=False,
        trust_env=False,
        proxy=proxy_for(address),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_limit_answer]},
    )
    arguments = _arguments(settings, api_key, {"http_client": http_client, **options})
    return openai.AzureOpenAI(**arguments) if "azure_endpoint" in arguments else openai.OpenAI(**arguments)


def _limit_answer(answer: httpx2.Response) -> None:
    """Have an answer's body be read up to the limit, and not at all if it is compressed all the same."""
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise httpx2.DecodingError(f"it is compressed as {encoding[:40]}, which was not asked for")
    if not answer.request.url.path.endswith("/content"):
        answer.stream = _LimitedStream(cast(httpx2.SyncByteStream, answer.stream))


class _LimitedStream(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MAX_LISTING_BYTES:
                raise httpx2.DecodingError(f"it is larger than {megabytes(MAX_LISTING_BYTES)}")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _arguments(settings: RespondentSettings, api_key: str, options: Mapping[str, Any]) -> dict[str, Any]:
    headers = {**settings.headers, **secret_headers(settings)}
    common = {"api_key": api_key, "max_retries": 0, "default_headers": headers, **options}
    address = settings.base_url
    if settings.api_version is None or address is None:
        return {"base_url": address, **common}
    if address.endswith("/v1"):
        return {"base_url": address, "default_query": {"api-version": settings.api_version}, **common}
    return {"azure_endpoint": address.removesuffix("/openai"), "api_version": settings.api_version, **common}


async def request_head(settings: RespondentSettings, api_key: str) -> tuple[str, dict[str, str]]:
    """Address and headers, authentication included, of a respondent's requests as the client makes them.

    Nothing is sent: the client hands its request to a transport that only keeps it.
    """
    recorder = _Recorder()
    http_client = httpx2.AsyncClient(transport=recorder, trust_env=False)
    async with client_for(settings, api_key, http_client=http_client) as client:
        await client.post("/chat/completions", cast_to=httpx2.Response, body={"model": settings.model})
    (request,) = recorder.requests
    return str(request.url), dict(request.headers)


class _Recorder(httpx2.AsyncBaseTransport):
    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, json={})
