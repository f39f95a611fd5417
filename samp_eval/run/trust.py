"""What a study file has sent where, and whether this user has confirmed it.

A study folder may come from anyone. Its study.toml names servers, environment variables whose values go there, and the
files of a prompt, so before the first request the user confirms them. What was confirmed is remembered outside the
folder, under the hash of the study file: a changed file is shown again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samp_eval.endpoint import Endpoint, is_local, is_loopback, server_of
from samp_eval.errors import CannotAsk, CannotStore
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_SETTINGS_BYTES, UnreadableFile, read_bytes
from samp_eval.run.prompt import PROMPT_FILES
from samp_eval.run.providers.known_providers import known_provider
from samp_eval.study import STUDY_FILE, RespondentSettings, Study
from samp_eval.whole_files import whole_file

__all__ = ["Unconfirmed", "is_model_key", "state_folder", "unconfirmed"]

MEMORY_FILE = "trusted-studies.json"

_OTHER_SERVICES = """
ACCESS AMAZON AWS BITBUCKET CERT CI CLIENT COOKIE CREDENTIAL CREDENTIALS DATABASE DB DJANGO DOCKER ENCRYPTION GCP GH
GITHUB GITLAB GPG JWT KUBE KUBERNETES MONGO MYSQL NPM PASS PASSWD PASSWORD PEM PG PGP POSTGRES PRIVATE PYPI REDIS SECRET
SENDGRID SENTRY SESSION SIGNING SLACK SMTP SSH STORAGE STRIPE TERRAFORM TLS TWILIO TWINE VAULT
"""
"""Words in the names of variables that hold secrets of other services."""


def is_model_key(variable: str) -> bool:
    """Whether a variable's name is that of a model's key: it ends in KEY or TOKEN and names no other service."""
    words = re.split(r"[_\W]+", variable.upper())
    return words[-1] in ("KEY", "TOKEN", "APIKEY") and not set(_OTHER_SERVICES.split()) & set(words)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """What the user has to confirm before anything is sent.

    Attributes
    ----------
    shown : tuple of str
        Servers, variables with their server, and files of prompts, a line each.
    foreign_variables : tuple of str
        Variables whose names are no model keys; each has to be confirmed by its name.
    """

    folder: Path
    shown: tuple[str, ...]
    foreign_variables: tuple[str, ...]

    def message(self) -> str:
        """What to confirm and how, for where nobody can be asked."""
        lines = "\n".join(f"  {line}" for line in self.shown)
        named = "".join(f" --trust-variable {variable}" for variable in self.foreign_variables)
        warning = (
            f"{', '.join(self.foreign_variables)} does not look like the key of a model; confirm it by its name only "
            "if you know why it is sent\n"
        )
        return (
            f"this run would send to places that you have not confirmed yet:\n{lines}\n"
            f"{warning if named else ''}If you trust this study, run the same command with --trust{named}"
        )

    def confirm(self, named_variables: Iterable[str]) -> bool:
        """Remember that the user trusts all of this; False if it cannot be stored and holds for this run only.

        Raises
        ------
        CannotAsk
            Where a variable that is no model key was not named.
        """
        if not set(self.foreign_variables) <= set(named_variables):
            raise CannotAsk(self.message())
        memory = _memory()
        memory[_study_hash(self.folder)] = {
            "confirmed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "confirmed": sorted({*_confirmed(self.folder), *self.shown}),
        }
        try:
            with whole_file(state_folder() / MEMORY_FILE) as file:
                file.write_text(json.dumps(memory, indent=1, ensure_ascii=False), encoding="utf-8")
        except CannotStore:
            return False
        return True


def unconfirmed(
    folder: Path, study: Study, respondents: Sequence[RespondentSettings], given: Mapping[str, str]
) -> Unconfirmed | None:
    """What of a run the user has not confirmed; None if there is nothing.

    Servers on this machine, and known providers with a variable that commonly holds their key, need no confirmation
    unless anyone can rent a host there; nor does what the user typed, except for plain http to another machine.

    Parameters
    ----------
    respondents : sequence of RespondentSettings
        Who is asked, with the address of each.
    given : mapping
        ``base_url`` and ``api_key_env`` of the command line.
    """
    asked = [settings for settings in respondents if not is_local(settings.model)]
    needed = {line for settings in asked for line, _ in _to_confirm(settings, study, given)}
    if not needed or needed <= _confirmed(folder):
        return None
    whole_study = [*asked, *(_with_endpoint(settings, study) for settings in study.respondents)]
    found = [entry for settings in whole_study for entry in _to_confirm(settings, study, given)]
    foreign = [variable for _, variable in found if variable is not None]
    lines = [*(line for line, _ in found), *_prompt_files(folder, study, asked)]
    return Unconfirmed(folder, tuple(dict.fromkeys(lines)), tuple(dict.fromkeys(foreign)))


def _with_endpoint(settings: RespondentSettings, study: Study) -> RespondentSettings:
    endpoint = study.endpoint(settings.endpoint)
    fields = {**endpoint.model_dump(exclude_unset=True), **settings.model_dump(exclude_unset=True), "endpoint": None}
    return RespondentSettings.model_validate(fields)


def _to_confirm(
    settings: RespondentSettings, study: Study, given: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """Lines to confirm; beside each the variable in it that is no model key, if there is one."""
    if is_local(settings.model):
        return
    address, server = settings.base_url, server_of(settings.base_url)
    loopback = address is not None and is_loopback(address)
    provider = known_provider(address)
    anyones = provider is None or provider.rents_hosts
    if server.startswith("http://") and not loopback:
        yield f"server {server}, without encryption: anyone on the way can read what is sent, keys included", None
    elif not loopback and anyones and "base_url" not in given and address in _addresses(study):
        yield f"server {server}", None
    known = () if provider is None else provider.key_variables
    for variable in _variables(settings, given):
        foreign = not is_model_key(variable)
        if foreign or not (loopback or variable in known):
            yield f"variable {variable}, sent to {server}", variable if foreign else None


def _variables(settings: Endpoint, given: Mapping[str, str]) -> list[str]:
    """Variables that the study file names, not the user."""
    key = [settings.api_key_env] if "api_key_env" in settings.model_fields_set and "api_key_env" not in given else []
    return [*key, *settings.headers_env.values()]


def _addresses(study: Study) -> set[str]:
    places: list[Endpoint] = [*study.endpoints.values(), *study.respondents]
    return {place.base_url.rstrip("/") for place in places if place.base_url}


def _prompt_files(folder: Path, study: Study, asked: Sequence[RespondentSettings]) -> Iterator[str]:
    for name in dict.fromkeys(settings.prompt or study.prompt for settings in asked):
        for file in PROMPT_FILES if name is not None else ():
            if (folder / str(name) / file).exists():
                yield f"prompt file {Path(str(name)) / file}"


# What was confirmed before --------------------------------------------------------------------------------------------


def state_folder() -> Path:
    """Where this user's confirmations are kept: ``SAMP_EVAL_STATE_DIR``, or the system's place for such things."""
    chosen = os.environ.get("SAMP_EVAL_STATE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "samp-eval"


def _study_hash(folder: Path) -> str:
    """Of the study file; of its absence where all was typed."""
    try:
        content = read_bytes(folder / STUDY_FILE, MAX_SETTINGS_BYTES)
    except UnreadableFile:
        content = b""
    return hashlib.sha256(content).hexdigest()


def _confirmed(folder: Path) -> set[str]:
    entry = _memory().get(_study_hash(folder))
    lines = entry.get("confirmed") if isinstance(entry, dict) else None
    return {line for line in lines if isinstance(line, str)} if isinstance(lines, list) else set()


def _memory() -> dict[str, Any]:
    """All that was confirmed; nothing if the file is missing or damaged, so that it is asked again."""
    try:
        found = parse_json(read_bytes(state_folder() / MEMORY_FILE, 10 * MAX_SETTINGS_BYTES))
    except UnreadableFile:
        return {}
    return found if isinstance(found, dict) else {}
