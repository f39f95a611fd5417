"""An OpenAI-compatible HTTP server of the tests' own: real sockets on loopback, real faults.

In a test::

    with OpenAIServer(lambda request: Say("fever")) as server:
        ...  # ask server.base_url; server.requests holds what arrived

As a process of its own, for benchmarks: ``python tests/openai_server.py --delay 0.05`` prints its base URL and serves
until its standard input closes; ``GET /counts`` tells how many requests arrived, and in how many seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

ANSWER = "1. Fever\n2. Cough"


@dataclass(frozen=True)
class Received:
    """A request as it arrived; ``number`` counts from 0, ``at`` is a monotonic time in seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    number: int
    at: float

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.content)
        return body

    @property
    def text(self) -> str:
        """What the model was asked: the last message."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Say:
    """A whole answer."""

    text: str | None = ANSWER
    delay: float = 0.0
    finish_reason: str = "stop"
    model: str | None = None
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10})


@dataclass(frozen=True)
class Status:
    """Any status with any body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Hang:
    """The request is read and never answered."""


@dataclass(frozen=True)
class Held:
    """The request is read, and answered once the server is released."""

    then: Answer = field(default_factory=lambda: Say())


@dataclass(frozen=True)
class Reset:
    """The connection is reset."""


@dataclass(frozen=True)
class CutBody:
    """Half of the body, then the end of the connection; a whole answer's body unless another is given."""

    content: bytes | None = None


@dataclass(frozen=True)
class SlowBody:
    """The body comes byte by byte, ``seconds`` between two."""

    seconds: float = 0.5


@dataclass(frozen=True)
class BrokenJson:
    """Status 200 and a body that is no JSON."""


Answer = Say | Status | Hang | Held | Reset | CutBody | SlowBody | BrokenJson
Answerer = Callable[[Received], Answer]

RETRYABLE_FAULTS: tuple[Answer, ...] = (
    Status(429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, {"retry-after": "0.01"}),
    Status(500, {"error": {"message": "oops"}}),
    Status(503, "overloaded"),
    Reset(),
    CutBody(),
    BrokenJson(),
    Say(""),
    Say(None),
)


def failing(
    share: float, faults: tuple[Answer, ...] = RETRYABLE_FAULTS, answer: Answer | None = None, seed: int = 1
) -> Answerer:
    """Answers of which a share fails, the faults in turns."""
    generator = random.Random(seed)

    def reply(request: Received) -> Answer:
        if generator.random() < share:
            return faults[generator.randrange(len(faults))]
        return answer or Say()

    return reply


def error(status: int, message: str, code: str | None = None, param: str | None = None) -> Status:
    """An error as OpenAI words it."""
    return Status(
        status, {"error": {"message": message, "type": "invalid_request_error", "code": code, "param": param}}
    )


