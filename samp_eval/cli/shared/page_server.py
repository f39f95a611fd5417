"""Serving a page to reviewers until Ctrl-C, with a personal link for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import echo_status

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["HostOption", "PortOption", "page_installed", "serve_page"]

HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Address to serve on; the default is this machine only.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0 chooses a free one.")]


@contextmanager
def page_installed() -> Iterator[None]:
    """Say which part is missing where what serves pages is not installed."""
    from samp_eval.errors import NotInstalled

    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise NotInstalled("The marking page", "web") from error


def serve_page(
    study: Path,
    people: Sequence[str],
    host: str,
    port: int,
    app: Callable[[Mapping[str, str], Sequence[str]], Starlette],
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Serve a page until Ctrl-C.

    Parameters
    ----------
    study : Path
        Its folder keeps the links.
    people : sequence of str
        Labels of the reviewers who get one.
    host, port
    app : callable
        Makes the application.
    prepare : callable
        Called before the port answers.
    """
    from samp_eval.review.page.links import personal_links

    with page_installed():
        from samp_eval.review.page.serve import PageServer, is_loopback, open_port
    links = personal_links(study, people)
    server = PageServer(open_port(host, port), host, links, app, prepare)
    if not is_loopback(host):
        echo_status(
            "Warning: the page is reachable from the network, and its traffic is not encrypted. "
            "Anyone with a link can mark in that reviewer's name."
        )
    server.run(lambda: _print_links(server.addresses()))


def _print_links(addresses: Mapping[str, str]) -> None:
    for name, address in addresses.items():
        typer.echo(f"{name}: {address}")
    sys.stdout.flush()
    echo_status("Give each reviewer only their own link. Every mark is saved at once; Ctrl-C stops the page.")
