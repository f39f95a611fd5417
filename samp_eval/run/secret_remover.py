"""Secrets out of whatever is kept or shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["SecretRemover"]

REMOVED = "[key removed]"
SHORTEST = 8

_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*\-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)


class SecretRemover:
    """Takes keys and secret headers out of texts.

    Parameters
    ----------
    secrets : iterable of str
        A placeholder of under eight characters is no secret, unless it begins like a key.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        real = {secret for secret in secrets if len(secret) >= SHORTEST or secret.startswith("sk-")}
        forms = {form for secret in real for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""))}
        self._forms = sorted(forms, key=len, reverse=True)

    def exactly(self, text: str) -> str:
        """The text without the secrets, as they are or as JSON and addresses write them; nothing else is touched."""
        for form in self._forms:
            text = text.replace(form, REMOVED)
        return text

    def anything_alike(self, text: str) -> str:
        """The text without the secrets, and without anything that looks like one: for messages."""
        return _LOOKS_LIKE_A_KEY.sub(REMOVED, self.exactly(text))
