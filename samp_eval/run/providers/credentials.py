"""Where a respondent is asked, and which secrets of the environment go there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from samp_eval.endpoint import address_problem
from samp_eval.errors import CannotAsk
from samp_eval.run.providers.known_providers import known_provider
from samp_eval.study import RespondentSettings, Study

__all__ = [
    "address_fields",
    "api_key_for",
    "base_url_for",
    "secret_headers",
    "secrets_of",
    "withheld_key_notice",
]

OPENAI_KEY = "OPENAI_API_KEY"
NO_KEY = "none"


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


def address_fields(fields: Mapping[str, Any], study: Study, given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a respondent with those of its endpoint as its own.

    Parameters
    ----------
    fields : mapping
        What the respondent itself says.
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
    own = dict(fields)
    if given:
        left_behind = {"base_url", "endpoint"}
        if any(own.get(field) not in (None, given.get(field)) for field in ("base_url", "endpoint")):
            left_behind |= {"api_key_env", "headers_env"}
        own = {field: value for field, value in own.items() if field not in left_behind} | dict(given)
    endpoint = study.endpoint(own.pop("endpoint", None))
    whole = {**endpoint.model_dump(exclude_unset=True), **own}
    return {**whole, "base_url": base_url_for(whole.get("base_url"))}


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
    if key and (named or _gets_openai_key(settings.base_url)):
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
        _host(settings.base_url)
        for settings in respondents
        if settings.base_url
        and "api_key_env" not in settings.model_fields_set
        and not _gets_openai_key(settings.base_url)
    ]
    if not hosts:
        return None
    return (
        f"{OPENAI_KEY} is not sent to {', '.join(dict.fromkeys(hosts))}: if a key is needed there, name the variable "
        f"that holds it with --api-key-env NAME (--api-key-env {OPENAI_KEY} for this one), or as api_key_env in "
        "study.toml"
    )


def _gets_openai_key(address: str | None) -> bool:
    """Whether an address is OpenAI's or Azure's own, where nobody else can read the key."""
    provider = known_provider(address)
    return provider is not None and OPENAI_KEY in provider.key_variables


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
