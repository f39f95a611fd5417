"""Serve a page for reviewers on a port of this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from samp_eval.errors import SampEvalError
from samp_eval.review.page.connections import BACKLOG, LimitedConnection

__all__ = ["PageServer", "is_loopback", "open_port"]


@dataclass(frozen=True, slots=True)
class PageServer:
    """A port that is ours, and what is served on it."""

    listening: socket.socket
    host: str
    links: Mapping[str, str]
    app: Callable[[Mapping[str, str], Sequence[str]], Starlette]
    """Makes the application from the links and the names of hosts under which it may be reached."""
    prepare: Callable[[], None] = lambda: None
    """Called before the port answers."""

    def addresses(self) -> dict[str, str]:
        """The personal link of each reviewer."""
        port = self.listening.getsockname()[1]
        shown = socket.gethostname() if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  # only compared
        shown = f"[{shown}]" if ":" in shown else shown
        return {name: f"http://{shown}:{port}/r/{token}/" for name, token in self.links.items()}

    def run(self, started: Callable[[], None]) -> None:
        """Serve until the process is interrupted; ``started`` is called once the port answers."""
        hosts = ["localhost", "127.0.0.1", "[::1]", self.host] if is_loopback(self.host) else ["*"]
        config = uvicorn.Config(
            self.app(self.links, hosts),
            http=LimitedConnection,
            ws="none",
            backlog=BACKLOG,
            log_level="error",  # of what a stranger sends, uvicorn would warn with a line each time
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        self.prepare()
        started()
        uvicorn.Server(config).run(sockets=[self.listening])


def open_port(host: str, port: int) -> socket.socket:
    """Bind a port; 0 takes any free one.

    Raises
    ------
    SampEvalError
        Where it is taken or the host is not this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        remedy = "give another one with --port" if port else "give another address with --host"
        raise SampEvalError(f"cannot serve on {host} port {port} ({error.strerror}); {remedy}") from error
    return listening


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
