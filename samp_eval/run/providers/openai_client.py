"""openai's client for a respondent's endpoint: OpenAI itself, Azure in both its ways, or any compatible server."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
import openai

from samp_eval.run.providers.credentials import secret_headers
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
    """The same client for few requests, one after another: files and batches."""
    arguments = _arguments(settings, api_key, options)
    return openai.AzureOpenAI(**arguments) if "azure_endpoint" in arguments else openai.OpenAI(**arguments)


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
