"""openai's client for a respondent's endpoint: OpenAI itself, Azure in both its ways, or any compatible server."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from samp_eval.endpoint import address_problem
from samp_eval.errors import CannotAsk
from samp_eval.study import RespondentSettings, Study

__all__ = [
    "addressed",
    "api_key_for",
    "base_url_for",
    "blocking_client_for",
    "client_for",
    "withheld_key_notice",
    "request_head",
    "secret_headers",
    "secrets_of",
]

OPENAI_KEY = "OPENAI_API_KEY"
NO_KEY = "none"

PROVIDERS = (
    "openai.com",
    "openai.azure.com",
    "openai.azure.us",
    "cognitiveservices.azure.com",
    "services.ai.azure.com",
)
"""Whose hosts get ``OPENAI_API_KEY`` unasked. Not all of azure.com: below cloudapp.azure.com anyone has a host."""

# at debug level, which OPENAI_LOG sets, the client prints headers as they are sent and received
logging.getLogger("openai").setLevel(logging.WARNING)


def base_url_for(given: str | None) -> str | None:
    """The endpoint: what was given, else ``OPENAI_BASE_URL``, else None for the provider's own.

    Raises
    ------
    CannotAsk
        Where it is no http address, or carries a user name, password or query, which would be stored with the study.
    """
    url = given or os.environ.get("OPENAI_BASE_URL") or None
    if url is None:
        return None
    problem = address_problem(url)
    if problem is not None:
        where = "--base-url or base_url in study.toml" if given else "the environment variable OPENAI_BASE_URL"
        raise CannotAsk(f"{problem}; correct {where}")
    return url.rstrip("/")


def addressed(settings: RespondentSettings, study: Study, given: Mapping[str, str]) -> RespondentSettings:
    """A respondent with its endpoint's fields as its own.

    Parameters
    ----------
    given : mapping
        ``base_url`` or ``endpoint`` of the command line, which go before the respondent's own and leave the key and the
        secret headers of its own address behind; the environment's ``OPENAI_BASE_URL`` comes last.

    Raises
    ------
    ValueError
        Where the study has no such endpoint.
    CannotAsk
        Where the address cannot be used.
    """
    own = settings.model_dump(exclude_unset=True)
    if given:
        left = {"base_url", "endpoint"}
        if any(own.get(field) not in (None, given.get(field)) for field in ("base_url", "endpoint")):
            left |= {"api_key_env", "headers_env"}
        own = {field: value for field, value in own.items() if field not in left} | dict(given)
    found = RespondentSettings.model_validate(own)
    found = found.at(study.endpoint(found.endpoint))
    return RespondentSettings.model_validate(
        {**found.model_dump(exclude_unset=True), "base_url": base_url_for(found.base_url)}
    )


def api_key_for(settings: RespondentSettings) -> str:
    """The key from the environment, or a placeholder for a server that no key is meant for.

    ``OPENAI_API_KEY`` goes to OpenAI and Azure unasked, and to another address only where ``api_key_env`` was set.

    Raises
    ------
    CannotAsk
        With the remedies, also where the variable of a header is not set.
    """
    secret_headers(settings)
    key = os.environ.get(settings.api_key_env, "").strip()
    named = "api_key_env" in settings.model_fields_set
    if key and (named or _is_provider(settings.base_url)):
        return key
    if named:
        raise CannotAsk(
            f"there is no API key for {settings.id}: set the environment variable {settings.api_key_env}, which "
            "--api-key-env or api_key_env in study.toml names"
        )
    if settings.base_url is None:
        raise CannotAsk(
            f"there is no API key for {settings.model}: set the environment variable {OPENAI_KEY}, name another "
            "server with --base-url, or use the embedded model with --model local"
        )
    if settings.api_version is not None:
        raise CannotAsk(
            f"there is no API key for {settings.id}: name the environment variable that holds the key of "
            f"{_host(settings.base_url)} with --api-key-env NAME, or as api_key_env in study.toml"
        )
    return NO_KEY


def withheld_key_notice(respondents: Sequence[RespondentSettings]) -> str | None:
    """One sentence where ``OPENAI_API_KEY`` is set and not sent to an address, with what to do if it should be."""
    if not os.environ.get(OPENAI_KEY, "").strip():
        return None
    hosts = [
        _host(one.base_url)
        for one in respondents
        if one.base_url and "api_key_env" not in one.model_fields_set and not _is_provider(one.base_url)
    ]
    if not hosts:
        return None
    return (
        f"{OPENAI_KEY} is not sent to {', '.join(dict.fromkeys(hosts))}: if a key is needed there, name the variable "
        f"that holds it with --api-key-env NAME (--api-key-env {OPENAI_KEY} for this one), or as api_key_env in "
        "study.toml"
    )


def _is_provider(address: str | None) -> bool:
    """Whether an address is OpenAI's or Azure's own, where nobody can read the key on its way."""
    if address is None:
        return True
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    return parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in PROVIDERS)


def _host(address: str) -> str:
    return urlsplit(address).netloc


def secret_headers(settings: RespondentSettings) -> dict[str, str]:
    """Headers whose values stand in environment variables.

    Raises
    ------
    CannotAsk
        Naming the variable that is not set.
    """
    found = {}
    for header, variable in settings.headers_env.items():
        value = os.environ.get(variable, "").strip()
        if not value:
            raise CannotAsk(f"{settings.id}: set the environment variable {variable}, the value of the header {header}")
        found[header] = value
    return found


def secrets_of(settings: RespondentSettings, api_key: str) -> list[str]:
    """Everything sent that must never be kept or shown."""
    return [api_key, *secret_headers(settings).values()]


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
