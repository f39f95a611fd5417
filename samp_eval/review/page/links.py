"""Personal links: a random token for each reviewer, kept with the study so that a link outlives the server."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from samp_eval.errors import Fault, FaultyFile
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_SETTINGS_BYTES, UnreadableFile, read_bytes
from samp_eval.whole_files import whole_file

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
        with whole_file(file, private=True) as unfinished:
            unfinished.write_text(json.dumps(held, indent=2, ensure_ascii=False), encoding="utf-8")
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
        content = parse_json(read_bytes(file, MAX_SETTINGS_BYTES))
    except UnreadableFile as error:
        raise FaultyFile([Fault(str(file), "", f"{error}; remove it to draw new links")]) from error
    if not isinstance(content, dict) or not all(
        isinstance(token, str) and len(token) >= 16 for token in content.values()
    ):
        raise FaultyFile([Fault(str(file), "", "does not hold links by reviewer; remove it to draw new ones")])
    return {str(name): token for name, token in content.items()}
