"""One address, posted to again and again on kept connections.

openai's client builds every request anew, which costs it four times what sending costs; it is the same request with
another body each time. So the client addresses and authenticates once, and this session repeats that.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2
from yarl import URL

from samp_eval.endpoint import is_loopback
from samp_eval.input_files.limits import MAX_ANSWER_BYTES, megabytes

__all__ = ["CannotReach", "HttpAnswer", "HttpSession", "NoAnswerInTime", "UnreadableAnswer"]

_SET_BY_THE_SESSION = frozenset({"accept-encoding", "connection", "content-length", "host"})
_COMPRESSIONS = "gzip, deflate"
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15
"""What zlib calls the forms: some servers send deflate without the header that it should have."""


class CannotReach(Exception):
    """The connection could not be made, or ended before the whole answer had come."""


class NoAnswerInTime(Exception):
    """The whole answer had not come in time."""


class UnreadableAnswer(Exception):
    """The answer is larger than the limit, or compressed in a way that was not asked for."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer of a server; the names of ``headers`` compare without regard to case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class HttpSession:
    """Posts bodies to one address. Use as an async context manager, inside the loop that asks.

    Parameters
    ----------
    address : str
    headers : mapping
        Sent with every body.
    connections : int
        How many are kept open.
    seconds : float
        Longest wait for a whole answer.

    Notes
    -----
    Redirects are not followed, so that a key goes nowhere but where it was meant to go. Proxies are those of the
    environment, and never stand between this machine and itself.
    """

    def __init__(self, address: str, headers: Mapping[str, str], *, connections: int, seconds: float) -> None:
        self._url = URL(address, encoded=True)
        secure = httpx2.create_ssl_context() if self._url.scheme == "https" else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ssl=secure),
            headers={
                **{name: value for name, value in headers.items() if name.lower() not in _SET_BY_THE_SESSION},
                "Accept-Encoding": _COMPRESSIONS,
            },
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=seconds),
            proxy=proxy_for(address),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await asyncio.sleep(0)  # connections close in the loop's next turn

    async def post(self, content: bytes) -> HttpAnswer:
        """Send a body and have the whole answer, whatever its status.

        Raises
        ------
        NoAnswerInTime
        CannotReach
            With the reason.
        UnreadableAnswer
            With the reason.
        """
        try:
            async with self._session.post(self._url, data=content, allow_redirects=False) as answer:
                received = bytearray()
                async for chunk in answer.content.iter_any():
                    received += chunk
                    if len(received) > MAX_ANSWER_BYTES:
                        raise UnreadableAnswer(_TOO_LARGE)
                unpacked = _unpacked(bytes(received), answer.headers.get("Content-Encoding", ""))
                return HttpAnswer(answer.status, answer.headers, unpacked)
        except TimeoutError as error:
            raise NoAnswerInTime from error
        except aiohttp.ClientConnectorError as error:
            raise CannotReach(f"{error.host}, port {error.port}: {_reason(error.os_error)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise CannotReach(str(error) or type(error).__name__) from error


_TOO_LARGE = f"the server's answer is larger than {megabytes(MAX_ANSWER_BYTES)}"


def _unpacked(received: bytes, encoding: str) -> bytes:
    """A body without its compression, and never more of it than the limit."""
    if encoding.lower() in ("", "identity"):
        return received
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableAnswer(f"the server's answer is compressed as {encoding[:40]}, which was not asked for")
    if encoding.lower() != "deflate":
        return _inflated(received, _GZIP)
    try:
        return _inflated(received, _ZLIB)
    except UnreadableAnswer:
        return _inflated(received, _RAW_DEFLATE)


def _inflated(received: bytes, form: int) -> bytes:
    unpacker = zlib.decompressobj(form)
    try:
        unpacked = unpacker.decompress(received, MAX_ANSWER_BYTES)
    except zlib.error as error:
        raise UnreadableAnswer(f"the server's answer cannot be unpacked: {error}") from error
    if unpacker.unconsumed_tail:
        raise UnreadableAnswer(_TOO_LARGE)
    if not unpacker.eof:
        raise UnreadableAnswer("the server's answer cannot be unpacked: its end is missing")
    return unpacked


def proxy_for(address: str) -> str | None:
    """The proxy that the environment names for an address; none for this machine itself."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    return None if proxy is None or is_loopback(address) or proxy_bypass(host) else proxy


def _reason(error: OSError) -> str:
    number = error.errno or 0
    return os.strerror(number) if number > 0 else error.strerror or str(error)
