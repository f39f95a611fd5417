"""Tokens counted for real, without a network; and what happens where they cannot be."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_bank import Command

from samp_eval.run.cost import tokens
from samp_eval.run.cost.tokens import token_counter

tiktoken = pytest.importorskip("tiktoken", reason="the extra tokens is not installed")


@pytest.fixture(autouse=True)
def encodings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "encodings"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    monkeypatch.setattr(tokens, "SECONDS_TO_LOAD", 900.0)
    tiktoken.registry.ENCODINGS.clear()
    yield folder
    tiktoken.registry.ENCODINGS.clear()


@pytest.mark.parametrize(
    ("model", "encoding", "text", "number"),
    [
        ("gpt-4", "cl100k_base", "antidisestablishmentarianism", 6),
        ("gpt-3.5-turbo-0613", "cl100k_base", "2 + 2 = 4", 7),
        ("gpt-4o", "o200k_base", "お誕生日おめでとう", 8),
        ("gpt-5-mini", "o200k_base", "2 + 2 = 4", 7),
    ],
)
def test_tokens_are_tiktokens_own(model: str, encoding: str, text: str, number: int) -> None:
    """The numbers stand in OpenAI's cookbook."""
    counter = token_counter(model)
    assert counter.exact
    assert encoding in counter.how
    assert counter.count([{"role": "user", "content": text}]) == number + 4 + 3


def test_an_unknown_model_is_estimated() -> None:
    counter = token_counter("llama-3.1-8b")
    assert not counter.exact
    assert "estimate" in counter.how
    assert counter.count([{"role": "user", "content": "x" * 400}]) == 108


def test_without_tiktoken_an_estimate_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken.model", None)
    counter = token_counter("gpt-4")
    assert not counter.exact
    assert ".[tokens]" in counter.how


def test_a_network_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, encodings: Path) -> None:
    """Without the carried encodings tiktoken would fetch one, with no time-out of its own."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setattr(tokens, "_CARRIED", ())
        monkeypatch.setattr(tokens, "SECONDS_TO_FETCH", 0.3)
        counter = token_counter("gpt-4")  # comes back, though nobody has answered yet
        silent.accept()[0].close()
    assert not counter.exact
    assert "cannot be fetched" in counter.how


def test_a_network_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(tokens, "_CARRIED", ())
    assert not token_counter("gpt-4").exact


def test_a_spoilt_file_is_not_counted_with(monkeypatch: pytest.MonkeyPatch, encodings: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert token_counter("gpt-4").exact
    tiktoken.registry.ENCODINGS.clear()
    for file in encodings.iterdir():
        file.write_bytes(file.read_bytes()[:-10])
    assert not token_counter("gpt-4").exact
    assert token_counter("gpt-4").exact


def test_a_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "file" / "x"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert not token_counter("gpt-4").exact


def test_a_dry_run_says_how_it_counted(command: Command, bank: Path) -> None:
    arguments = ["run", "--items", str(bank), "--base-url", "http://127.0.0.1:9/v1", "--rounds", "1", "--dry-run"]
    code, _, err = command(*arguments, "--model", "gpt-4", "--model", "gpt-4o", "--model", "mine")
    assert code == 0
    assert "tokens in, gpt-4: tiktoken (cl100k_base)" in err
    assert "tokens in, gpt-4o: tiktoken (o200k_base)" in err
    assert "tokens in, mine: an estimate" in err
