"""Where a model is asked: its address, the NAMES of the variables that hold secrets, headers, limits.

A file never holds a secret: anything in a study file that looks like one is refused with the remedy and never printed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "LOCAL",
    "Endpoint",
    "address_problem",
    "is_local",
    "is_loopback",
    "looks_secret",
    "secrets_written",
    "server_of",
]

LOCAL = "local"
"""The name of the embedded model."""

OPENAI_ADDRESS = "https://api.openai.com/v1"

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=120)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$", max_length=120)]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]+$", max_length=500)]

_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|nvapi|glpat)-[A-Za-z0-9_\-]{12,}|\bhf_[A-Za-z]{20,}|\bAIza[\w\-]{20,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{8,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}"
)
"""Keys of models, of Amazon, GitHub, GitLab and Slack, and JSON web tokens."""
_AUTHORIZATION = re.compile(r"(?:Bearer|Basic)\s+\S", re.I)
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_\-]{28,}")
_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|credential|token|(?:^|[-_])api[-_]?key|subscription-key|[-_]key$|^key$",
    re.I,
)
_SECRET_HEADER = re.compile(r"(?:^|-)(?:auth|pass|pwd|pin|sig|signature|session|user)(?:-|$)", re.I)
_PLAIN_HEADERS = frozenset(
    {
        "accept",
        "accept-language",
        "anthropic-beta",
        "anthropic-version",
        "api-version",
        "content-type",
        "http-referer",
        "openai-beta",
        "openai-organization",
        "openai-project",
        "referer",
        "user-agent",
        "x-title",
    }
)
"""Headers whose values are no secrets whatever they look like."""
_LIKE_A_PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[^\s/.,;:=]{6,}")
"""Letters and digits in one word, ``hunter2``. A team's name may look so too; it can stand in a variable as well."""
_NOT_SECRET = frozenset({"api_key_env", "max_tokens", "tokens_per_minute"})

_REMEDY = "put the secret into an environment variable, and only the variable's name into the file: {how}"


def is_local(model: str) -> bool:
    """Whether a model's name means a file served on this machine: ``local`` or ``local:PATH.gguf``."""
    return model == LOCAL or model.startswith(f"{LOCAL}:")


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine, so that nothing sent there leaves it."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def server_of(address: str | None) -> str:
    """The server behind an address, ``https://api.example.org``; OpenAI's own if there is no address."""
    parts = urlsplit(address or OPENAI_ADDRESS)
    return f"{parts.scheme}://{parts.netloc}".lower()


class Endpoint(BaseModel):
    """An OpenAI-compatible server, as ``[endpoints.NAME]`` of a study file describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str | None = Field(default=None, description="OpenAI-compatible address. Default: the provider's own.")
    api_key_env: VariableName = Field(
        default="OPENAI_API_KEY",
        description="Name of the variable that holds the key, never the key itself; OpenAI and Azure use the default.",
    )
    api_version: str | None = Field(
        default=None, description="Azure's api-version; if it is set, base_url is the address of the resource."
    )
    headers: dict[HeaderName, HeaderValue] = Field(default={}, description="Additional headers that are not secret.")
    headers_env: dict[HeaderName, VariableName] = Field(
        default={}, description="Additional headers with secret values: the names of the variables that hold them."
    )
    timeout_seconds: float = Field(
        default=120.0, gt=0, le=86_400, description="Maximum wait for one attempt, in seconds."
    )
    concurrency: int | None = Field(
        default=None, ge=1, le=10_000, description="Number of simultaneous requests to the server; adapts if empty."
    )
    requests_per_minute: float | None = Field(default=None, gt=0, description="Maximum number of requests per minute.")
    tokens_per_minute: float | None = Field(default=None, gt=0, description="Maximum number of tokens per minute.")


def address_problem(address: str) -> str | None:
    """The problem with a base URL, without repeating the URL; None if there is none."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        return "the base URL is not an address like http://localhost:8000/v1"
    if parts.username or parts.password:
        return (
            "the base URL contains a user name or password, which would be stored with the study; put the secret into "
            "an environment variable, which --api-key-env or api_key_env names, and leave it out of the URL"
        )
    if parts.query or parts.fragment:
        return (
            "the base URL contains a query, which might hold a secret; remove it: Azure's api-version is "
            "api_version in study.toml, and --api-key-env or api_key_env names the environment variable with a key"
        )
    return None


def looks_secret(text: str) -> bool:
    """Whether a name or a header's value looks like a key or token."""
    return bool(_KEY.search(text) or _AUTHORIZATION.match(text.strip()) or _RANDOM.fullmatch(text.strip()))


def secrets_written(content: Any, place: Sequence[str | int] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Place and problem of everything in a study file that looks like a secret; the secret itself is not repeated."""
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from _named(str(name), value, (*place, str(name)))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from secrets_written(value, (*place, number))
    elif isinstance(content, str) and _KEY.search(content):
        yield tuple(place), _problem(place, "this looks like a key")


def _named(name: str, value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    in_headers = len(place) > 1 and place[-2] == "headers"
    if name == "api_key_env" and isinstance(value, str) and looks_secret(value):
        yield place, "this looks like a key itself; give the name of the environment variable that holds it"
    elif name == "base_url" and isinstance(value, str) and (problem := address_problem(value)):
        yield place, problem
    elif "headers_env" in place[-2:] or name in _NOT_SECRET:
        if isinstance(value, str) and looks_secret(value):
            yield place, "this looks like a secret; give the name of the environment variable that holds it"
        elif isinstance(value, Mapping):
            yield from secrets_written(value, place)
    elif isinstance(value, str) and (_SECRET_NAME.search(name) or (in_headers and _secret_header(name, value))):
        yield place, _problem(place, "this file must not contain secrets")
    else:
        yield from secrets_written(value, place)


def _secret_header(name: str, value: str) -> bool:
    """Whether a header's value may be a secret; of a header that we do not know, any single word like a password."""
    if looks_secret(value) or _SECRET_HEADER.search(name):
        return True
    return name.lower() not in _PLAIN_HEADERS and bool(_LIKE_A_PASSWORD.fullmatch(value.strip()))


def _problem(place: Sequence[str | int], what: str) -> str:
    in_headers = len(place) > 1 and place[-2] == "headers"
    how = (
        f'headers_env = {{ "{place[-1]}" = "NAME_OF_A_VARIABLE" }}' if in_headers else 'api_key_env = "OPENAI_API_KEY"'
    )
    return f"{what}; {_REMEDY.format(how=how)}"
