"""Personal links: a random token for each reviewer, kept with the study so that a link outlives the server."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from samp_eval.errors import CannotStore, Fault, FaultyFile

__all__ = ["LINKS_FILE", "personal_links", "reviewer_for_token"]

LINKS_FILE = "review-links.json"


def personal_links(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Token by reviewer for these names; new ones are drawn and kept, readable by the owner only.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    FaultyFile
        Where it was changed into something else.
    """
    file = folder / LINKS_FILE
    held = _held(file)
    new = {name: secrets.token_urlsafe(24) for name in names if name not in held}
    if new:
        held |= new
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as target:
                json.dump(held, target, indent=2, ensure_ascii=False)
        except OSError as error:
            raise CannotStore(f"{file} cannot be written: {error.strerror}") from error
    return {name: held[name] for name in names}


def reviewer_for_token(token: str, links: Mapping[str, str]) -> str | None:
    """The reviewer whose token this is; compared in constant time."""
    found = None
    for name, held in links.items():
        if hmac.compare_digest(token.encode(), held.encode()):
            found = name
    return found


def _held(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FaultyFile([Fault(str(file), "", f"cannot be read ({error}); remove it to draw new links")]) from error
    if not isinstance(content, dict) or not all(
        isinstance(token, str) and len(token) >= 16 for token in content.values()
    ):
        raise FaultyFile([Fault(str(file), "", "does not hold links by reviewer; remove it to draw new ones")])
    return {str(name): token for name, token in content.items()}
