"""Connections of the marking page: those that say nothing keep nobody out, and those that never end are ended."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from serving import ServedPage
from test_marking_page import give, mark, send, work

from samp_eval.review.page import connections

IDLE = 1100
SLOW = """
import samp_eval.review.page.connections as connections
connections.REQUEST_SECONDS = 3.0
"""


@pytest.fixture
def page(study: Path) -> Iterator[ServedPage]:
    served = ServedPage(study, "--reviewer", "Ann", before=SLOW)
    yield served
    served.kill()


def connected(link: str, count: int) -> list[socket.socket]:
    address = urlsplit(link)
    return [socket.create_connection((address.hostname, address.port)) for _ in range(count)]


def is_closed(connection: socket.socket) -> bool:
    """Whether the server ends a connection."""
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(1) == b""
    return True


def send_for_ever(connection: socket.socket, content: bytes) -> None:
    while True:
        connection.sendall(content)


@pytest.mark.slow
def test_idle_connections_keep_nobody_out_and_fill_no_log(study: Path) -> None:
    served = ServedPage(study, "--reviewer", "Ann")
    try:
        row = work(served.links["Ann"])["rows"][0]["row"]
        idle = connected(served.links["Ann"], IDLE)
        assert send(served.links["Ann"])[0] == 200
        assert give(served.links["Ann"], mark(row, "key", "A"))[0]["value"] == "A"
        closed = [one for one in idle[: IDLE - connections.MOST_CONNECTIONS - connections.BACKLOG] if is_closed(one)]
        assert len(closed) == IDLE - connections.MOST_CONNECTIONS - connections.BACKLOG, "the oldest made room"
        for one in idle:
            one.close()
    finally:
        said = served.kill()
    assert len(said) < 1000


@pytest.mark.slow
def test_a_request_that_never_ends_is_ended(page: ServedPage) -> None:
    link = urlsplit(page.links["Ann"])
    begun = [
        b"",
        b"GET / HT",
        f"POST {link.path}marks HTTP/1.1\r\nhost: {link.netloc}\r\ncontent-type: application/json\r\n"
        "content-length: 1000\r\n\r\n[".encode(),
    ]
    opened = connected(page.links["Ann"], len(begun))
    for connection, first in zip(opened, begun, strict=True):
        connection.sendall(first)
    for connection, first in zip(opened, begun, strict=True):
        assert is_closed(connection), first
        connection.close()
    assert "Traceback" not in page.kill()


@pytest.mark.slow
def test_a_reader_that_takes_nothing_is_let_go(page: ServedPage) -> None:
    link = urlsplit(page.links["Ann"])
    request = f"GET {link.path}work HTTP/1.1\r\nhost: {link.netloc}\r\n\r\n".encode()
    (connection,) = connected(page.links["Ann"], 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with pytest.raises(ConnectionError):
        send_for_ever(connection, request)
    connection.close()
    assert send(page.links["Ann"])[0] == 200


def test_what_strangers_send_is_no_line_of_the_log(study: Path) -> None:
    served = ServedPage(study, "--reviewer", "Ann")
    for content in (
        b"\x16\x03\x01\x00\xf7",
        b"no HTTP at all\r\n\r\n",
        b"GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n",
    ):
        for connection in connected(served.links["Ann"], 20):
            connection.sendall(content)
            connection.close()
    assert send(served.links["Ann"])[0] == 200
    assert len(served.kill()) < 1000