class OpenAIServer:
    """Serves ``/v1/chat/completions`` in a thread while the context lasts."""

    def __init__(self, answer: Answerer | Answer | None = None, *, keep: bool = True, port: int = 0) -> None:
        self.answer: Answerer = answer if callable(answer) else (lambda _: answer or Say())
        self.requests: list[Received] = []
        self.count = 0
        self.answered = 0  # to whoever was still there
        self.in_flight = 0
        self.first_at = self.last_at = 0.0
        self.connections: set[_Connection] = set()
        self.release_when_held: int | None = None
        self._held: list[tuple[_Connection, Received, Held]] | None = []
        self.most_in_flight = 0
        self._keep = keep
        self._socket = socket.create_server(("127.0.0.1", port), backlog=2048)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Pull the plug: every connection ends where it is."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._socket.close()

    def release(self) -> None:
        """Answer what is held, and hold nothing from now on; ``release_when_held`` does so at that number."""
        self._loop.call_soon_threadsafe(self._answer_held)

    def hold(self, connection: _Connection, request: Received, answer: Held) -> bool:
        """Keep a request until the release; False after it."""
        if self._held is None:
            return False
        self._held.append((connection, request, answer))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if len(self._held) == self.release_when_held:
            self.release()
        return True

    def _answer_held(self) -> None:
        held, self._held = self._held or [], None
        for connection, request, answer in held:
            self.in_flight -= 1
            connection.respond(request, answer.then)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(lambda: _Connection(self), sock=self._socket))
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def counts(self) -> dict[str, float]:
        """How many requests arrived, and the seconds from the first to the last since this was read before."""
        seconds = self.last_at - self.first_at
        self.first_at = self.last_at = 0.0
        return {"asked": self.count, "most_in_flight": self.most_in_flight, "seconds": seconds}

    def received(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Received:
        request = Received(method, path, headers, content, self.count, time.monotonic())
        self.count += 1
        self.first_at, self.last_at = self.first_at or request.at, request.at
        if self._keep:
            self.requests.append(request)
        return request


class _Connection(asyncio.Protocol):
    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.buffer = bytearray()
        self.wanted = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a TCP server hands in no other
        self.server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) < self.wanted:
            return
        head, gap, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not gap:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            self.wanted = len(head) + len(gap) + length
            return
        self.buffer, self.wanted = bytearray(rest[length:]), 0
        method, path, _ = first.split(" ")
        if path == "/counts":
            self.send(200, self.server.counts(), {})
            return
        request = self.server.received(method, path, headers, rest[:length])
        self.respond(request, self.server.answer(request))

    def respond(self, request: Received, answer: Answer) -> None:
        server = self.server
        if isinstance(answer, Hang):
            return
        if isinstance(answer, Held):
            if not server.hold(self, request, answer):
                self.respond(request, answer.then)
            return
        if isinstance(answer, Reset):
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
            return
        if isinstance(answer, SlowBody):
            asyncio.get_running_loop().create_task(self.drip(request, answer.seconds))
            return
        server.in_flight += 1
        server.most_in_flight = max(server.most_in_flight, server.in_flight)
        if isinstance(answer, (Say, Status)) and answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self.finish, request, answer)
        else:
            self.finish(request, answer)

    def finish(self, request: Received, answer: Answer) -> None:
        self.server.in_flight -= 1
        if isinstance(answer, Say):
            self.send(200, completion(request, answer), answer.headers)
        elif isinstance(answer, Status):
            self.send(answer.status, answer.body, answer.headers)
        elif isinstance(answer, CutBody):
            content = answer.content or json.dumps(completion(request, Say())).encode()
            self.transport.write(_head(200, len(content), {}) + content[: len(content) // 2])
            self.transport.close()
        elif isinstance(answer, BrokenJson):
            self.transport.write(_head(200, 12, {}) + b'{"choices": ')

    async def drip(self, request: Received, seconds: float) -> None:
        content = json.dumps(completion(request, Say())).encode()
        self.transport.write(_head(200, len(content), {}))
        for byte in content:
            if self.transport.is_closing():
                return
            self.transport.write(bytes([byte]))
            await asyncio.sleep(seconds)

    def send(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        if not self.transport.is_closing():
            self.transport.write(_head(status, len(content), headers) + content)
            self.server.answered += 1


def _head(status: int, length: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def completion(request: Received, answer: Say) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text}
    if answer.refusal is not None:
        message["refusal"] = answer.refusal
    return {
        "id": f"chatcmpl-{request.number}",
        "object": "chat.completion",
        "created": 1,
        "model": answer.model or request.body.get("model"),
        "system_fingerprint": "fp_test",
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": answer.usage
        and {**answer.usage, "total_tokens": sum(count for count in answer.usage.values() if isinstance(count, int))},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--failing", type=float, default=0.0)
    options = parser.parse_args()
    answer = Say(delay=options.delay)
    chosen = failing(options.failing, answer=answer) if options.failing else answer
    with OpenAIServer(chosen, keep=False) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
