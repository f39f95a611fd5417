"""Let griffe read our numpydoc types: it takes a shape for a call, and the first of a choice for the default."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

CHOICE = re.compile(r"(?<= : )\{(.+)\}(?=, optional|$)", re.MULTILINE)
REFERENCES = re.compile(r"(?<=References\n----------\n).*", re.DOTALL)


class Numpydoc(Extension):
    """Rewrites docstrings before they are parsed."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring:
            obj.docstring.value = readable(obj.docstring.value)


def readable(text: str) -> str:
    """A docstring with shapes and choices in words, roles as code, and one paragraph for each reference."""
    text = re.sub(r"(?<= : )(\w+), shape \(", r"\1 of shape (", text)
    text = CHOICE.sub(lambda found: " or ".join(found.group(1).split(", ")), text)
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", text)
    return REFERENCES.sub(lambda found: re.sub(r"\.\n(?=\S)", ".\n\n", found.group()), text)
