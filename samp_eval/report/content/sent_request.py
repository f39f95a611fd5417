"""A sent request in readable form: first the messages, then the settings."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["readable_request"]


def readable_request(body: str) -> str:
    """The messages of a chat request word for word, each below its role, then all other fields in one line.

    A body that is not a chat request is returned unchanged.
    """
    try:
        sent = json.loads(body)
        messages = [f"[{message['role']}]\n{_readable(message['content'])}" for message in sent["messages"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return body
    settings = {name: value for name, value in sent.items() if name != "messages"}
    return "\n\n".join([*messages, json.dumps(settings, ensure_ascii=False, sort_keys=True)])


def _readable(content: Any) -> str:
    """A message's text, and behind it what stands for its pictures."""
    if isinstance(content, str):
        return content
    parts = (part.get("text") or f"[{part['image_url']['url']}]" for part in content)
    return "\n".join(str(part) for part in parts)
